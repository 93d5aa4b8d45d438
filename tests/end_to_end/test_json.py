"""What --json writes: one document on standard output, with keys that stay as they are, and nothing else there."""

import json
import re
from typing import TYPE_CHECKING, Any

from pipelines.sandbox import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Begin
    from tests.end_to_end.conftest import Terminal

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def instants(document: Any) -> list[str | None]:
    """Return the values of all keys that end in _at or as_of."""
    if isinstance(document, dict):
        own = [value for key, value in document.items() if key.endswith(("_at", "as_of"))]
        return own + [each for value in document.values() for each in instants(value)]
    return [each for value in document for each in instants(value)] if isinstance(document, list) else []


def test_every_command_that_shows_data_writes_one_json_document(
    terminal: "Terminal", begin: "Begin", tmp_path: "Path"
) -> None:
    with begin(districts=2, users=30) as trial:

        def shown(*arguments: str, code: int = 0, **more: str) -> dict[str, Any]:
            ended = terminal.run(*arguments, "--json", on=trial, given=more)
            assert ended.code == code, ended.err
            document = json.loads(ended.out)
            assert isinstance(document, dict)
            assert all(instant is None or INSTANT.fullmatch(instant) for instant in instants(document)), document
            return document

        first, second = trial.districts
        preview = shown("sync", "--preview")
        trial.sync()
        trial.sandbox.remove(trial.person("contact"))
        trial.sync()
        for student in trial.sandbox.roster(first).ids("student"):
            trial.sandbox.remove(student)
        trial.sandbox.inject(Status(403), district=second, stream="users")
        synced = shown("sync", code=1, CLEVER_HOLD_MIN_RECORDS="5")
        assert preview.keys() == synced.keys() == {"sync_id", "preview", "seconds", "districts", "failures"}
        assert preview["districts"][0].keys() == synced["districts"][0].keys()
        assert [(each["district_id"], each["outcome"]) for each in synced["districts"]] == [
            (first, "held"),
            (second, "failed"),
        ]
        assert "answered 403" in synced["districts"][1]["reason"]
        assert "1 of 2 districts were not updated" in synced["failures"][0]
        assert synced["districts"][0]["by_role"]["student"]["archived"] > 5

        status = shown("status", "--fail-if-older-than", "1d")
        (hold,) = shown("holds")["holds"]
        assert (hold["state"], hold["digest"]) == ("held", status["districts"][0]["hold_digest"])
        assert status["districts"][0]["people"]["student"] == hold["by_role"]["student"]["before"]
        (kept,) = shown("rollback", "--list")["kept_files"]
        assert kept["people"] == 60
        assert kept["undone"]["syncs"] == 1

        (legacy_id,) = trial.rows("SELECT min(legacy_id) FROM legacy_id_crosswalk WHERE is_current")[0]
        resolved = shown("resolve", legacy_id)
        assert (resolved["id"], resolved["is_resolved"]) == (legacy_id, True)
        (tmp_path / "ids.csv").write_text(f"id\n{legacy_id}\n{'f' * 24}\n")
        summary = shown("resolve", "ids.csv", code=1)
        assert (summary["ids"], summary["resolved"], summary["coverage_percent"]) == (2, 1, 50.0)
        assert shown("resolve", "ids.csv", "--merge-list", code=1)["people"] == 0
        (tmp_path / "migration.csv").write_text(f"role_id,user_id\n{'a' * 24},{'b' * 24}\n")
        imported = shown("import-migration", "migration.csv")
        (listed,) = shown("import-migration", "--list")["imports"]
        assert listed["import_id"] == imported["import_id"]
        assert listed["links"] == imported["links_added"] == 1
        assert shown("import-migration", "--take-back", listed["import_id"])["links_removed"] == 1
        verified = shown("verify-legacy", "--district", first)
        assert {each["role"] for each in verified["roles"]} >= {"student", "teacher"}
        (file,) = shown("export", "csv", "schools")["files"]
        assert file["rows"] == trial.value("SELECT count(*) FROM schools")
        backup = shown("backup", str(tmp_path / "backup.duckdb"))
        assert backup["rows"]["users"] == 59
