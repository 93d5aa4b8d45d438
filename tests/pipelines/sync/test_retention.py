"""How long history and landings are kept, and that no ID is forgotten by it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.sync import Limits, LimitsByDistrict
from pipelines.warehouse import Warehouse
from tests.expected.identity_answers import recomputed_differences

if TYPE_CHECKING:
    import pytest

    from tests.conftest import Begin, Trial

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)


def _keeping(
    trial: "Trial", patch: "pytest.MonkeyPatch", *, history_days: int = 0, keeps_landings: bool = True
) -> None:
    """Let the warehouse of a trial keep history or landings otherwise."""

    def warehouse(of: "Trial") -> Warehouse:
        return Warehouse(of.folder, clock=of.clock, history_days=history_days, keeps_landings=keeps_landings)

    patch.setattr(type(trial), "warehouse", property(warehouse))


def _on(trial: "Trial", day: int) -> None:
    trial.clock = partial(_same, BEGIN + timedelta(days=day))
    trial.sync()


def _same(instant: datetime) -> datetime:
    return instant


def test_past_versions_end_with_the_days_of_history_and_the_gone_keep_nothing_but_ids(
    begin: "Begin", monkeypatch: "pytest.MonkeyPatch", tmp_path: Path
) -> None:
    with begin(users=40) as trial:
        _keeping(trial, monkeypatch, history_days=30)
        gone, renamed, returns = (trial.person("student", number) for number in range(3))
        _on(trial, 0)
        first_seen = trial.value("SELECT first_seen_at FROM users WHERE user_id = ?", returns)
        trial.sandbox.change(renamed, {"name.last": "Zebulonia"})
        trial.sandbox.remove(gone)
        trial.sandbox.remove(returns)
        _on(trial, 1)
        trial.sandbox.change(renamed, {"name.last": "Quixotica"})
        _on(trial, 20)
        versions = "SELECT last_name FROM users_history WHERE user_id = ? ORDER BY valid_from"
        assert len(trial.rows(versions, renamed)) == 3
        assert trial.value("SELECT count(last_name) FROM users_history WHERE user_id = ?", gone) == 2
        answers = trial.rows("FROM current_user_of_legacy_id ORDER BY ALL")

        _on(trial, 40)

        assert trial.rows(versions, renamed) == [("Zebulonia",), ("Quixotica",)]
        assert trial.rows("SELECT last_name, email, change FROM users_history WHERE user_id = ?", gone) == [
            (None, None, "archived")
        ]
        assert trial.rows(
            "SELECT sis_id, dob, gender, school_ids <> [] FROM students_history WHERE user_id = ?", gone
        ) == [(None, None, None, True)]
        assert trial.rows("FROM current_user_of_legacy_id ORDER BY ALL") == answers
        assert recomputed_differences(trial.warehouse.published, tmp_path) == []
        _on(trial, 60)
        assert trial.rows(versions, renamed) == [("Quixotica",)]
        trial.sandbox.restore(returns)
        _on(trial, 61)
        assert trial.wrong() == []
        assert trial.rows("SELECT first_seen_at, change FROM users WHERE user_id = ?", returns) == [
            (first_seen, "restored")
        ]


def test_landings_are_deleted_once_they_are_applied_and_those_of_holds_stay(
    begin: "Begin", monkeypatch: "pytest.MonkeyPatch"
) -> None:
    with begin(users=40) as trial:
        _keeping(trial, monkeypatch, keeps_landings=False)
        trial.clock = partial(datetime.now, UTC)
        trial.sync()
        assert [file for file in trial.warehouse.landing.rglob("*") if file.is_file()] == []
        added = trial.sandbox.add_person(trial.districts[0], ("student",))
        assert trial.outcomes() == ["applied"]
        assert trial.outcomes() == ["unchanged"]
        assert trial.value("SELECT count(*) FROM users WHERE user_id = ?", added) == 1
        trial.limits = LimitsByDistrict(replace(Limits(), max_archived_percent=1, min_records=1))
        for person in trial.sandbox.roster(trial.districts[0]).ids("student")[:10]:
            trial.sandbox.remove(person)
        assert trial.outcomes() == ["held"]
        assert [file for file in trial.warehouse.landing.rglob("*") if file.is_file()] != []
        trial.limits = LimitsByDistrict()
        trial.limits = LimitsByDistrict(replace(Limits(), max_archived_percent=100))
        assert trial.outcomes() == ["applied"]
        assert trial.wrong() == []
        assert [file for file in trial.warehouse.landing.rglob("*") if file.is_file()] == []
