"""The command rekey, and what other commands say when the folder is encrypted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest
from typer.testing import Result

from assets.definitions import build
from pipelines.warehouse.database import is_encrypted

if TYPE_CHECKING:
    from tests.conftest import Trial

Run = Callable[..., Result]


@pytest.fixture
def key_file(trial: "Trial", monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the key file that the settings name, which does not exist yet."""
    trial.key_file = tmp_path / "clever.key"
    monkeypatch.setenv("CLEVER_ENCRYPTION_KEY_FILE", str(trial.key_file))
    return trial.key_file


def _said(result: Result) -> str:
    return " ".join(result.output.split())


def test_sync_with_a_key_on_a_plain_warehouse_says_to_run_rekey_which_encrypts_it(
    trial: "Trial", run: Run, key_file: Path
) -> None:
    trial.key_file = None
    trial.sync()
    refused = run("sync")
    assert refused.exit_code == 1
    assert "run `clever-warehouse rekey`" in _said(refused)
    trial.key_file = key_file
    result = run("rekey")
    assert result.exit_code == 0, result.output
    assert f"The key is in {key_file}" in _said(result)
    digits = key_file.read_text().strip()
    assert digits not in result.output
    assert is_encrypted(trial.warehouse.published)
    synced = run("sync")
    assert synced.exit_code == 0, synced.output
    assert digits not in synced.output
    rotated = run("rekey", "--new-key")
    assert rotated.exit_code == 0, rotated.output
    assert "earlier backups need it" in _said(rotated)
    decrypted = run("rekey", "--decrypt")
    assert "Remove CLEVER_ENCRYPTION_KEY_FILE now" in _said(decrypted)
    assert is_encrypted(trial.warehouse.published) is False


def test_rekey_without_the_setting_or_with_both_options_is_wrong_usage(
    trial: "Trial", run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("rekey", "--new-key", "--decrypt").exit_code == 2
    result = run("rekey")
    assert result.exit_code == 2
    assert "CLEVER_ENCRYPTION_KEY_FILE is not set" in _said(result)


def test_reports_and_exports_need_a_place_and_say_that_they_are_plain(
    trial: "Trial", run: Run, key_file: Path, tmp_path: Path
) -> None:
    trial.sync()
    refused = run("export", "csv", "users")
    assert refused.exit_code == 2
    assert "not encrypted" in _said(refused)
    assert not (trial.folder / "exports").exists()
    result = run("export", "csv", "users", "--to", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert "users.csv is not encrypted." in _said(result)
    listed = tmp_path / "ids.csv"
    listed.write_text("id\n" + trial.value("SELECT min(legacy_id) FROM user_roles"))
    assert run("resolve", str(listed)).exit_code == 2
    resolved = run("resolve", str(listed), "--output", str(tmp_path / "resolved.csv"))
    assert resolved.exit_code == 0, resolved.output
    assert "resolved.csv is not encrypted." in _said(resolved)


def test_job_that_would_write_a_plain_report_in_the_folder_fails_with_a_sentence(
    trial: "Trial", run: Run, key_file: Path
) -> None:
    trial.sync()
    job = build().resolve_job_def("verify_legacy")
    config = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, run_config=config, raise_on_error=False)
    (failure,) = [event.step_failure_data.user_failure_data for event in result.all_events if event.is_step_failure]
    assert failure is not None
    assert (failure.description or "").startswith("A report is not encrypted")
    assert not (trial.folder / "reports").exists()


def test_commands_that_read_or_copy_work_as_on_a_plain_warehouse(
    trial: "Trial", run: Run, key_file: Path, tmp_path: Path
) -> None:
    assert run("sync").exit_code == 0
    assert run("status").exit_code == 0
    assert run("holds").exit_code == 0
    deidentified = run("deidentify", "--json")
    assert deidentified.exit_code == 0, deidentified.output
    assert is_encrypted(Path(json.loads(deidentified.stdout)["file"]))
    handed_out = run("deidentify", "--to", str(tmp_path / "copy.duckdb"))
    assert handed_out.exit_code == 0, handed_out.output
    assert "copy.duckdb is not encrypted." in _said(handed_out)
    assert is_encrypted(tmp_path / "copy.duckdb") is False
    backup = run("backup", str(tmp_path))
    assert f"The backup is encrypted with the key in {key_file}" in _said(backup)
    assert run("rollback", "--list").exit_code == 0


def test_nothing_of_a_person_is_in_any_byte_of_the_folder_with_dagsters_in_it(
    trial: "Trial", run: Run, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEVER_DEIDENTIFIED", "with_sensitive")
    monkeypatch.setenv("CLEVER_PUBLISH_TIERS", "directory=public+identifier")
    for number in range(2):
        trial.sandbox.change(trial.person("student", number), {"name.last": "Zebulonia"})
        assert run("sync").exit_code == 0
    people = {
        str(value).encode()
        for column in ("user_id", "email", "last_name")
        for (value,) in trial.rows(f"SELECT DISTINCT {column} FROM users WHERE length({column}) > 5")
    }
    assert len(people) > 80
    files = [file for file in trial.folder.rglob("*") if file.is_file()]
    assert {"warehouse_deidentified.duckdb", "warehouse_directory.duckdb", "report.html"} <= {
        file.name for file in files
    }
    assert [file for file in files if "dagster" in file.parts]
    content = {file: file.read_bytes() for file in files}
    assert [str(file) for file in files if any(each in content[file] for each in people)] == []


def test_doctor_says_whether_the_folder_is_encrypted_and_the_key_can_be_used(
    trial: "Trial", run: Run, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> tuple[str, str]:
        results = json.loads(run("doctor", "--json").stdout)["checks"]
        (one,) = (each for each in results if each["check"] == "encryption")
        return one["result"], one["found"]

    assert found() == ("pass", f"The first sync creates the key file {key_file}.")
    trial.sync()
    assert found()[0] == "pass"
    key_file.chmod(0o644)
    assert found()[0] == "fail"
    key_file.chmod(0o600)
    assert run("rekey", "--decrypt").exit_code == 0
    assert found() == (
        "fail",
        "CLEVER_ENCRYPTION_KEY_FILE is set, and 1 of 1 databases in the folder are plain.",
    )
    monkeypatch.delenv("CLEVER_ENCRYPTION_KEY_FILE")
    assert found()[0] == "pass"
