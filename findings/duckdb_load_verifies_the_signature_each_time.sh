#!/usr/bin/env bash
# duckdb 1.5.5 with duckdb-extension-ducklake 1.5.5 and duckdb-extension-postgres-scanner 1.5.5 (PyPI), Python 3.
#
# LOAD verifies the signature of an extension in every new instance of DuckDB, by a hash over the whole file: 36 MB for ducklake, 42 MB for
# postgres_scanner. In a process that has loaded the same file before, LOAD costs as much as the first time.
#
# One would have guessed that a file that this process has verified and mapped already is not verified again.
#
# Who meets it: a service or test suite that opens a connection in memory per request or step and attaches a lake in it. A third of a second of
# processor time goes into each connection before anything is attached.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==1.5.5 duckdb-extension-ducklake==1.5.5 duckdb-extension-postgres-scanner==1.5.5
"$folder/venv/bin/python" - <<'PYTHON'
import importlib.util
import time
from pathlib import Path
from statistics import median

import duckdb

FILES = [
    next(Path(importlib.util.find_spec(f"duckdb_extension_{name}").submodule_search_locations[0]).rglob("*.duckdb_extension"))
    for name in ("ducklake", "postgres_scanner")
]


def cost() -> float:
    """Seconds of processor time that LOAD takes in a new instance."""
    with duckdb.connect() as connection:
        started = time.process_time()
        for file in FILES:
            connection.execute(f"LOAD '{file}'")
        return time.process_time() - started


first, *later = [cost() for _ in range(6)]
print(f"duckdb {duckdb.__version__}, {sum(file.stat().st_size for file in FILES) / 1e6:.0f} MB of extensions")
print(f"the first LOAD of both: {first:.3f} seconds; in five more instances: {', '.join(f'{each:.3f}' for each in later)}")
assert median(later) > first / 4, "LOAD no longer verifies a file that the process has verified"
PYTHON
