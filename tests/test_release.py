"""What has to agree before a version is released: the tag, the version, and the newest entry of the changelog."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
SCRIPT = CHECKOUT / ".ci" / "release.py"
VERSION = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the version and the changelog of a release."""
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    (tmp_path / "CHANGELOG.md").write_text(
        f"# Changelog\n\n## [Unreleased]\n\n## [{VERSION}] - 2026-11-30\n\n- New.\n\n## [0.0.1] - 2026-01-01\n\n- Old.\n"
    )
    return tmp_path


def released(checkout: Path, *arguments: str) -> tuple[int, str, str]:
    """Run the script, and return its exit code, its output and its errors."""
    done = subprocess.run(
        [sys.executable, SCRIPT, *arguments], cwd=checkout, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_release_prints_the_newest_entry_of_the_changelog(checkout: Path) -> None:
    assert released(checkout, VERSION) == (0, "- New.\n", "")


def test_release_is_refused_when_the_tag_is_not_the_version(checkout: Path) -> None:
    code, out, err = released(checkout, "9.9.9")
    assert (code, out) == (1, "")
    assert err == f"The tag is 9.9.9, but the version in pyproject.toml is {VERSION}. Tag the commit with {VERSION}.\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"## [{VERSION}] - 2026-11-30", "## [0.0.2] - 2026-11-30"),
        (" - 2026-11-30", ""),
        (f"## [{VERSION}] - 2026-11-30\n\n- New.\n\n", ""),
    ],
    ids=["another version", "no date", "no entry"],
)
def test_release_is_refused_when_the_newest_entry_is_not_the_version(checkout: Path, old: str, new: str) -> None:
    changelog = checkout / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace(old, new, 1))
    code, _, err = released(checkout, VERSION)
    assert code == 1
    assert err.endswith(f"Write ## [{VERSION}] - YYYY-MM-DD.\n")


def test_release_is_refused_when_changes_are_unreleased(checkout: Path) -> None:
    changelog = checkout / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("## [Unreleased]\n", "## [Unreleased]\n\n- Newer.\n"))
    code, _, err = released(checkout, VERSION)
    assert code == 1
    assert err == f"CHANGELOG.md has changes under Unreleased. Move them below a heading for {VERSION}.\n"


def test_changelog_has_an_entry_with_a_date_for_the_version() -> None:
    entries = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1:]
    assert entries[0].startswith("[Unreleased]\n")
    assert entries[1].startswith(f"[{VERSION}] - 20")


def test_command_has_the_version_of_the_project() -> None:
    command = Path(sys.executable).with_name("clever-warehouse")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"clever-warehouse {VERSION}\n"
