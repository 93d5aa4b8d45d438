"""May this tag be released? It must be the version of pyproject.toml and the newest entry of CHANGELOG.md.

Run as ``python .ci/release.py TAG`` in the checkout. Prints the entry, for the notes of the release.
"""

import re
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path


def notes(checkout: Path, tag: str) -> str:
    """Return the changelog entry of a tag.

    Raises:
        ValueError: The tag is not the version, or not the newest entry of the changelog.
    """
    version = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if tag != version:
        raise ValueError(
            f"The tag is {tag}, but the version in pyproject.toml is {version}. Tag the commit with {version}."
        )
    changelog = (checkout / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased, *entries = re.split(r"^## \[(?=[^U])", changelog.split("## [Unreleased]\n")[-1], flags=re.MULTILINE)
    if unreleased.strip():
        raise ValueError(f"CHANGELOG.md has changes under Unreleased. Move them below a heading for {version}.")
    heading, _, text = entries[0].partition("\n") if entries else ("", "", "")
    if not re.fullmatch(rf"{re.escape(version)}\] - \d{{4}}-\d{{2}}-\d{{2}}", heading):
        raise ValueError(
            f"The newest entry of CHANGELOG.md is not {version} with a date. Write ## [{version}] - YYYY-MM-DD."
        )
    return text.strip() + "\n"


def main(arguments: Sequence[str]) -> int:
    """Print the notes of a release; gives the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python .ci/release.py TAG\n")
        return 2
    try:
        sys.stdout.write(notes(Path.cwd(), arguments[0]))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
