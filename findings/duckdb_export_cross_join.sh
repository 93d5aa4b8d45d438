#!/usr/bin/env bash
# DuckDB 1.5.5 (PyPI duckdb==1.5.5).
# Behavior: a table macro or view with `FROM a CROSS JOIN b LEFT JOIN c USING (k)` works, also after its file is closed and opened
# again. From then on its text is `FROM a , b LEFT JOIN c USING (k)`, in duckdb_functions(), duckdb_views() and EXPORT DATABASE. The
# comma binds less than the join, so `k` of `a` is out of reach, and IMPORT DATABASE fails.
# One would have guessed: the exported text of a definition means what the definition means.
# Who meets it: anyone who exports a database file whose macros or views join after a CROSS JOIN. Writing the CROSS JOIN last helps.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==1.5.5 2>/dev/null
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
import duckdb
folder = sys.argv[1]
with duckdb.connect(f"{folder}/first.duckdb") as first:
    first.execute("CREATE TABLE a AS SELECT 1 AS k; CREATE TABLE b AS SELECT 2 AS m; CREATE TABLE c AS SELECT 1 AS k, 3 AS n")
    first.execute("CREATE MACRO joined() AS TABLE SELECT k, m, n FROM a CROSS JOIN b LEFT JOIN c USING (k)")
with duckdb.connect(f"{folder}/first.duckdb") as first:
    print("DuckDB", duckdb.__version__)
    text = first.execute("SELECT macro_definition FROM duckdb_functions() WHERE function_name = 'joined'").fetchall()[0][0]
    print("text after the file was opened again:", text)
    print("called there:", first.execute("FROM joined()").fetchall())
    first.execute(f"EXPORT DATABASE '{folder}/export'")
second = duckdb.connect()
try:
    second.execute(f"IMPORT DATABASE '{folder}/export'")
except duckdb.BinderException as error:
    print("import:", str(error).splitlines()[0])
else:
    sys.exit("The behavior has changed.")
PYTHON
