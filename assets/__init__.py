"""WHAT exists and when it is refreshed: the only package that imports Dagster."""

import sys

if sys.platform not in {"linux", "darwin"}:
    # Before any module that only these systems have; the lock of the warehouse needs fcntl.
    sys.stderr.write(
        f"clever-warehouse runs on Linux, macOS and the Windows Subsystem for Linux (WSL), not on {sys.platform}. "
        "On Windows, run it inside WSL.\n"
    )
    sys.exit(2)
