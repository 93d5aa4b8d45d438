"""The command purge: what it asks and says, what it removes of Dagster's, and that a sync ends one that was interrupted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import Result

from assets import instance
from pipelines import interruption
from pipelines.operations.purge import purge
from pipelines.progress import silent
from pipelines.warehouse import Warehouse
from pipelines.warehouse.erasing import USER, Subject

if TYPE_CHECKING:
    from tests.conftest import Trial

Run = Callable[..., Result]


def _said(result: Result) -> str:
    return " ".join(result.output.split())


def _names(folder: Path, value: str) -> list[str]:
    """The files of a folder that hold a value in clear."""
    return [file.name for file in folder.rglob("*") if file.is_file() and value.encode() in file.read_bytes()]


def test_person_is_removed_from_the_warehouse_and_from_dagster(trial: "Trial", run: Run) -> None:
    assert run("sync").exit_code == 0
    assert run("sync").exit_code == 0
    student = trial.person("student")
    with instance.opened() as opened:
        naming, other = (each.run_id for each in opened.get_runs())
        opened.add_run_tags(naming, {"about": student})
    result = run("purge", "--user", student, "--yes")
    assert result.exit_code == 0, result.output
    said = _said(result)
    assert "Clever shows this person: the next full sync brings the person back unless you use --block." in said
    assert "This cannot be undone." in said
    assert "1 Dagster runs" in said
    assert "nothing is left" in said
    with instance.opened() as opened:
        assert [each.run_id for each in opened.get_runs()] == [other]
    assert _names(trial.folder, student) == []
    assert trial.value("SELECT count(*) FROM sync.purges") == 1


def test_receipt_is_shown_as_json_and_a_block_lasts(trial: "Trial", run: Run) -> None:
    trial.sync()
    student = trial.person("student")
    result = run("purge", "--user", student, "--block", "--yes", "--json")
    assert result.exit_code == 0, result.output
    receipt = json.loads(result.stdout)
    assert receipt["kind"] == "user"
    assert receipt["is_blocked"] is True
    assert receipt["rows"] == sum(receipt["rows_by_table"].values()) > 0
    assert student not in result.stdout
    assert run("sync").exit_code == 0
    assert trial.value("SELECT count(*) FROM users WHERE user_id = ?", student) == 0
    assert _names(trial.folder, student) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name whom to remove"),
        (["--user", "5" * 24, "--district", "6" * 24], "Name whom to remove"),
        (["--user", "5" * 24, "--resume"], "Name whom to remove"),
        (["--district", "6" * 24, "--block"], "--block is for a person"),
        (["--user", "somebody", "--block"], "24 hexadecimal digits"),
        (["--user", "5" * 24], "there is no terminal to ask in"),
    ],
)
def test_wrong_usage_is_a_sentence_and_removes_nothing(
    trial: "Trial", run: Run, arguments: list[str], said: str
) -> None:
    result = run("purge", *arguments)
    assert result.exit_code == 2
    assert said in _said(result)
    assert not trial.folder.joinpath("purges").exists()


def test_unknown_person_is_said(trial: "Trial", run: Run) -> None:
    trial.sync()
    result = run("purge", "--user", "5" * 24, "--yes")
    assert result.exit_code == 1
    assert "so nothing was changed" in _said(result)


def test_connected_district_is_warned_of_and_removed(trial: "Trial", run: Run) -> None:
    assert run("sync").exit_code == 0
    result = run("purge", "--district", trial.districts[0], "--yes")
    assert result.exit_code == 0, result.output
    assert "The district is connected: the next sync brings it back." in _said(result)
    assert trial.rows("FROM users_history") == []
    with instance.opened() as opened:
        assert [*opened.get_dynamic_partitions("district")] == []


def test_sync_ends_a_purge_that_was_interrupted(trial: "Trial", run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise interruption.Interrupted(15, "on purpose")

    trial.sync()
    student = trial.person("student")
    with monkeypatch.context() as patch:
        patch.setattr(Warehouse, "purge_kept", broken)
        with pytest.raises(interruption.Interrupted):
            purge(trial.warehouse, Subject(USER, student), silent, is_blocked=True)
    result = run("sync")
    assert result.exit_code == 0, result.output
    assert "A purge was interrupted" in _said(result)
    assert _names(trial.folder, student) == []
    result = run("purge", "--resume")
    assert result.exit_code == 0
    assert "No purge was interrupted." in _said(result)


def test_purge_that_cannot_end_does_not_keep_districts_from_being_synced(trial: "Trial", run: Run) -> None:
    trial.sync()
    student = trial.person("student")
    copy = trial.folder / "notes.txt"
    copy.write_text(student)
    assert run("purge", "--user", student, "--block", "--yes").exit_code == 1
    added = trial.sandbox.add_person(trial.districts[0], ("student",))
    result = run("sync")
    assert result.exit_code == 0, result.output
    assert trial.value("SELECT count(*) FROM users WHERE user_id = ?", added) == 1
    copy.unlink()
    result = run("purge", "--resume")
    assert result.exit_code == 0, result.output
    assert _names(trial.folder, student) == []
