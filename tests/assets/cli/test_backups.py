"""The commands backup and restore, as an operator uses them: what they say, what they ask, how they end."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from assets.cli.commands import command

if TYPE_CHECKING:
    from tests.conftest import Trial

Run = Callable[..., Result]


def test_backup_shows_the_file_its_receipt_and_that_it_is_not_encrypted(run: Run, trial: "Trial") -> None:
    trial.sync()
    result = run("backup", "mine.duckdb")
    assert result.exit_code == 0
    assert f"to {Path('mine.duckdb').resolve()} (" in result.output
    assert "Receipt: " in result.output
    assert "The backup is not encrypted" in result.output
    assert sorted(file.name for file in Path().iterdir()) == ["mine.duckdb", "mine.duckdb.receipt.json"]
    result = run("backup", "mine.duckdb")
    assert (result.exit_code, "exists already and was not changed" in result.output) == (2, True)


def test_backup_of_nothing_needs_attention(run: Run) -> None:
    result = run("backup", ".")
    assert (result.exit_code, "run `clever-warehouse sync` first" in result.output) == (1, True)


def test_restore_asks_before_it_replaces_and_says_how_to_take_it_back(run: Run, trial: "Trial") -> None:
    trial.sync()
    assert run("backup", "mine.duckdb").exit_code == 0
    trial.sandbox.remove(trial.person("contact"))
    trial.sync()
    result = run("restore", "mine.duckdb")
    assert (result.exit_code, "Use --replace to replace it" in result.output) == (2, True)
    for answer in ("n\n", ""):
        result = CliRunner().invoke(command, ["restore", "mine.duckdb", "--replace"], input=answer)
        assert (result.exit_code, "is unchanged" in result.output) == (2, True)
    assert trial.value("SELECT count(*) FROM users") == 39
    result = CliRunner().invoke(command, ["restore", "mine.duckdb", "--replace"], input="y\n")
    assert result.exit_code == 0
    assert trial.value("SELECT count(*) FROM users") == 40
    assert "`clever-warehouse rollback` restores it" in result.output
    assert run("rollback", "--yes").exit_code == 0
    assert trial.value("SELECT count(*) FROM users") == 39
    assert run("restore", "mine.duckdb", "--replace", "--yes").exit_code == 0
    assert "Rolled back or restored on" in run("status").output


def test_restore_on_an_empty_machine_needs_no_option_and_a_damaged_backup_needs_attention(
    run: Run, trial: "Trial", monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.sync()
    assert run("backup", "mine.duckdb").exit_code == 0
    monkeypatch.setenv("CLEVER_WAREHOUSE_DIR", "new/data")
    result = run("restore", "mine.duckdb")
    assert result.exit_code == 0
    assert "(verified as its receipt says)" in result.output
    assert run("status").exit_code == 0
    monkeypatch.setenv("CLEVER_WAREHOUSE_DIR", "other")
    Path("mine.duckdb").write_bytes(b"damaged")
    result = run("restore", "mine.duckdb")
    assert (result.exit_code, "is not the file that its receipt describes" in result.output) == (1, True)
    Path("mine.duckdb.receipt.json").unlink()
    assert run("restore", "mine.duckdb").exit_code == 2
    assert run("restore", "mine.duckdb", "--without-receipt").exit_code == 1
    assert not Path("other").exists()
