#!/usr/bin/env bash
# DuckDB 1.5.5 and 2.0.1 (PyPI duckdb==1.5.5, duckdb==2.0.1).
# Behavior: a file has a table main.people, and two views that read "people": one in schema main, one in schema reports. From another
# database that attaches the file and has a table people of its own, the view in main reads the file's table, the view in reports
# silently reads the caller's. With no such table at the caller's it fails. Written as main.people in the view, both read the file's.
# One would have guessed: a view always reads the tables of the database that it is stored in.
# Who meets it: anyone who publishes a DuckDB file with views in several schemas for others to attach.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in 1.5.5 2.0.1; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version" 2>/dev/null
    "$folder/$version/bin/python" - "$folder/$version.duckdb" <<'PYTHON'
import sys

import duckdb

print("DuckDB", duckdb.__version__)
with duckdb.connect(sys.argv[1]) as published:
    published.execute("CREATE TABLE people AS SELECT 'the file' AS owner; CREATE SCHEMA reports")
    published.execute("CREATE VIEW in_main AS FROM people; CREATE VIEW reports.in_reports AS FROM people")
    published.execute("CREATE VIEW reports.qualified AS FROM main.people")
caller = duckdb.connect()
caller.execute("CREATE TABLE people AS SELECT 'the caller' AS owner")
caller.execute(f"ATTACH '{sys.argv[1]}' AS published (READ_ONLY)")
views = ("published.in_main", "published.reports.in_reports", "published.reports.qualified")
owners = [caller.execute(f"SELECT owner FROM {view}").fetchone()[0] for view in views]
for view, owner in zip(views, owners):
    print(f"{view} reads the table of {owner}")
assert owners == ["the file", "the caller", "the file"], "the behavior is another"
PYTHON
done
