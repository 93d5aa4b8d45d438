#!/usr/bin/env bash
# DuckDB 1.3.2 beside 1.5.5 (PyPI duckdb==1.3.2, duckdb==1.5.5).
# Behavior: 1.5.5 writes a file with STORAGE_VERSION 'v1.3.0', which is there so that DuckDB 1.3 can read it. 1.3.2 opens the file
# without an error and finds NULL in every row of a text column that has any NULL (packed as DICT_FSST): count(s) is 0. With STORAGE_VERSION 'v1.2.0' it reads the column right. Files by 1.4.0 and 2.0.1 are the same.
# One would have guessed: the storage version of a release is read by that release, or refused.
# Who meets it: anyone who publishes a DuckDB file for readers of several versions and pins the oldest reader's storage version.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in 1.3.2 1.5.5; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version" 2>/dev/null
    "$folder/$version/bin/python" -c "import duckdb; print('DuckDB', duckdb.__version__)"
done
for storage in v1.3.0 v1.2.0; do
    "$folder/1.5.5/bin/python" - "$folder/$storage.duckdb" "$storage" <<'PYTHON'
import sys
import duckdb
connection = duckdb.connect()
connection.execute(f"ATTACH '{sys.argv[1]}' AS file (STORAGE_VERSION '{sys.argv[2]}')")
connection.execute("CREATE TABLE file.t AS SELECT CASE WHEN i % 5 > 0 THEN 'name ' || i END AS s FROM range(1000) AS r(i)")
PYTHON
done
read='import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True); print(c.execute("SELECT count(*), count(s), count(*) FILTER (s IS NULL) FROM t").fetchall()[0])'
old=$("$folder/1.3.2/bin/python" -c "$read" "$folder/v1.3.0.duckdb")
new=$("$folder/1.5.5/bin/python" -c "$read" "$folder/v1.3.0.duckdb")
older=$("$folder/1.3.2/bin/python" -c "$read" "$folder/v1.2.0.duckdb")
echo "rows, texts, NULLs of storage v1.3.0 in 1.5.5: $new"
echo "rows, texts, NULLs of storage v1.3.0 in 1.3.2: $old"
echo "rows, texts, NULLs of storage v1.2.0 in 1.3.2: $older"
[ "$new" = "(1000, 800, 200)" ] && [ "$older" = "(1000, 800, 200)" ] && [ "${old#(1000, 0, }" != "$old" ]
