"""What one district shows never changes another district's rows, also where both show the same ID."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.clever.app import CleverApp
from pipelines.identity.resolution import resolve_one
from pipelines.identity.verification import verify_legacy
from pipelines.progress import silent
from pipelines.sync import Limits, LimitsByDistrict, approve, reject
from pipelines.warehouse.statements import statement
from tests.conftest import Trial

if TYPE_CHECKING:
    from pipelines.sandbox.roster import Roster
    from pipelines.sync import SyncResult
    from tests.conftest import Begin

SHARED = 10
"""People whom the second district shows beside the first."""

TABLES = {
    "users": "SELECT * EXCLUDE (first_seen_at, valid_from) FROM users",
    "user_roles": "SELECT * EXCLUDE (first_seen_at, valid_from) FROM user_roles",
    "users_history": "SELECT * EXCLUDE (first_seen_at, valid_from, valid_to), valid_to IS NULL FROM users_history",
    "user_roles_history": "SELECT * EXCLUDE (first_seen_at, valid_from, valid_to), valid_to IS NULL FROM user_roles_history",
    "legacy_id_crosswalk": "SELECT * EXCLUDE (first_seen_at, last_seen_at, ended_at) FROM legacy_id_crosswalk",
    "crosswalk_changes": "SELECT * EXCLUDE (observed_at) FROM crosswalk_changes",
    "sync.runs": "SELECT district_id, sync_id, outcome, added, updated, archived, restored, by_role::VARCHAR FROM sync.runs",
    "sync.fields": "SELECT * EXCLUDE (first_seen_at, last_seen_at) FROM sync.fields",
    "sync.findings": (
        'SELECT district_id, "check", record_id, resolved_at IS NULL FROM sync.findings '
        "WHERE \"check\" NOT IN ('user_id_is_used_in_one_district', 'legacy_id_leads_to_one_user')"
    ),
}
"""What belongs to a district, instants aside; two rules are about what several districts show."""


@pytest.fixture
def settled(begin: "Begin") -> Iterator[Trial]:
    """Return a warehouse of two districts of 60 and 40 people, synced once."""
    with begin(users=60) as trial:
        trial.sandbox.add_district(40)
        trial.sync()
        yield trial


def _shared(trial: Trial) -> list[str]:
    return trial.sandbox.roster(trial.districts[0]).ids()[:SHARED]


def _show(trial: Trial) -> None:
    for user_id in _shared(trial):
        trial.sandbox.show_elsewhere(user_id, trial.districts[1])


def _hide(trial: Trial) -> None:
    for user_id in _shared(trial):
        trial.sandbox.roster(trial.districts[1]).remove(user_id)


def _of(trial: Trial, district_id: str) -> dict[str, list[Any]]:
    """Return what the warehouse has of a district."""
    queries = {name: f"FROM ({query}) WHERE district_id = ? ORDER BY ALL" for name, query in TABLES.items()}
    return {name: trial.rows(query, district_id) for name, query in queries.items()}


def _has_no_negative_count(result: "SyncResult") -> bool:
    return all(
        min(change.before, change.unchanged, *_numbers(change.counts)) >= 0
        for outcome in result.outcomes
        for change in outcome.by_role.values()
    )


def _numbers(counts: Any) -> tuple[int, ...]:
    """Return the numbers of counts."""
    return counts.added, counts.updated, counts.archived, counts.restored


ORDERS = [[[0], [1]], [[1], [0]], [[0, 1]], [[1]], [[1, 0], [0]]]


@pytest.mark.variants(1)
@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_people_whom_another_district_shows_for_one_sync_stay(settled: Trial, order: list[list[int]]) -> None:
    first, second = settled.districts
    kept = {"users", "user_roles", "users_history", "user_roles_history", "legacy_id_crosswalk", "crosswalk_changes"}
    before = {name: rows for name, rows in _of(settled, first).items() if name in kept}
    for happening, counts in ((_show, (SHARED, 0, 0, 0)), (_hide, (0, 0, SHARED, 0)), (_show, (0, 0, 0, SHARED))):
        happening(settled)
        for asked in order:
            result = settled.sync(*(settled.districts[number] for number in asked))
            told = {outcome.district_id: outcome for outcome in result.outcomes}
            assert _has_no_negative_count(result)
            assert first not in told or told[first].outcome == "unchanged"
            assert second not in told or _numbers(told[second].counts) == counts
        assert {name: rows for name, rows in _of(settled, first).items() if name in kept} == before
        assert settled.wrong() == []
    assert settled.rows("SELECT DISTINCT change FROM users_history WHERE district_id = ?", first) == [("created",)]


@pytest.mark.parametrize("together", [True, False])
def test_a_first_sync_of_districts_with_shared_ids_creates_a_row_in_each(begin: "Begin", *, together: bool) -> None:
    with begin(users=30, districts=2) as trial:
        _show(trial)
        for asked in [trial.districts] if together else [[each] for each in reversed(trial.districts)]:
            assert {outcome.outcome for outcome in trial.sync(*asked).outcomes} == {"applied"}
        assert trial.rows("SELECT DISTINCT change FROM users") == [("created",)]
        assert trial.wrong() == []


def test_one_row_in_two_districts_keeps_the_values_of_each(settled: Trial) -> None:
    first, second = settled.districts
    _show(settled)
    user_id = _shared(settled)[0]
    settled.sandbox.roster(second).change(user_id, {"name.last": "Second", "nick": "two"})
    settled.sync()
    assert settled.rows(
        "SELECT district_id, last_name = 'Second' FROM users WHERE user_id = ? ORDER BY ALL", user_id
    ) == [
        (first, False),
        (second, True),
    ]
    settled.sandbox.change(user_id, {"name.last": "First"})
    outcomes = {outcome.district_id: outcome for outcome in settled.sync().outcomes}
    assert _numbers(outcomes[first].counts) == (0, 1, 0, 0)
    assert _numbers(outcomes[second].counts) == (0, 0, 0, 0)
    assert settled.wrong() == []


@pytest.mark.search
@pytest.mark.parametrize("word", ["approve", "reject"])
def test_a_hold_of_the_other_district_changes_nothing_here(settled: Trial, word: str) -> None:
    first, second = settled.districts
    _show(settled)
    settled.sync()
    before = _of(settled, first)
    _hide(settled)
    settled.limits = LimitsByDistrict(Limits(max_archived_percent=1, min_records=1))
    (held,) = (outcome for outcome in settled.sync(second).outcomes)
    assert held.outcome == "held"
    assert _of(settled, first) == before
    decide = {"approve": approve, "reject": reject}[word]
    decide(
        settled.warehouse,
        district_id=second,
        digest=str(held.digest),
        reason="as told",
        decided_by="somebody",
        decision_id="decision",
        report=silent,
    )
    assert _of(settled, first) | {"sync.findings": []} == before | {"sync.findings": []}
    assert (settled.wrong(second) == []) == (word == "approve")
    assert settled.wrong(first) == []


@pytest.mark.search
def test_rolling_back_to_before_the_other_district_showed_them_keeps_them(settled: Trial) -> None:
    _show(settled)
    settled.sync()
    settled.warehouse.roll_back(settled.warehouse.kept_files()[0], silent)
    assert settled.value("SELECT count(*) FROM users WHERE district_id = ?", settled.districts[0]) == 60
    for happening in (lambda _trial: None, _hide):
        happening(settled)
        assert settled.outcomes() == ["unchanged", "applied"]
        assert settled.wrong() == []


def test_an_id_in_two_districts_is_a_finding_in_both_until_one_shows_it_no_longer(settled: Trial) -> None:
    found = (
        "SELECT district_id, record_id, last_name FROM open_findings "
        "WHERE \"check\" = 'user_id_is_used_in_one_district' AND severity = 'warning' ORDER BY ALL"
    )
    _show(settled)
    for user_id in _shared(settled):
        settled.sandbox.roster(settled.districts[1]).change(user_id, {"name.last": "Second"})
    settled.sync()
    shown = settled.rows(found)
    assert [row[:2] for row in shown] == sorted(
        (each, user_id) for each in settled.districts for user_id in _shared(settled)
    )
    assert {row[2] == "Second" for row in shown[:SHARED]} == {False}
    assert {row[2] for row in shown[SHARED:]} == {"Second"}
    _hide(settled)
    settled.sync()
    assert settled.rows(found) == []


def test_legacy_ids_of_shared_people_resolve_to_them_also_while_another_district_shows_them(settled: Trial) -> None:
    links = [link for link in settled.sandbox.truth(settled.districts[0]).crosswalk if link.user_id in _shared(settled)]
    assert links
    for happening in (lambda _trial: None, _show, _hide):
        happening(settled)
        settled.sync()
        for link in links:
            answer = resolve_one(settled.warehouse, link.legacy_id)
            assert (answer.user_id, answer.status) == (link.user_id, "current")
            assert settled.value("SELECT v3_user_id(?)", link.legacy_id) == link.user_id
    ended = "SELECT DISTINCT district_id, end_reason FROM legacy_id_crosswalk WHERE NOT is_current"
    assert settled.rows(ended) == [(settled.districts[1], "archived")]
    assert settled.rows("SELECT DISTINCT district_id FROM crosswalk_changes") == [(settled.districts[1],)]


def test_a_legacy_id_of_two_users_in_two_districts_is_ambiguous_everywhere(settled: Trial) -> None:
    first, second = settled.districts
    teacher, other = (settled.sandbox.roster(each).ids("teacher")[0] for each in (first, second))
    (legacy_id,) = [
        link.legacy_id
        for link in settled.sandbox.truth(first).crosswalk
        if (link.user_id, link.role) == (teacher, "teacher")
    ]
    settled.sandbox.change(other, {"roles.teacher.legacy_id": legacy_id})
    settled.sync()

    def answers() -> tuple[Any, ...]:
        answer = resolve_one(settled.warehouse, legacy_id)
        assert settled.value("SELECT v3_user_id(?)", legacy_id) == answer.user_id
        return answer.user_id, answer.status, answer.reason

    assert answers() == (None, "ambiguous", "several_current_users")
    found = (
        "SELECT district_id, record_id FROM sync.findings WHERE \"check\" = 'legacy_id_leads_to_one_user' ORDER BY ALL"
    )
    assert settled.rows(found) == [(first, teacher), (second, other)]
    assert settled.rows("SELECT * FROM crosswalk_changes WHERE district_id = ?", first) == []
    settled.sandbox.remove(teacher)
    settled.sandbox.remove(other)
    settled.sync()
    assert answers() == (None, "ambiguous", "several_last_users")
    settled.sandbox.restore(other)
    settled.sync()
    assert answers() == (other, "current", None)
    assert settled.wrong() == []


def test_an_id_that_ended_here_and_is_current_elsewhere_is_not_listed_as_without_a_user(settled: Trial) -> None:
    first = settled.districts[0]
    _show(settled)
    settled.sync()
    for user_id in _shared(settled):
        settled.sandbox.remove(user_id)
    settled.sync()
    assert settled.value("SELECT count(*) FROM legacy_id_crosswalk WHERE district_id = ? AND NOT is_current", first) > 0
    assert settled.rows(statement("queries/legacy_ids_without_a_current_user")) == []
    assert settled.rows("SELECT DISTINCT district_id, is_current FROM identity_chains WHERE NOT is_current") == [
        (first, False)
    ]


def test_what_api_v21_lists_is_compared_with_the_person_of_the_same_district(settled: Trial) -> None:
    _show(settled)
    for user_id in _shared(settled):
        settled.sandbox.roster(settled.districts[1]).change(user_id, {"email": "second@example.test"})
    settled.sync()
    with settled.clever() as clever:
        result = verify_legacy(
            CleverApp(clever),
            settled.warehouse,
            "verification",
            [],
            report_file=settled.folder / "report.csv",
            report=silent,
        )
    assert result.succeeded
    assert sum(role.differing for role in result.roles) == 0


def test_rows_that_another_district_took_over_in_an_earlier_version_return_to_their_own(settled: Trial) -> None:
    first, second = settled.districts
    first_seen_at = settled.rows("SELECT user_id, first_seen_at FROM users WHERE district_id = ? ORDER BY ALL", first)
    with duckdb.connect(str(settled.folder / "state" / "work.duckdb")) as work:
        for table in ("users", "user_roles"):
            taken = f"FROM {table} WHERE user_id IN (SELECT unnest(?))"
            work.execute(
                f"INSERT INTO past.past_{table} BY NAME SELECT *, now() AS valid_to {taken}", [_shared(settled)]
            )
            work.execute(
                f"UPDATE {table} SET district_id = ?, valid_from = now(), change = 'updated' WHERE user_id IN (SELECT unnest(?))",
                [second, _shared(settled)],
            )
        work.execute(
            "UPDATE legacy_id_crosswalk SET district_id = ? WHERE user_id IN (SELECT unnest(?))",
            [second, _shared(settled)],
        )
        work.execute("DELETE FROM sync.migrations WHERE number >= 4")
        work.execute("DELETE FROM sync.layout")
        work.execute("DELETE FROM sync.line_forms")
        work.execute("DELETE FROM sync.fields WHERE stream <> 'users'")  # an earlier version counted no others
        work.execute("UPDATE sync.runs SET sequence = 0")
    outcomes = {outcome.district_id: outcome for outcome in settled.sync().outcomes}
    assert _numbers(outcomes[first].counts) == (0, 0, 0, SHARED)
    assert _numbers(outcomes[second].counts) == (0, 0, SHARED, 0)
    assert (
        settled.rows("SELECT user_id, first_seen_at FROM users WHERE district_id = ? ORDER BY ALL", first)
        == first_seen_at
    )
    assert settled.wrong() == []
    for link in settled.sandbox.truth().crosswalk:
        assert settled.value("SELECT v3_user_id(?)", link.legacy_id) == link.user_id


@pytest.mark.search
@given(data=st.data())
def test_every_district_has_the_tables_of_a_warehouse_that_syncs_it_alone(begin: "Begin", data: st.DataObject) -> None:
    with begin(districts=3, users=12, seed=data.draw(st.integers(0, 1000))) as trial:
        everyone = trial.districts
        alone = {each: Trial(trial.sandbox, trial.url, trial.folder / each) for each in everyone}
        for number in range(5):
            for _ in range(data.draw(st.integers(0, 4))):
                _happen(trial, data)
            asked = data.draw(st.lists(st.sampled_from(everyone), min_size=1, unique=True))
            assert _has_no_negative_count(trial.sync(*asked, sync_id=f"sync-{number}"))
            for each in asked:
                alone[each].sync(each, sync_id=f"sync-{number}")
                shown, expected = _of(trial, each), _of(alone[each], each)
                assert [name for name in TABLES if shown[name] != expected[name]] == []


def _leave(here: "Roster", _there: "Roster", user_id: str) -> None:
    here.remove(user_id)


def _show_there(here: "Roster", there: "Roster", user_id: str) -> None:
    there.show(here.record(user_id))


def _show_there_renamed(here: "Roster", there: "Roster", user_id: str) -> None:
    there.show(here.record(user_id))
    there.rename(user_id)


def _change(here: "Roster", _there: "Roster", user_id: str) -> None:
    here.change_email(user_id)


def _take_a_legacy_id(here: "Roster", there: "Roster", user_id: str) -> None:
    for role in {"teacher", "staff"} & set(here.roles(user_id)):
        for holder in there.ids(role)[:1]:
            held = there.record(holder)["roles"][role] or {}
            here.change(user_id, {f"roles.{role}.legacy_id": held.get("legacy_id")})


HAPPENINGS = {
    happening.__name__: happening
    for happening in (_leave, _show_there, _show_there_renamed, _change, _take_a_legacy_id)
}


def _happen(trial: Trial, data: st.DataObject) -> None:
    """Let people be shown by another district, leave, return or change in one, or let a night pass."""
    here, there = (trial.sandbox.roster(each) for each in data.draw(st.permutations(trial.districts))[:2])
    if data.draw(st.integers(0, 5)) == 0:
        trial.sandbox.advance()
    for user_id in here.gone()[: data.draw(st.integers(0, 2))]:
        here.restore(user_id)
    happening = HAPPENINGS[data.draw(st.sampled_from(sorted(HAPPENINGS)))]
    if people := here.ids():
        for user_id in data.draw(st.lists(st.sampled_from(people), max_size=6, unique=True)):
            happening(here, there, user_id)
