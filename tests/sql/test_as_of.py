"""Who held an ID at an instant: v3_user_id_as_of, asked of warehouses that are synced over real HTTP from a fake Clever."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipelines.warehouse import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from tests.conftest import Trial


def _legacy_id(trial: "Trial", user_id: str, role: str = "teacher") -> str:
    return str(trial.sandbox.truth().by_id[user_id]["roles"][role]["legacy_id"])


def _holder(trial: "Trial", written: str | None, instant: datetime) -> object:
    return trial.value("SELECT v3_user_id_as_of(?, ?::TIMESTAMPTZ)", written, instant)


def _now(trial: "Trial") -> datetime:
    """Return an instant after everything that is published."""
    latest: datetime = trial.value("SELECT max(finished_at) FROM sync.runs")
    return max(datetime.now(UTC), latest + timedelta(microseconds=1))


def test_legacy_id_that_was_reissued_and_returned_leads_to_its_holder_at_each_instant(trial: "Trial") -> None:
    before = datetime.now(UTC)
    one, other = trial.person("teacher", 0), trial.person("teacher", 1)
    legacy_id, left = _legacy_id(trial, one), _legacy_id(trial, other)
    trial.sandbox.give_role(one, "staff")
    trial.sync()
    first = _now(trial)
    trial.sandbox.reissue(legacy_id, other)
    trial.sync()
    second = _now(trial)
    trial.sandbox.reissue(legacy_id, one)
    trial.sync()
    third = _now(trial)
    assert [_holder(trial, legacy_id, each) for each in (before, first, second, third)] == [None, one, other, one]
    assert [_holder(trial, left, each) for each in (before, first, second)] == [None, other, other]
    assert _holder(trial, legacy_id, third + timedelta(days=365)) == one


def test_instant_at_which_a_version_begins_belongs_to_that_version(trial: "Trial") -> None:
    one, other = trial.person("teacher", 0), trial.person("teacher", 1)
    legacy_id = _legacy_id(trial, one)
    trial.sync()
    trial.sandbox.reissue(legacy_id, other)
    trial.sync()
    began = trial.value("SELECT valid_from FROM user_roles WHERE user_id = ? AND role = 'teacher'", other)
    assert _holder(trial, legacy_id, began) == other
    assert _holder(trial, legacy_id, began - timedelta(microseconds=1)) == one


def test_id_of_a_user_who_was_gone_at_the_instant_leads_to_the_last_holder(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    legacy_id = _legacy_id(trial, teacher)
    trial.sync()
    trial.sandbox.remove(teacher)
    trial.sync()
    assert _holder(trial, legacy_id, _now(trial)) == teacher
    assert _holder(trial, teacher, _now(trial)) == teacher


@pytest.mark.parametrize("write", ['=" {}\u00a0"'.format, " {} ".format, "ObjectId({})".format])
def test_capitals_blanks_and_quotes_make_no_difference(trial: "Trial", write: "Callable[[str], str]") -> None:
    teacher = trial.person("teacher")
    trial.sync()
    assert _holder(trial, write(_legacy_id(trial, teacher)).upper(), _now(trial)) == teacher


def test_v3_id_leads_to_itself_from_the_sync_that_first_showed_it(trial: "Trial") -> None:
    trial.sync()
    before = _now(trial)
    newcomer = trial.sandbox.add_person(trial.districts[0], ("staff",))
    trial.sync()
    assert _holder(trial, newcomer, before) is None
    assert _holder(trial, newcomer, _now(trial)) == newcomer


def test_text_that_is_no_id_and_missing_values_give_null(trial: "Trial") -> None:
    trial.sync()
    assert [_holder(trial, each, _now(trial)) for each in ("nobody", "", None, "f" * 24)] == [None] * 4
    assert trial.value("SELECT v3_user_id_as_of(?, NULL)", _legacy_id(trial, trial.person("teacher"))) is None


def test_legacy_id_of_several_users_at_the_instant_is_null(two: "Trial") -> None:
    here, elsewhere = two.districts
    two.sync()
    before = _now(two)
    one = two.person("teacher")
    other = next(row.user_id for row in two.sandbox.truth(elsewhere).users if row.roles == ("teacher",))
    legacy_id = _legacy_id(two, one)
    two.sandbox.change(other, {"roles.teacher.legacy_id": legacy_id})
    two.sync()
    during = _now(two)
    two.sandbox.remove(other)
    two.sync()
    assert [_holder(two, legacy_id, each) for each in (before, during, _now(two))] == [one, None, one]
    assert two.districts == [here, elsewhere]


def test_legacy_id_whose_last_holders_left_in_one_sync_is_null(two: "Trial") -> None:
    one = two.person("teacher")
    other = next(row.user_id for row in two.sandbox.truth(two.districts[1]).users if row.roles == ("teacher",))
    legacy_id = _legacy_id(two, one)
    two.sandbox.change(other, {"roles.teacher.legacy_id": legacy_id})
    two.sync()
    two.sandbox.remove(one)
    two.sandbox.remove(other)
    two.sync()
    assert _holder(two, legacy_id, _now(two)) is None


def test_column_of_ids_and_instants_is_answered_row_by_row(trial: "Trial") -> None:
    one, other = trial.person("teacher", 0), trial.person("teacher", 1)
    legacy_id = _legacy_id(trial, one)
    trial.sync()
    first = _now(trial)
    trial.sandbox.reissue(legacy_id, other)
    trial.sync()
    rows = trial.rows(
        "SELECT v3_user_id_as_of(app.id, app.since) FROM (VALUES (1, ?, ?::TIMESTAMPTZ), (2, ?, ?), (3, 'x', ?)) AS app(n, id, since) "
        "ORDER BY n",
        legacy_id,
        first,
        legacy_id,
        _now(trial),
        first,
    )
    assert rows == [(one,), (other,), (None,)]


def test_version_written_while_a_clock_was_ahead_counts_as_one_of_now(trial: "Trial") -> None:
    ahead = lambda: datetime.now(UTC) + timedelta(days=1)  # noqa: E731
    one, other = trial.person("teacher", 0), trial.person("teacher", 1)
    legacy_id = _legacy_id(trial, one)
    trial.sync()
    trial.clock = ahead
    trial.sandbox.reissue(legacy_id, other)
    trial.sync()
    now = datetime.now(UTC)
    assert _holder(trial, legacy_id, now - timedelta(seconds=1)) in {one, None}
    assert trial.value("SELECT v3_user_id_as_of(?, now())", legacy_id) == other
    assert trial.value("SELECT v3_user_id_as_of(?, now() + INTERVAL 1 WEEK)", legacy_id) == other


@pytest.mark.parametrize("table", [tables.users, tables.user_roles], ids=lambda table: table.name)
def test_as_of_macro_has_the_columns_of_its_table_in_order(trial: "Trial", table: "sa.Table") -> None:
    trial.sync()
    described = trial.rows(f"SELECT column_name, column_type FROM (DESCRIBE FROM {table.name}_as_of(now()))")
    assert described == trial.rows(
        f"SELECT column_name, column_type FROM (DESCRIBE SELECT * EXCLUDE (valid_from, change) FROM {table.name})"
    )
