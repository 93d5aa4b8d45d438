"""What analysts use to read the published file: other releases of DuckDB, with no other package, and copies of the file."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb
import pytest

if TYPE_CHECKING:
    from tests.sql.conftest import Past

QUERIES = Path(__file__).parents[2] / "sql" / "queries"

BARE = [
    pytest.param(version, marks=[pytest.mark.search, pytest.mark.xdist_group(f"duckdb {version}")])
    for version in ("1.3.2", "1.4.*", "1.5.5", "2.0.1")
]
"""Releases of DuckDB, each in an environment of its own."""

COPIES = {
    "COPY FROM DATABASE": (
        "ATTACH '{file}' AS warehouse (READ_ONLY); ATTACH '{copy}' AS copy; COPY FROM DATABASE warehouse TO copy",
    ),
    "EXPORT DATABASE": (
        "ATTACH '{file}' AS warehouse (READ_ONLY); USE warehouse; EXPORT DATABASE '{copy}.parquet' (FORMAT parquet)",
        # A statement of its own, because DuckDB reads the exported files when it parses the text.
        "ATTACH '{copy}' AS copy; USE copy; IMPORT DATABASE '{copy}.parquet'",
    ),
}
"""The statements that copy a warehouse, by what they are called."""

EXECUTE = "import duckdb, sys; connection = duckdb.connect(); [connection.execute(each) for each in sys.argv[1:]]"

FETCH = "import duckdb, sys; duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2]).fetchall()"


def _run(python: str | Path, *arguments: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [python, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that makes an environment with one release of DuckDB and nothing else, once, and gives its Python."""
    made: dict[str, Path] = {}

    def make(version: str) -> Path:
        if version not in made:
            folder = tmp_path_factory.mktemp("bare")
            made[version] = folder / "bin" / "python"
            assert _run(sys.executable, "-m", "venv", folder).returncode == 0
            if _run(made[version], "-m", "pip", "install", "--no-deps", f"duckdb=={version}").returncode:
                pytest.skip(f"DuckDB {version} cannot be installed here: pip needs a network.")
        return made[version]

    return make


def _answers(python: str | Path, file: Path, folder: Path, queries: str | Path = QUERIES) -> dict[str, str]:
    """Ask a warehouse everything."""
    (folder / "my_users.csv").write_text("clever_id\n5f0000000000000000000000\n")
    done = _run(python, Path(__file__).with_name("answers.py"), file, queries, folder=folder)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def _copied(python: str | Path, how: str, file: Path, folder: Path) -> tuple[Path, str]:
    """Copy a warehouse, and give the copy and what went wrong."""
    copy = folder / f"{how}.duckdb"
    statements = [statement.format(file=file, copy=copy) for statement in COPIES[how]]
    return copy, _run(python, "-c", EXECUTE, *statements).stderr


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_of_the_published_file_answers_as_the_file_does(past: "Past", tmp_path: Path, how: str) -> None:
    copy, error = _copied(sys.executable, how, past.warehouse.published, tmp_path)
    assert error == ""
    assert _answers(sys.executable, copy, tmp_path) == _answers(sys.executable, past.warehouse.published, tmp_path)


def test_everything_can_be_asked(past: "Past", tmp_path: Path) -> None:
    answers = _answers(sys.executable, past.warehouse.published, tmp_path)
    assert {name: answer for name, answer in answers.items() if "Error" in answer} == {}
    assert {"main.users", "main.users_history", "users_as_of", "v3_user_id", "new_people_since.sql"} <= answers.keys()


def _foreign_answers(python: str | Path, file: Path, folder: Path) -> dict[str, str]:
    """Attach a warehouse to a database with tables of the same names, and give the answers that are not those of the warehouse."""
    expected = _answers(python, file, folder)
    answers = _answers(python, file, folder, "attached")
    assert answers.keys() == {name for name in expected if not name.endswith(".sql")}
    return {
        name: answer
        for name, answer in answers.items()
        if answer != expected[name] and not answer.startswith("CatalogException")
    }


def test_attached_file_reads_its_own_tables_or_fails(past: "Past", tmp_path: Path) -> None:
    found = _foreign_answers(sys.executable, past.warehouse.published, tmp_path)
    assert found == {}


@pytest.mark.parametrize("version", BARE)
def test_attached_file_reads_its_own_tables_or_fails_with_another_release_of_duckdb(
    past: "Past", bare: Callable[[str], Path], tmp_path: Path, version: str
) -> None:
    found = _foreign_answers(bare(version), past.warehouse.published, tmp_path)
    assert found == {}


