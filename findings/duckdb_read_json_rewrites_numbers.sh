#!/usr/bin/env bash
# DuckDB 1.5.5 and 2.0.1 (PyPI duckdb==1.5.5, duckdb==2.0.1).
# Behavior: read_json into a column of type JSON (or VARCHAR) rewrites the numbers of an object: 1.10 becomes 1.1, 1e5 becomes 100000.0,
# and 0.1000000000000000055 becomes 0.1. Whole numbers stay, however many digits they have. read_ndjson_objects keeps all of it as it is in the file.
# One would have guessed: a column of type JSON holds the text of the file, as the same type does with read_ndjson_objects.
# Who meets it: anyone who keeps "the rest" of a record as JSON and later compares it with the source, or hashes it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf '{"id":"a","rest":{"version":1.10,"big":123456789012345678901234567890,"exponent":1e5,"long":0.1000000000000000055}}\n' >"$folder/records.ndjson"
for version in 1.5.5 2.0.1; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version" 2>/dev/null
    FILE="$folder/records.ndjson" "$folder/$version/bin/python" - <<'PYTHON'
import os

import duckdb

file = os.environ["FILE"]
print("DuckDB", duckdb.__version__)
typed = duckdb.execute(f"SELECT rest::VARCHAR FROM read_json('{file}', columns = {{id: 'VARCHAR', rest: 'JSON'}})").fetchone()[0]
whole = duckdb.execute(f"SELECT json::VARCHAR FROM read_ndjson_objects('{file}')").fetchone()[0]
print("read_json, column of type JSON:", typed)
print("read_ndjson_objects:           ", whole)
assert typed == '{"version":1.1,"big":123456789012345678901234567890,"exponent":100000.0,"long":0.1}', "the behavior is another"
sent = '{"version":1.10,"big":123456789012345678901234567890,"exponent":1e5,"long":0.1000000000000000055}'
assert whole == f'{{"id":"a","rest":{sent}}}', "the behavior is another"
PYTHON
done
