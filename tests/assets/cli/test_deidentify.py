"""The command deidentify, and the copies that a sync publishes if the settings ask for them."""

import json
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import Result

from pipelines.warehouse.database import open_database

if TYPE_CHECKING:
    from tests.conftest import Trial

Run = Callable[..., Result]


def _value(file: Path, query: str) -> Any:
    with closing(open_database(file, read_only=True)) as connection:
        ((value,),) = connection.execute(query).fetchall()
    return value


def test_command_writes_the_copy_and_says_where_and_how_small_its_groups_are(trial: "Trial", run: Run) -> None:
    trial.sync()
    result = run("deidentify")
    assert result.exit_code == 0, result.output
    copy = trial.folder / "warehouse_deidentified.duckdb"
    assert str(copy) in result.stdout.replace("\n", "")
    assert "school_id, grade, age" in result.stdout
    assert _value(copy, "SELECT count(*) FROM users") == trial.value("SELECT count(*) FROM users")
    key = trial.folder / "state" / "deidentification.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_text().strip() not in result.output


def test_json_has_the_file_and_the_groups_and_another_key_makes_other_pseudonyms(
    trial: "Trial", run: Run, tmp_path: Path
) -> None:
    trial.sync()
    found = []
    for number, options in enumerate((["--sensitive"], [], ["--new-key"])):
        place = tmp_path / f"copy{number}.duckdb"
        result = run("deidentify", "--json", "--to", str(place), *options)
        assert result.exit_code == 0, result.output
        document = json.loads(result.stdout)
        assert document["file"] == str(place)
        assert document["k_anonymity"][0]["quasi_identifiers"] == ["school_id", "grade"]
        found.append(_value(place, "SELECT min(user_id) FROM users"))
    assert found[0] == found[1] != found[2]
    assert _value(tmp_path / "copy0.duckdb", "SELECT count(gender) > 0 FROM students")


def test_command_says_what_is_missing(trial: "Trial", run: Run) -> None:
    result = run("deidentify")
    assert result.exit_code == 1
    assert "run `clever-warehouse sync` first" in result.stderr.replace("\n", " ")
    assert not (trial.folder / "state" / "deidentification.key").exists()


def test_sync_publishes_the_copies_that_the_settings_ask_for(
    trial: "Trial", run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEVER_DEIDENTIFIED", "with_sensitive")
    monkeypatch.setenv("CLEVER_PUBLISH_TIERS", "grades=public, directory=public+identifier")
    monkeypatch.setenv("CLEVER_PUBLISHED_MODE", "0444")
    assert run("sync").exit_code == 0
    trial.sandbox.add_person(trial.districts[0], ("student",))
    assert run("sync").exit_code == 0
    users = trial.value("SELECT count(*) FROM users")
    for name in ("deidentified", "grades", "directory"):
        copy = trial.folder / f"warehouse_{name}.duckdb"
        assert _value(copy, "SELECT count(*) FROM users") == users
        assert stat.S_IMODE(copy.stat().st_mode) == 0o444
    assert stat.S_IMODE(trial.warehouse.published.stat().st_mode) == 0o444
    assert _value(trial.folder / "warehouse_directory.duckdb", "SELECT count(last_name) FROM users") > 0
    assert _value(trial.folder / "warehouse_grades.duckdb", "SELECT count(last_name) FROM users") == 0


def test_copy_that_cannot_be_made_is_said_and_the_sync_is_published(
    trial: "Trial", run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text("no key")
    key.chmod(0o600)
    monkeypatch.setenv("CLEVER_DEIDENTIFIED", "yes")
    monkeypatch.setenv("CLEVER_DEIDENTIFICATION_KEY_FILE", str(key))
    result = run("sync")
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert "A copy of the published file could not be made" in said
    assert "holds no key" in said
    assert trial.wrong() == []
    assert not (trial.folder / "warehouse_deidentified.duckdb").exists()
