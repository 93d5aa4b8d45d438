"""An encrypted file is opened as docs/privacy.md says: by statements, in Python, and with SQLAlchemy."""

import contextlib
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import duckdb
import pytest

if TYPE_CHECKING:
    from tests.conftest import Trial

PAGE = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"
KEY_FILE = "/etc/clever/warehouse.key"
"""The key file that the page names."""


def _of_page(before: str, key_file: Path) -> str:
    """Return the indented block of the page that follows a text, with another key file."""
    text = PAGE.read_text(encoding="utf-8").split("\n### Open an encrypted file\n")[1]
    block = re.search(rf"{re.escape(before)}(?s:.*?)\n\n((?:(?:    [^\n]*)?\n)+)", text)
    assert block
    assert KEY_FILE in block[1]
    return dedent(block[1]).replace(KEY_FILE, str(key_file))


@pytest.fixture
def encrypted(trial: "Trial", tmp_path: Path) -> tuple[Path, int]:
    """Return a folder with data/warehouse.duckdb, and how many users it has."""
    trial.folder = tmp_path / "data"
    trial.key_file = tmp_path / "warehouse.key"
    trial.sync()
    return tmp_path, trial.value("SELECT count(*) FROM users")


def test_statements_of_the_page_open_the_file_for_any_client(
    encrypted: tuple[Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, users = encrypted
    monkeypatch.chdir(folder)
    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute(_of_page("In any client", folder / "warehouse.key"))
        assert connection.execute("SELECT count(*) FROM users").fetchall() == [(users,)]
        assert connection.execute("SELECT count(*) FROM users_as_of(now())").fetchall() == [(users,)]
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            connection.execute("DELETE FROM users")


@pytest.mark.parametrize(
    ("before", "query"),
    [
        ("In Python:", "print(connection.execute('SELECT count(*) FROM users').fetchall()[0][0])"),
        (
            "With SQLAlchemy",
            """
            from sqlalchemy import text

            with engine.connect() as opened:
                print(opened.execute(text("SELECT count(*) FROM users")).scalar())
            """,
        ),
    ],
    ids=["Python", "SQLAlchemy"],
)
def test_program_of_the_page_opens_the_file(encrypted: tuple[Path, int], before: str, query: str) -> None:
    folder, users = encrypted
    program = _of_page(before, folder / "warehouse.key") + dedent(query)
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout == f"{users}\n", done.stderr


def test_without_the_key_the_file_is_closed(encrypted: tuple[Path, int]) -> None:
    folder, _ = encrypted
    with pytest.raises(duckdb.CatalogException, match="without a key"):
        duckdb.connect(str(folder / "data" / "warehouse.duckdb"), read_only=True)
