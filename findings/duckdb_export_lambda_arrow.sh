#!/usr/bin/env bash
# DuckDB 1.5.5 and 2.0.1 (PyPI duckdb==1.5.5, duckdb==2.0.1).
# Behavior: a macro that was created with the keyword (`lambda x: ...`) by DuckDB 1.5.5 works in 2.0.1, also in a copy that 2.0.1 makes
# with COPY FROM DATABASE. EXPORT DATABASE of 2.0.1 writes its lambda with the old arrow (`x -> ...`), which IMPORT DATABASE of the same
# release refuses as deprecated.
# One would have guessed: a definition written in the new syntax is exported in the new syntax, at least by the release that wants it.
# Who meets it: anyone who moves a file of DuckDB 1.x to 2.x by EXPORT and IMPORT and has lambdas in macros or views.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in 1.5.5 2.0.1; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version" 2>/dev/null
done
"$folder/1.5.5/bin/python" - "$folder" <<'PYTHON'
import sys
import duckdb
with duckdb.connect(f"{sys.argv[1]}/first.duckdb") as first:
    first.execute("CREATE MACRO odd(numbers) AS list_filter(numbers, lambda x: x % 2 = 1)")
    print(duckdb.__version__, "original:", first.execute("SELECT odd([1, 2, 3])").fetchall())
PYTHON
"$folder/2.0.1/bin/python" - "$folder" <<'PYTHON'
import sys
import duckdb
folder = sys.argv[1]
with duckdb.connect(f"{folder}/first.duckdb") as first:
    print(duckdb.__version__, "original:", first.execute("SELECT odd([1, 2, 3])").fetchall())
    first.execute(f"ATTACH '{folder}/copy.duckdb' AS copy; COPY FROM DATABASE first TO copy; USE copy")
    print("copied:", first.execute("SELECT odd([1, 2, 3])").fetchall())
    first.execute(f"USE first; EXPORT DATABASE '{folder}/exported'")
exported = open(f"{folder}/exported/schema.sql").read().strip()
print("exported:", exported)
assert "x ->" in exported, "the export has another syntax"
with duckdb.connect(f"{folder}/second.duckdb") as second:
    try:
        second.execute(f"IMPORT DATABASE '{folder}/exported'")
    except duckdb.BinderException as error:
        print("imported:", str(error).splitlines()[0][:120])
    else:
        sys.exit("the export can be imported: the behavior has changed")
PYTHON
