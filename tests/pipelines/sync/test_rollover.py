"""The rollover of a school year: limits of its own, many holds that are alike, and one decision on all of them."""

import dataclasses
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines.progress import silent
from pipelines.sync import (
    Filter,
    Limits,
    LimitsByDistrict,
    Rollover,
    Season,
    approve_all,
    find,
    groups,
    largest_loss,
    references,
    reject,
    select,
    selection_name,
)
from pipelines.sync.selection import kind
from pipelines.warehouse import UnknownHoldError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipelines.sync import Outcome
    from pipelines.warehouse import HeldSnapshot
    from tests.conftest import Begin, Trial

ALWAYS = (Season(date(2000, 1, 1), date(9999, 12, 31)),)
PAST = (Season(date(2000, 1, 1), date(2000, 12, 31)),)

STRICT = Limits(max_archived_percent=10, max_changed_percent=10, min_records=2)


@pytest.fixture
def four(begin: "Begin") -> "Iterator[Trial]":
    """Return a warehouse of four districts, synced once, in which a tenth of a role may change in a night."""
    with begin(districts=4, users=60) as trial:
        trial.sync()
        trial.limits = LimitsByDistrict(STRICT)
        yield trial


def _leave(trial: "Trial", number: int, role: str, percent: int) -> None:
    """Let some of the people of a role leave a district."""
    people = trial.sandbox.roster(trial.districts[number]).ids(role)
    for user_id in people[: len(people) * percent // 100]:
        trial.sandbox.remove(user_id)


def _approve_all(trial: "Trial", chosen: "Sequence[tuple[str, str]]") -> "dict[str, Outcome | None]":
    return approve_all(
        trial.warehouse,
        chosen,
        reason="the new school year",
        decided_by="somebody",
        decision_id="decision",
        report=silent,
    )


def _approve(trial: "Trial", chosen: Filter) -> "dict[str, Outcome | None]":
    return _approve_all(trial, _chosen(select(trial.warehouse.held_snapshots(), chosen)))


def _chosen(selected: "Mapping[str, HeldSnapshot]") -> list[tuple[str, str]]:
    return [(district_id, snapshot.digest) for district_id, snapshot in selected.items()]


def _numbers(trial: "Trial", chosen: Filter) -> list[int]:
    """Which districts a filter selects, by number."""
    return [trial.districts.index(each) for each in select(trial.warehouse.held_snapshots(), chosen)]


@pytest.fixture
def held(four: "Trial") -> "Trial":
    """Return the warehouse with four districts held: two lose a fifth of their students, one half, one its contacts."""
    for number, role, percent in ((0, "student", 20), (1, "student", 22), (2, "student", 50), (3, "contact", 100)):
        _leave(four, number, role, percent)
    assert four.outcomes() == ["held"] * 4
    return four


def test_holds_that_exceed_the_same_limits_by_like_shares_are_one_group(held: "Trial") -> None:
    found = groups(held.warehouse.held_snapshots())
    assert [len(group.snapshots) for group in found] == [2, 1, 1]
    alike = found[0]
    assert sorted(alike.snapshots) == held.districts[:2]
    assert "student archived up to 25%, lost up to 25%" in alike.kind
    assert alike.by_role["student"]["archived"] == sum(
        snapshot.by_role["student"]["archived"] for snapshot in alike.snapshots.values()
    )
    assert {kind for group in found for kind in group.kind} >= {
        "student archived up to 50%, lost up to 50%",
        "contact archived up to 100%, lost up to 100%",
    }


def test_filter_selects_by_likeness_district_limit_and_share(held: "Trial") -> None:
    snapshots = held.warehouse.held_snapshots()
    first, second, third, fourth = (snapshots[each].digest for each in held.districts)
    assert _numbers(held, Filter()) == [0, 1, 2, 3]
    assert _numbers(held, Filter(like=[first[:8]])) == [0, 1]
    assert _numbers(held, Filter(like=[second.upper(), fourth[:6]])) == [0, 1, 3]
    assert _numbers(held, Filter(like=[third])) == [2]
    assert _numbers(held, Filter(districts=held.districts[1:3])) == [1, 2]
    assert _numbers(held, Filter(only=["contact", "contact_students"])) == [3]
    assert 2 not in _numbers(held, Filter(max_archived_percent=40))
    assert _numbers(held, Filter(like=[first], districts=[held.districts[1]])) == [1]


@pytest.mark.parametrize("like", ["", "abc", "0" * 64])
def test_digest_that_names_no_waiting_snapshot_selects_nothing(held: "Trial", like: str) -> None:
    with pytest.raises(UnknownHoldError, match="changed"):
        select(held.warehouse.held_snapshots(), Filter(like=[like]))


def test_filter_that_matches_nothing_says_so(held: "Trial") -> None:
    with pytest.raises(UnknownHoldError, match="None of the 4 waiting snapshots matches"):
        select(held.warehouse.held_snapshots(), Filter(only=["schools"]))


def test_approval_of_several_applies_and_publishes_them_together(held: "Trial") -> None:
    before = held.value("SELECT max(sequence) FROM sync.runs")
    first = held.warehouse.held_snapshots()[held.districts[0]].digest
    outcomes = _approve(held, Filter(like=[first]))
    assert sorted(outcomes) == held.districts[:2]
    assert all(outcome and outcome.outcome == "applied" for outcome in outcomes.values())
    decided = "SELECT district_id, reason, applied_at >= decided_at FROM sync.holds WHERE state = 'approved' ORDER BY 1"
    assert held.rows(decided) == [(each, "the new school year", True) for each in held.districts[:2]]
    assert held.value("SELECT count(DISTINCT sequence) FROM sync.runs WHERE sequence > ?", before) == 1
    assert sorted(held.warehouse.held_snapshots()) == held.districts[2:]
    assert held.outcomes() == ["unchanged", "unchanged", "held", "held"]
    _approve(held, Filter())
    assert held.wrong() == []
    assert held.outcomes() == ["unchanged"] * 4


def test_snapshots_that_were_read_by_different_syncs_are_dated_by_their_own_read(four: "Trial") -> None:
    for number in (0, 1):
        _leave(four, number, "contact", 50)
        assert four.outcome(four.districts[number]).outcome == "held"
    reads: dict[str, datetime] = dict(four.rows("SELECT district_id, read_at FROM sync.runs WHERE outcome = 'held'"))
    outcomes = _approve(four, Filter())
    assert {district_id: outcome and outcome.read_at for district_id, outcome in outcomes.items()} == reads
    assert four.wrong() == []
    applied = "SELECT district_id FROM sync.runs WHERE sync_id = 'decision' AND outcome = 'applied' ORDER BY 1"
    assert four.rows(applied) == [(each,) for each in four.districts[:2]]
    assert four.outcomes() == ["unchanged"] * 4


def test_a_snapshot_without_its_downloaded_files_does_not_stop_the_others(held: "Trial") -> None:
    lost = held.districts[0]
    for file in (held.folder / "state" / "landing").rglob(f"*{lost}*/**/*.json*"):
        file.unlink()
    outcomes = _approve(held, Filter())
    assert [district_id for district_id, outcome in outcomes.items() if outcome is None] == [lost]
    assert held.outcomes() == ["applied", "unchanged", "unchanged", "unchanged"]
    assert held.wrong() == []


def test_one_snapshot_that_does_not_wait_leaves_all_others_as_they_are(held: "Trial") -> None:
    chosen = [(district_id, snapshot.digest) for district_id, snapshot in held.warehouse.held_snapshots().items()]
    before = held.warehouse.published.stat()
    with pytest.raises(UnknownHoldError):
        _approve_all(held, [*chosen[:3], (chosen[3][0], "0" * 64)])
    assert held.warehouse.published.stat() == before
    assert len(held.warehouse.held_snapshots()) == 4


def test_snapshot_that_another_person_rejected_meanwhile_is_not_approved(held: "Trial") -> None:
    chosen = select(held.warehouse.held_snapshots(), Filter())
    words = {"reason": "ask first", "decided_by": "another", "decision_id": "rejection", "report": silent}
    reject(held.warehouse, district_id=held.districts[3], digest=chosen[held.districts[3]].digest, **words)  # type: ignore[arg-type]
    with pytest.raises(UnknownHoldError):
        _approve_all(held, _chosen(chosen))
    states = "SELECT state, decided_by FROM sync.holds ORDER BY district_id"
    assert held.rows(states) == [("held", None)] * 3 + [("rejected", "another")]


def test_district_that_is_mistyped_selects_nothing(held: "Trial") -> None:
    with pytest.raises(UnknownHoldError, match="No snapshot of district 000000000000000000000000 waits"):
        select(held.warehouse.held_snapshots(), Filter(districts=[held.districts[0], "0" * 24]))


def test_districts_that_show_nothing_have_one_digest_and_are_named_and_approved_all_the_same(four: "Trial") -> None:
    for number in (0, 1):
        for role in ("student", "teacher", "staff", "district_admin", "contact"):
            four.sandbox.unshare(four.districts[number], role=role)
    four.records = ("users",)
    assert four.outcomes(*four.districts[:2]) == ["held", "held"]
    waiting = four.warehouse.held_snapshots()
    (digest,) = {snapshot.digest for snapshot in waiting.values()}
    named = references(waiting)
    assert named == {each: f"{each} --digest {digest[:12]}" for each in four.districts[:2]}
    for district_id in four.districts[:2]:
        assert find(four.warehouse, district_id, digest[:12], decision="approve") == (district_id, digest)
    with pytest.raises(UnknownHoldError, match=f"Name one of them as: {named[four.districts[0]]}, "):
        find(four.warehouse, digest, decision="approve")
    assert sorted(select(waiting, Filter(like=[digest]))) == four.districts[:2]
    _approve_all(four, [(four.districts[0], digest)])
    with pytest.raises(UnknownHoldError, match=f"No snapshot named {four.districts[0]} {digest}"):
        find(four.warehouse, f" {four.districts[0].upper()}", digest, decision="approve")


def test_selection_has_another_name_if_a_snapshot_in_it_is_another(held: "Trial") -> None:
    name = selection_name(held.warehouse.held_snapshots())
    assert name == selection_name(held.warehouse.held_snapshots())
    _leave(held, 3, "student", 50)
    held.sync()
    assert selection_name(held.warehouse.held_snapshots()) != name


def test_hold_of_an_earlier_version_is_a_group_of_its_own_and_decided_by_itself(held: "Trial") -> None:
    snapshots = held.warehouse.held_snapshots()
    older = {each: dataclasses.replace(snapshot, exceeded=None) for each, snapshot in snapshots.items()}
    found = groups(older)
    assert [(len(group.snapshots), group.kind) for group in found] == [(1, ())] * 4
    with pytest.raises(UnknownHoldError):
        select(older, Filter())


def test_hold_of_an_earlier_version_is_described_by_the_next_sync_that_reads_it(held: "Trial") -> None:
    with duckdb.connect(str(held.folder / "state" / "work.duckdb")) as work:
        work.execute("UPDATE sync.holds SET exceeded = NULL")
    assert held.outcomes() == ["held"] * 4
    assert _numbers(held, Filter()) == [0, 1, 2, 3]


def test_district_that_lost_its_sections_is_not_like_one_that_replaced_them(begin: "Begin") -> None:
    with begin(districts=2, users=200) as trial:
        trial.sync()
        for district_id in trial.districts:
            trial.sandbox.roll_over(district_id)
        lost = trial.districts[1]
        for section in trial.sandbox.served("v3.0", "sections", lost):
            trial.sandbox.remove_record(lost, "sections", section["id"])
        assert trial.outcomes() == ["held", "held"]
        waiting = trial.warehouse.held_snapshots()
        assert [len(group.snapshots) for group in groups(waiting)] == [1, 1]
        assert "sections archived up to 100%, lost up to 100%" in kind(waiting[lost])
        assert "sections archived up to 100%, lost up to 25%" in kind(waiting[trial.districts[0]])
        assert largest_loss(waiting[lost]).endswith(" 100.0%")


def _roll_over(trial: "Trial", limits: Limits) -> "Sequence[str]":
    """Let the school year of the first district end, and sync it with these limits."""
    trial.limits = LimitsByDistrict(limits)
    trial.sandbox.roll_over(trial.districts[0])
    outcome = trial.outcome()
    return [str(each) for each in outcome.exceeded] or [outcome.outcome]


def test_a_rollover_in_its_season_needs_no_approval(begin: "Begin") -> None:
    with begin(users=200) as trial:
        trial.sync()
        assert _roll_over(trial, Limits(rollover=Rollover(ALWAYS))) == ["applied"]
        assert trial.wrong() == []


def test_a_rollover_outside_of_its_season_is_held(begin: "Begin") -> None:
    with begin(users=200) as trial:
        trial.sync()
        found = _roll_over(trial, Limits(rollover=Rollover(PAST)))
        assert any("sections would be archived (" in sentence for sentence in found)


def test_rollover_limits_still_hold_people_who_leave(begin: "Begin") -> None:
    with begin(users=200) as trial:
        trial.sync()
        found = _roll_over(trial, Limits(min_records=1, rollover=Rollover(ALWAYS, max_archived_percent=1)))
        assert any(sentence.endswith("the limit in the rollover is 1%)") for sentence in found)
        assert all(" with the role " in sentence for sentence in found)


def test_sections_that_are_not_replaced_are_held_in_a_rollover(begin: "Begin") -> None:
    with begin(users=200) as trial:
        trial.sync()
        trial.limits = LimitsByDistrict(Limits(rollover=Rollover(ALWAYS)))
        district_id = trial.districts[0]
        before = trial.value("SELECT count(*) FROM sections")
        for section in trial.sandbox.served("v3.0", "sections", district_id):
            trial.sandbox.remove_record(district_id, "sections", section["id"])
        outcome = trial.outcome()
        assert outcome.outcome == "held"
        share = f"{before} of {before} sections would be archived and not replaced (100.0%, the limit in the rollover is 30%)"
        assert share in [str(each) for each in outcome.exceeded]


@pytest.mark.parametrize(
    ("instant", "season"),
    [
        (datetime(2026, 7, 15, 3, 59, 59, tzinfo=UTC), None),
        (datetime(2026, 7, 15, 4, 0, tzinfo=UTC), 0),
        (datetime(2026, 9, 16, 3, 59, 59, tzinfo=UTC), 0),
        (datetime(2026, 9, 16, 4, 0, tzinfo=UTC), None),
        (datetime(2027, 1, 10, 12, 0, tzinfo=UTC), 1),
    ],
)
def test_a_season_begins_and_ends_with_its_days_in_the_time_zone(instant: datetime, season: int | None) -> None:
    seasons = (Season(date(2026, 7, 15), date(2026, 9, 15)), Season(date(2027, 1, 10), date(2027, 1, 10)))
    rollover = Rollover(seasons, timezone="America/New_York")
    assert rollover.season(instant) == (None if season is None else seasons[season])
