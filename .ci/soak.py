"""Which random examples of the property tests hold for hours? Rounds of them, each with a seed of its own, until the time is over.

A round that fails is repeated by its command, which is printed with its seed.
"""

import argparse
import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
TESTS = [
    f"tests/pipelines/sync/{name}.py"
    for name in ("test_histories", "test_same_people", "test_event_histories", "test_shared_ids", "test_lake_histories")
]
PASSING = re.compile(r"(\d+) passing")
RESULT = re.compile(r"^=* ?(\d+ (?:passed|failed).*?) in ", re.MULTILINE)


def main() -> int:
    """Run rounds; return 1 if an example failed, and leave the output of such rounds in the current folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=2.0)
    hours: float = parser.parse_args().hours
    end, number, examples, failed = time.monotonic() + hours * 3600, 0, 0, 0
    while time.monotonic() < end:
        number += 1
        seed = secrets.randbelow(2**32)
        command = [sys.executable, "-m", "pytest", "--numprocesses", "auto", f"--hypothesis-seed={seed}", *TESTS]
        ran = subprocess.run(
            [*command, "--hypothesis-show-statistics"],
            cwd=CHECKOUT,
            env={**os.environ, "HYPOTHESIS_PROFILE": "soak"},
            capture_output=True,
            text=True,
            check=False,
        )
        count = sum(map(int, PASSING.findall(ran.stdout)))
        examples += count
        print(
            f"Round {number}, seed {seed}: {''.join(RESULT.findall(ran.stdout)[-1:])}, {count:,} examples passed",
            flush=True,
        )
        if ran.returncode:
            failed += 1
            output = Path(f"soak-{seed}.txt")
            output.write_text(ran.stdout + ran.stderr, encoding="utf-8")
            print(f"  See {output}. Repeat it by: HYPOTHESIS_PROFILE=soak {' '.join(command[2:])}", flush=True)
    print(f"{number} rounds, {failed} of them failed; {examples:,} examples passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
