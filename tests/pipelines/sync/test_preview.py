"""A preview shows the whole difference, and leaves everything as it is."""

import hashlib
from typing import TYPE_CHECKING

import pytest

from pipelines.progress import Stage, StreamResumed, silent
from pipelines.sandbox import ForeignRecord, Html, Status
from pipelines.sync import ROLES, Limits, LimitsByDistrict, reject
from pipelines.warehouse import Counts, RoleChange

if TYPE_CHECKING:
    from tests.conftest import Trial


def _files(trial: "Trial") -> dict[str, tuple[int, str]]:
    """What is in the folder of the warehouse: inode and digest of each file; the lock's note and the work database apart."""
    return {
        str(file.relative_to(trial.folder)): (file.stat().st_ino, hashlib.sha256(file.read_bytes()).hexdigest())
        for file in trial.folder.rglob("*")
        if file.is_file() and file.name not in {"lock", "work.duckdb"}
    }


def _leave(trial: "Trial", role: str, count: int) -> None:
    for user_id in trial.sandbox.roster(trial.districts[0]).ids(role)[:count]:
        trial.sandbox.remove(user_id)


def test_a_preview_shows_by_district_and_role_what_the_next_sync_does(two: "Trial") -> None:
    first, second = two.districts
    two.sync()
    back = two.sandbox.roster(second).ids("contact")[-1]
    two.sandbox.remove(back)
    two.sync()
    two.sandbox.remove(two.person("contact"))
    two.sandbox.change_email(two.person("student"))
    two.sandbox.add_person(first, ("staff",))
    two.sandbox.restore(back)

    shown = two.sync(preview=True)
    assert [outcome.outcome for outcome in shown.outcomes] == ["applied", "applied"]
    here, there = shown.outcomes
    assert here.counts == Counts(added=1, updated=1, archived=1)
    assert there.counts == Counts(restored=1)
    changed = {role: change.counts for role, change in here.by_role.items() if change.counts != Counts()}
    assert changed == {"contact": Counts(archived=1), "staff": Counts(added=1), "student": Counts(updated=1)}
    changed = {role: change.counts for role, change in there.by_role.items() if change.counts != Counts()}
    assert changed == {"contact": Counts(restored=1)}

    done = two.sync()
    for before, after in zip(shown.outcomes, done.outcomes, strict=True):
        assert (before.outcome, before.counts, before.by_role, before.digest) == (
            after.outcome,
            after.counts,
            after.by_role,
            after.digest,
        )
    assert two.wrong() == []
    assert [outcome.outcome for outcome in two.sync(preview=True).outcomes] == ["unchanged", "unchanged"]


def test_a_preview_leaves_every_file_as_it_is(two: "Trial") -> None:
    two.sync()
    _leave(two, "contact", 1)
    two.sync()
    two.sandbox.advance(2)
    before = _files(two)
    assert any(name.startswith("state/published/") for name in before)
    assert any(name.startswith("state/landing/") for name in before)
    two.sync(preview=True)
    assert _files(two) == before


@pytest.mark.variants(1)
@pytest.mark.parametrize("limits", [Limits(), Limits(max_archived_percent=0, min_records=1)], ids=["free", "held"])
def test_a_preview_leaves_nothing_in_the_work_database_that_a_later_sync_would_publish(
    two: "Trial", limits: Limits
) -> None:
    two.sync(sync_id="first")
    before = two.fingerprint()
    _leave(two, "student", 9)
    two.limits = LimitsByDistrict(limits)
    two.sync(preview=True)
    two.warehouse.published.unlink()
    assert two.outcomes(two.districts[1], sync_id="second") == ["unchanged"]
    assert two.fingerprint() == before
    assert two.rows("SELECT DISTINCT sync_id FROM sync.runs ORDER BY ALL") == [("first",), ("second",)]
    assert two.rows("FROM sync.holds") == []


def test_a_preview_of_an_empty_warehouse_shows_everybody_and_leaves_nothing(trial: "Trial") -> None:
    shown = trial.sync(preview=True)
    (outcome,) = shown.outcomes
    assert (outcome.outcome, outcome.counts) == ("applied", Counts(added=40))
    truth = trial.sandbox.truth()
    assert {role: outcome.by_role[role] for role in ROLES} == {
        role: RoleChange(0, Counts(added=len(truth.ids(role)))) for role in ROLES
    }
    assert _files(trial) == {}
    assert sorted(file.name for file in (trial.folder / "state").iterdir()) == ["landing", "lock"]
    (done,) = trial.sync().outcomes
    assert (done.outcome, done.counts, done.by_role) == (outcome.outcome, outcome.counts, outcome.by_role)
    assert trial.wrong() == []


