#!/usr/bin/env bash
# DuckDB 1.5.5 (PyPI duckdb==1.5.5, duckdb-extension-httpfs==1.5.5).
# Behavior: a database that was created with ENCRYPTION_KEY and STORAGE_VERSION 'v1.4.0', and is written to after an ATTACH that names only
# the key, has the storage version of the release afterwards, also where storage_compatibility_version is v1.4.0: an ATTACH that names
# 'v1.4.0' again is refused, because a storage version cannot be lowered. A plain database keeps its storage version.
# One would have guessed: writing to a file keeps its format, or the setting decides.
# Who meets it: anyone who pins the storage version of an encrypted file for older readers and names it only at its creation.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==1.5.5 duckdb-extension-httpfs==1.5.5 2>/dev/null
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from pathlib import Path
import duckdb

(httpfs,) = Path(duckdb.__file__).parents[1].glob("duckdb_extension_httpfs/extensions/*/httpfs.duckdb_extension")


def attach(file: str, *options: str, statement: str = "SELECT 1") -> str:
    with duckdb.connect(config={"storage_compatibility_version": "v1.4.0"}) as connection:
        connection.execute(f"LOAD '{httpfs}'")
        try:
            connection.execute(f"ATTACH '{sys.argv[1]}/{file}' AS file ({', '.join(options)})")
            connection.execute(statement)
        except duckdb.Error as error:
            return str(error).rpartition(": ")[2]
    return "opened"


found = {}
for file, key in (("encrypted", ["ENCRYPTION_KEY 'the key'"]), ("plain", [])):
    pinned = [*key, "STORAGE_VERSION 'v1.4.0'"]
    attach(file, *pinned, statement="CREATE TABLE file.t AS SELECT 1 AS i")
    before = attach(file, *pinned, statement="INSERT INTO file.t VALUES (2)")
    attach(file, *(key or ["TYPE duckdb"]), statement="INSERT INTO file.t VALUES (3)")
    found[file] = before, attach(file, *pinned)
    print(f"{file}: with v1.4.0 named each time {found[file][0]}; after one write without: {found[file][1]}")
assert found["plain"] == ("opened", "opened")
assert found["encrypted"][0] == "opened" and "cannot be lowered" in found["encrypted"][1]
PYTHON
