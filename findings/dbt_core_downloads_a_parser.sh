#!/usr/bin/env bash
# dbt-core 1.12.6 (PyPI dbt-core==1.12.6, dbt-core-experimental-parser==2.0.8; compared with dbt-core==1.11.16).
# Behavior: dbt-core 1.12 requires dbt-core-experimental-parser. Of its versions that 1.12.1 and later accept, PyPI has no wheels, only a
# small source package whose build downloads a wheel from github.com: `pip install dbt-core` fails where only PyPI, or a mirror of it, can
# be reached, and --require-hashes pins the downloader but not what it downloads. With --only-binary :all: pip installs 1.12.0 without
# saying why. dbt-core 1.11.16 needs nothing but wheels, and 1.12.6 parses and tests a project without the parser.
# One would have guessed: what is on PyPI is installed from PyPI.
# Who meets it: anyone who installs dbt behind a company's proxy, from a mirror, or from a lock with hashes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip() { "$folder/venv/bin/pip" "$@" --disable-pip-version-check; }
pip install --quiet --no-deps dbt-core==1.12.6 2>/dev/null
pip show dbt-core | grep -o 'dbt-core-experimental-parser'
if pip download --quiet --no-deps --only-binary :all: --dest "$folder" dbt-core-experimental-parser==2.0.8 2>/dev/null; then
    echo "the behavior is another: PyPI has a wheel of dbt-core-experimental-parser 2.0.8"
    exit 1
fi
echo "PyPI has no wheel of dbt-core-experimental-parser 2.0.8"
version() { pip install --dry-run --ignore-installed --only-binary :all: "$1" 2>/dev/null | grep -o 'dbt-core-[0-9][0-9.]*[0-9]'; }
newest=$(version 'dbt-core>=1.12,<1.13')
former=$(version dbt-core==1.11.16)
echo "with wheels alone: $newest for dbt-core>=1.12, and $former"
[ "$newest" = dbt-core-1.12.0 ] && [ "$former" = dbt-core-1.11.16 ]
