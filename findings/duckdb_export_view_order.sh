#!/usr/bin/env bash
# DuckDB 1.5.5 and 2.0.1 (PyPI duckdb==1.5.5, duckdb==2.0.1).
# Behavior: EXPORT DATABASE writes the views of a schema in the order of their names, whatever they read. So IMPORT DATABASE fails if a
# view reads a view whose name comes later.
# One would have guessed: an export can be imported, because what is read is written first. The same views work in the file.
# Who meets it: anyone who exports a database with views on views. It depends on the names, so renaming a view makes an export unusable.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in 1.5.5 2.0.1; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version" 2>/dev/null
    "$folder/$version/bin/python" - "$folder/export-$version" <<'PYTHON'
import sys
import duckdb

folder = sys.argv[1]
CASES = {
    "view on a view with an earlier name": ("CREATE VIEW a AS FROM t; CREATE VIEW z AS FROM a", True),
    "view on a view with a later name": ("CREATE VIEW z AS FROM t; CREATE VIEW a AS FROM z", False),
}
print("DuckDB", duckdb.__version__)
for number, (case, (definitions, is_imported)) in enumerate(CASES.items()):
    first, second = duckdb.connect(), duckdb.connect()
    first.execute(f"CREATE TABLE t AS SELECT 1 AS k; {definitions}; EXPORT DATABASE '{folder}-{number}'")
    try:
        second.execute(f"IMPORT DATABASE '{folder}-{number}'")
        said = "imported"
    except duckdb.CatalogException as error:
        said = str(error).splitlines()[0]
    print(f"{case}: {said}")
    if (said == "imported") != is_imported:
        sys.exit("The behavior has changed.")
PYTHON
done