def test_macros_answer_after_use_of_an_attached_file(past: "Past") -> None:
    file = past.warehouse.published
    query = "SELECT user_id, v3_user_id_as_of(legacy_id, now()) FROM user_roles_as_of(?) SEMI JOIN users_as_of(?) USING (user_id)"
    instants = [past.between_the_syncs] * 2
    with duckdb.connect(str(file), read_only=True) as connection:
        expected = sorted(connection.execute(query, instants).fetchall())
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE users AS SELECT 'theirs' AS user_id")
        connection.execute(f"ATTACH '{file}' AS wh (READ_ONLY)")
        connection.execute("USE wh")
        assert sorted(connection.execute(query, instants).fetchall()) == expected
    assert len(expected) == len(past.before.user_roles)


def test_as_of_reads_a_time_without_an_offset_in_the_time_zone_of_the_session(past: "Past") -> None:
    zone = "America/Chicago"
    local = past.between_the_syncs.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(sep=" ")
    count = "SELECT count(*) FROM users_as_of('{}')"
    with past.warehouse.reading() as connection:

        def people(session: str, instant: str) -> int:
            connection.execute(f"SET TimeZone = '{session}'")
            return int(connection.execute(count.format(instant)).fetchall()[0][0])

        assert people(zone, local) == len(past.before.users)
        assert people("UTC", local) == 0  # which is hours before the first sync
        assert people("UTC", f"{local} {zone}") == len(past.before.users)


def test_a_connection_shows_a_newer_file_once_the_process_has_closed_the_older_one(
    past: "Past", tmp_path: Path
) -> None:
    """What the dictionary says about notebooks."""
    file, newer = tmp_path / "warehouse.duckdb", tmp_path / "newer.duckdb"
    shutil.copy(past.warehouse.published, file)
    shutil.copy(past.warehouse.published, newer)
    newer.chmod(0o600)
    with duckdb.connect(str(newer)) as connection:
        connection.execute("DELETE FROM sync.runs")
    runs = "SELECT count(*) FROM sync.runs"
    warehouse = duckdb.connect(str(file), read_only=True)
    newer.replace(file)
    with duckdb.connect(str(file), read_only=True) as second:
        assert second.execute(runs).fetchall() == warehouse.execute(runs).fetchall() == [(4,)]
    warehouse.close()
    warehouse = duckdb.connect(str(file), read_only=True)
    assert warehouse.execute(runs).fetchall() == [(0,)]
    warehouse.close()


@pytest.mark.parametrize("version", BARE)
def test_another_release_of_duckdb_alone_answers_everything_with_the_same_rows(
    past: "Past", bare: Callable[[str], Path], tmp_path: Path, version: str
) -> None:
    file = past.warehouse.published
    expected = _answers(sys.executable, file, tmp_path)
    answers = _answers(bare(version), file, tmp_path)
    assert {name: answer for name, answer in answers.items() if answer != expected[name]} == {}
    assert answers.keys() == expected.keys()


@pytest.mark.parametrize("version", BARE)
def test_another_release_of_duckdb_copies_the_file_as_the_dictionary_says(
    past: "Past", bare: Callable[[str], Path], tmp_path: Path, version: str
) -> None:
    file = past.warehouse.published
    expected = _answers(bare(version), file, tmp_path)
    for how in COPIES:
        copy, error = _copied(bare(version), how, file, tmp_path)
        if how == "EXPORT DATABASE" and version.startswith("1.3"):
            assert "syntax error" in error  # it writes the key "check" without its quotes
        else:
            assert error == ""
            assert _answers(bare(version), copy, tmp_path) == expected


@pytest.mark.parametrize("version", BARE)
def test_python_gets_a_timestamp_as_the_dictionary_says(
    past: "Past", bare: Callable[[str], Path], version: str
) -> None:
    file = past.warehouse.published
    fetched = _run(bare(version), "-c", FETCH, file, "SELECT valid_from FROM users")
    assert (fetched.returncode == 0) == version.startswith("2"), fetched.stderr
    assert fetched.returncode == 0 or "pytz" in fetched.stderr
    for query in ("SELECT valid_from::VARCHAR FROM users", "SELECT valid_from AT TIME ZONE 'UTC' FROM users"):
        assert _run(bare(version), "-c", FETCH, file, query).returncode == 0
