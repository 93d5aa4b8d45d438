#!/usr/bin/env bash
# pytest 9.2.0 with pytest-xdist 3.8.0 (PyPI pytest==9.2.0, pytest-xdist==3.8.0; compared with pytest==9.1.1).
# Behavior: with --dist=loadgroup, tests that carry the same xdist_group run in one process under pytest 9.1.1. Under 9.2.0 the mark has
# no effect: the tests are spread over all processes, without a warning (upstream: pytest-dev/pytest-xdist issue 1386).
# One would have guessed: a minor release keeps the groups, or xdist says that it cannot.
# Who meets it: anyone whose tests share a server or go on from one another, and who installs the newest of both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/test_group.py" <<'PYTHON'
import pytest

@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("number", range(8))
def test_member(number, worker_id, record_property):
    record_property("worker", worker_id)
PYTHON
processes() {
    python3 -m venv "$folder/$1"
    "$folder/$1/bin/pip" install --quiet --disable-pip-version-check "pytest==$1" pytest-xdist==3.8.0 2>/dev/null
    "$folder/$1/bin/pytest" --quiet --numprocesses 2 --dist=loadgroup --junitxml "$folder/$1.xml" "$folder/test_group.py" >/dev/null
    grep -o 'name="worker" value="[a-z0-9]*"' "$folder/$1.xml" | sort -u | wc -l
}
before=$(processes 9.1.1)
after=$(processes 9.2.0)
echo "processes that run one group: pytest 9.1.1: $before, pytest 9.2.0: $after"
[ "$before" = 1 ] && [ "$after" = 2 ]