def test_a_first_sync_that_broke_off_after_a_preview_is_reported_by_the_sync_that_publishes_it(trial: "Trial") -> None:
    """A work database left by the preview would pass for one that has a past, and what broke off for applied."""
    trial.sync(preview=True)

    def break_off(event: object) -> None:
        if event == Stage("checking"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trial.sync(report=break_off)
    outcome = trial.outcome()
    assert (outcome.outcome, outcome.counts.added) == ("applied", 40)
    assert trial.wrong() == []


def test_a_preview_says_what_would_be_held_and_holds_nothing(two: "Trial") -> None:
    two.sync()
    two.limits = LimitsByDistrict(Limits(max_archived_percent=10, min_records=2))
    _leave(two, "student", 9)
    shown = two.sync(preview=True)
    outcome, other = shown.outcomes
    assert (outcome.outcome, other.outcome) == ("held", "unchanged")
    assert outcome.by_role["student"].counts.archived == 9
    assert shown.holds == [outcome.error]
    assert str(outcome.error).startswith(f"District {two.districts[0]} would be held: 9 of ")
    assert "approve" not in str(outcome.error)
    assert two.rows("FROM sync.holds") == []
    held = two.outcome()
    assert (held.outcome, held.digest, held.exceeded) == ("held", outcome.digest, outcome.exceeded)


def test_a_preview_leaves_the_decision_on_a_snapshot_as_it_is(two: "Trial") -> None:
    two.sync()
    two.limits = LimitsByDistrict(Limits(max_archived_percent=10, min_records=2))
    _leave(two, "student", 9)
    digest = str(two.outcome().digest)
    holds = two.rows("FROM sync.holds")
    assert two.sync(preview=True).outcomes[0].outcome == "held"
    reject(
        two.warehouse,
        district_id=two.districts[0],
        digest=digest,
        reason="a mistake",
        decided_by="somebody",
        decision_id="word",
        report=silent,
    )
    assert two.rows("SELECT state FROM sync.holds") == [("rejected",)]
    assert len(holds) == 1
    shown = two.sync(preview=True).outcomes[0]
    assert "would be held: Clever still returns the snapshot" in str(shown.error)
    assert two.rows("SELECT state FROM sync.holds") == [("rejected",)]


@pytest.mark.variants(1)
@pytest.mark.parametrize("effect", [Html(), ForeignRecord(), Status(403)], ids=lambda effect: type(effect).__name__)
def test_a_district_that_cannot_be_verified_shows_why_and_the_others_what_would_change(
    two: "Trial", effect: Html | ForeignRecord | Status
) -> None:
    bad, other = two.districts
    two.sync()
    before = _files(two)
    two.sandbox.inject(effect, district=bad, stream="users")
    two.sandbox.add_person(other)
    shown = two.sync(preview=True)
    assert [outcome.outcome for outcome in shown.outcomes] == ["failed", "applied"]
    assert shown.outcomes[1].counts == Counts(added=1)
    (trouble,) = shown.failures
    assert bad in trouble
    assert _files(two) == before
    two.sandbox.heal()
    assert two.outcomes() == ["unchanged", "applied"]
    assert two.wrong() == []


def test_a_sync_that_is_tried_again_resumes_from_what_it_landed_though_someone_previewed_meanwhile(
    trial: "Trial",
) -> None:
    trial.page_limit = 10
    trial.sandbox.inject(Status(404), stream="users", role="none", page=3)
    assert trial.outcome(sync_id="torn").outcome == "failed"
    trial.sandbox.heal()
    trial.sync(preview=True)
    trial.events.clear()
    assert trial.outcome(sync_id="torn").outcome == "applied"
    assert [event.pages for event in trial.events if isinstance(event, StreamResumed) and event.stream == "users"] == [
        2
    ]
    assert trial.wrong() == []


def test_a_preview_that_breaks_off_leaves_what_is_published_and_no_landing(trial: "Trial") -> None:
    trial.sync()
    trial.sandbox.advance(2)
    before = _files(trial)

    def break_off(event: object) -> None:
        if event == Stage("comparing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trial.sync(preview=True, report=break_off)
    assert {name: what for name, what in _files(trial).items() if name != "state/unfinished"} == before
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
