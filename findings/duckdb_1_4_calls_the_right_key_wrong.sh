#!/usr/bin/env bash
# DuckDB 1.4.5 and 2.0.1 beside 1.5.5 (PyPI duckdb==1.4.5, duckdb==1.5.5, duckdb==2.0.1, duckdb-extension-httpfs==1.5.5).
# Behavior: 1.5.5 encrypts a database with STORAGE_VERSION 'v1.4.0', which is there so that DuckDB 1.4 can read it. 1.4.5 refuses the
# file with the right key: "Wrong encryption key used to open the database file". 1.5.5 and 2.0.1 open it.
# One would have guessed: the storage version of a release is read by that release, and a key that is called wrong is wrong.
# Who meets it: anyone who gives an encrypted file to readers with DuckDB 1.4, and then looks for the mistake in the key.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in 1.4.5 1.5.5 2.0.1; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version" 2>/dev/null
done
"$folder/1.5.5/bin/pip" install --quiet --disable-pip-version-check duckdb-extension-httpfs==1.5.5 2>/dev/null
"$folder/1.5.5/bin/python" - "$folder" <<'PYTHON'
import sys
from pathlib import Path
import duckdb
connection = duckdb.connect()
(httpfs,) = Path(duckdb.__file__).parents[1].glob("duckdb_extension_httpfs/extensions/*/httpfs.duckdb_extension")
connection.execute(f"LOAD '{httpfs}'")
connection.execute(f"ATTACH '{sys.argv[1]}/file.duckdb' AS file (ENCRYPTION_KEY 'the key', STORAGE_VERSION 'v1.4.0')")
connection.execute("CREATE TABLE file.t AS SELECT 42 AS i")
PYTHON
read='
import sys, duckdb
try:
    connection = duckdb.connect()
    connection.execute(f"ATTACH {sys.argv[1]!r} AS file (READ_ONLY, ENCRYPTION_KEY {sys.argv[2]!r})")
    print(connection.execute("FROM file.t").fetchall())
except duckdb.Error as error:
    print(error)
'
said() { "$folder/$1/bin/python" -c "$read" "$folder/file.duckdb" "$2"; }
for version in 1.4.5 1.5.5 2.0.1; do
    echo "DuckDB $version with the right key: $(said "$version" "the key")"
done
echo "DuckDB 1.5.5 with another key: $(said 1.5.5 "another key")"
[ "$(said 1.5.5 "the key")" = "[(42,)]" ] && [ "$(said 2.0.1 "the key")" = "[(42,)]" ]
said 1.4.5 "the key" | grep -q "Wrong encryption key" && said 1.5.5 "another key" | grep -q "Wrong encryption key"
