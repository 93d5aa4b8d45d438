"""How a sync ends for each district: applied, unchanged or failed, each on its own account."""

from typing import TYPE_CHECKING

import pytest

from pipelines.clever import ClientCredentials, DistrictTokens
from pipelines.progress import Event, PageLanded, ReadAgain, Stage, StreamResumed
from pipelines.sandbox import (
    ROLES,
    Altered,
    CutChain,
    Dropped,
    ForeignRecord,
    Garbled,
    Html,
    ItemWithoutData,
    LoopingNext,
    Meanwhile,
    NullData,
    RepeatedRecord,
    Slow,
    Status,
    Truncated,
    Withheld,
    WithoutData,
    WithoutId,
)
from tests.conftest import DEFAULT_STREAMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from pipelines.sandbox.faults import Effect
    from tests.conftest import Begin, Trial


def _first_record(alter: "Callable[[dict[str, Any]], object]") -> Altered:
    """Change the first record of a page in place."""

    def change(envelope: "dict[str, Any]") -> "dict[str, Any]":
        if envelope["data"]:
            alter(envelope["data"][0]["data"])
        return envelope

    return Altered(change)


LASTING: "dict[str, Effect]" = {
    "401": Status(401),
    "404": Status(404),
    "500": Status(500),
    "HTML": Html(),
    "broken JSON": Garbled(),
    "half a body": Truncated(),
    "no answer": Dropped(),
    "a cut chain": CutChain(),
    "a loop": LoopingNext(),
    "a record twice": RepeatedRecord(),
    "a foreign record": ForeignRecord(),
    "a record without id": WithoutId(),
    "an empty id": _first_record(lambda record: record.update(id="")),
    "no data": WithoutData(),
    "null data": NullData(),
    "an item without data": ItemWithoutData(),
    "data that is no list": Altered(lambda envelope: envelope | {"data": {"first": 1}}),
    "a record that is no object": Altered(lambda envelope: envelope | {"data": [{"data": "text"}]}),
    "links that are no list": Altered(lambda envelope: envelope | {"links": "none"}),
    "roles that are a list": _first_record(lambda record: record.update(roles=["student"])),
    "roles that are a text": _first_record(lambda record: record.update(roles="student")),
    "a role that is a text": _first_record(lambda record: record["roles"].update(student="yes")),
    "a role that is a list": _first_record(lambda record: record["roles"].update(teacher=[])),
    "a legacy ID that is a list": _first_record(
        lambda record: record.update(
            roles={role: {**held, "legacy_id": ["a"]} for role, held in record["roles"].items()}
        )
    ),
    "a role that its view does not show": _first_record(
        lambda record: record["roles"].update(staff={"schools": "all"})
    ),
    "no district": _first_record(lambda record: record.pop("district")),
}
"""What Clever may do wrong for ever; none of it is to be believed."""


@pytest.fixture(scope="module")
def shared(begin: "Begin") -> "Iterator[Trial]":
    """Return a warehouse of two districts, synced once; a test leaves it as healthy as it was."""
    with begin(districts=2, users=60) as made:
        made.sync()
        yield made


@pytest.fixture
def settled(shared: "Trial") -> "Iterator[Trial]":
    """Return the shared warehouse, and end all faults after the test."""
    yield shared
    shared.sandbox.heal()
    shared.page_limit = 10_000


@pytest.mark.variants(2)
@pytest.mark.parametrize("effect", LASTING.values(), ids=LASTING.keys())
def test_a_district_that_cannot_be_verified_fails_alone(settled: "Trial", effect: "Effect") -> None:
    two = settled
    good, bad = two.districts
    before = two.digest("SELECT * FROM users WHERE district_id = ? ORDER BY user_id", bad)
    past = "SELECT user_id, valid_from, change FROM past.past_users WHERE district_id = ? ORDER BY ALL"
    versions = two.rows(past, bad)
    for district_id in (good, bad):
        two.sandbox.change_email(two.sandbox.roster(district_id).ids("teacher")[0])
    two.page_limit = 40
    two.sandbox.inject(effect, district=bad, stream="users", role="none", page=1)
    result = two.sync()
    assert [outcome.outcome for outcome in result.outcomes] == ["applied", "failed"]
    error = result.outcomes[1].error
    assert error is not None
    assert bad in error
    assert good not in error
    assert error.endswith(".")
    assert "\n" not in error
    assert not result.succeeded
    assert two.wrong(good) == []
    assert two.digest("SELECT * FROM users WHERE district_id = ? ORDER BY user_id", bad) == before
    assert two.rows(past, bad) == versions
    two.sandbox.heal()
    assert two.outcomes() == ["unchanged", "applied"]
    assert two.wrong() == []


PASSING: "dict[str, Effect]" = {
    "429": Status(429, reset_after=0),
    "500": Status(500),
    "502": Status(502),
    "503": Status(503),
    "half a body": Truncated(),
    "no answer": Dropped(),
    "a slow answer": Slow(0.05),
}


@pytest.mark.variants(1)
@pytest.mark.parametrize("effect", PASSING.values(), ids=PASSING.keys())
def test_temporary_failure_is_retried(trial: "Trial", effect: "Effect") -> None:
    fault = trial.sandbox.inject(effect, stream="users", after=2, times=2)
    assert trial.outcomes() == ["applied"]
    assert fault.struck == 2
    assert trial.wrong() == []


@pytest.mark.variants(1)
@pytest.mark.parametrize("effect", [Status(500), Dropped(), Truncated(), Html()], ids=repr)
def test_a_token_list_that_does_not_answer_at_first_is_retried_or_fails_every_asked_district(
    two: "Trial", effect: "Effect"
) -> None:
    two.sync()
    before = two.fingerprint()
    two.sandbox.advance(3)
    two.sandbox.inject(effect, stream="tokens")
    result = two.sync(*two.districts)
    assert [outcome.outcome for outcome in result.outcomes] == ["failed", "failed"]
    assert len(result.failed_tokens) == 1
    assert result.failed_tokens[0].startswith("Token list /oauth/tokens: ")
    assert result.failures == result.failed_tokens
    assert result.disconnected == []
    assert not result.succeeded
    assert two.fingerprint() == before
    assert two.rows("SELECT DISTINCT connected FROM sync.districts") == [(True,)]
    two.sandbox.heal()
    two.sync()
    assert two.wrong() == []


def test_a_refused_secret_fails_the_districts_that_are_known_and_changes_nothing(two: "Trial") -> None:
    two.sync()
    before = two.fingerprint()
    two.credentials = ClientCredentials("sandbox", "wrong-secret-of-the-test")
    result = two.sync(*two.districts)
    assert [outcome.outcome for outcome in result.outcomes] == ["failed", "failed"]
    assert len(result.failed_tokens) == 1
    assert result.failed_tokens[0].startswith("Token list /oauth/tokens: ")
    assert result.failures == result.failed_tokens
    assert "wrong-secret-of-the-test" not in repr(result)
    assert two.fingerprint() == before
    assert two.rows("SELECT DISTINCT connected FROM sync.districts") == [(True,)]
    errors = two.rows("SELECT error FROM sync.runs WHERE outcome = 'failed'")
    assert len(errors) == 2
    assert "wrong-secret-of-the-test" not in repr(errors)


def test_a_district_token_that_is_refused_fails_only_its_own_district(two: "Trial") -> None:
    two.sync()
    good, bad = two.districts
    tokens = dict(two.sandbox.districts)
    two.sandbox.rotate_token(bad)
    two.sandbox.remove(two.person("contact"))
    two.credentials = DistrictTokens([tokens[good], tokens[bad]])
    result = two.sync(good, bad)
    assert [outcome.outcome for outcome in result.outcomes] == ["applied", "failed"]
    assert result.outcomes[1].error == f"No usable token leads to district {bad}, and not every token could be used."
    assert result.failures == [*result.failed_tokens, result.outcomes[1].error]
    assert len(result.failed_tokens) == 1
    assert result.disconnected == []
    assert two.rows("SELECT DISTINCT connected FROM sync.districts") == [(True,)]
    assert two.wrong(good) == []


def test_a_token_that_is_rotated_while_the_roster_is_read_is_requested_again(trial: "Trial") -> None:
    district_id = trial.districts[0]
    trial.page_limit = 9
    trial.sandbox.inject(
        Meanwhile(lambda: trial.sandbox.rotate_token(district_id)), stream="users", role="none", page=2, times=1
    )
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []


def test_the_first_sync_is_applied_and_the_second_unchanged(two: "Trial") -> None:
    assert two.outcomes() == ["applied", "applied"]
    two.events.clear()
    result = two.sync()
    assert [outcome.outcome for outcome in result.outcomes] == ["unchanged", "unchanged"]
    assert result.succeeded
    stages = [event.activity for event in two.events if isinstance(event, Stage)]
    assert "applying" not in stages
    assert "checking" not in stages
    assert two.rows("SELECT * FROM past.past_users") == []


def test_one_changed_district_does_not_touch_an_unchanged_one(two: "Trial") -> None:
    two.sync()
    changed, same = two.districts
    before = two.digest("SELECT * FROM users WHERE district_id = ? ORDER BY user_id", same)
    two.sandbox.change_email(two.sandbox.roster(changed).ids("teacher")[0], "someone@example.org")
    assert two.outcomes() == ["applied", "unchanged"]
    assert two.digest("SELECT * FROM users WHERE district_id = ? ORDER BY user_id", same) == before


def test_every_sync_leaves_a_row_for_each_district_it_was_requested(two: "Trial") -> None:
    first, second = two.districts
    two.sync(sync_id="a")
    two.sandbox.inject(Html(), district=second, stream="users")
    two.sandbox.remove(two.person("contact"))
    two.sync(sync_id="b")
    two.sandbox.heal()
    two.sync(first, sync_id="c")
    runs = two.rows("SELECT sync_id, district_id, mode, outcome, error IS NULL FROM sync.runs ORDER BY ALL")
    assert runs == [
        ("a", first, "full", "applied", True),
        ("a", second, "full", "applied", True),
        ("b", first, "full", "applied", True),
        ("b", second, "full", "failed", False),
        ("c", first, "full", "unchanged", True),
    ]
    assert two.value("SELECT bool_and(started_at <= finished_at) FROM sync.runs")


def test_the_counts_are_people(trial: "Trial") -> None:
    district_id = trial.districts[0]
    gone = trial.person("contact", 0)
    trial.sandbox.remove(gone)
    added = trial.sync().outcomes[0].counts
    assert (added.added, added.updated, added.archived, added.restored) == (39, 0, 0, 0)
    trial.sandbox.restore(gone)
    trial.sandbox.remove(trial.person("contact", 1))
    trial.sandbox.change_email(trial.person("teacher"), "someone@example.org")
    trial.sandbox.give_role(trial.person("staff"), "district_admin")
    counts = trial.outcome().counts
    assert (counts.added, counts.updated, counts.archived, counts.restored) == (1, 2, 1, 0)
    trial.sandbox.remove(gone)
    trial.sync()
    trial.sandbox.restore(gone)
    counts = trial.outcome().counts
    assert (counts.added, counts.updated, counts.archived, counts.restored) == (0, 0, 0, 1)
    assert trial.rows(
        "SELECT added, updated, archived, restored FROM sync.runs WHERE district_id = ? ORDER BY finished_at",
        district_id,
    ) == [(39, 0, 0, 0), (1, 2, 1, 0), (0, 0, 1, 0), (0, 0, 0, 1)]


def test_what_is_found_is_counted_by_role_also_of_a_district_that_shows_what_it_showed_before(two: "Trial") -> None:
    def people(role: str) -> int:
        return two.sandbox.truth().count()[role]

    found = two.sync().by_role
    assert {role: (found[role].before, found[role].counts.added) for role in ROLES} == {
        role: (0, people(role)) for role in ROLES
    }
    two.sandbox.remove(two.person("contact"))
    found = two.sync(sync_id="b").by_role
    assert {role: (found[role].counts.archived, found[role].unchanged) for role in ROLES} == {
        role: (int(role == "contact"), people(role)) for role in ROLES
    }
    kept = "SELECT sum((by_role -> 'contact' ->> 'unchanged')::BIGINT) FROM sync.runs WHERE sync_id = 'b'"
    assert two.value(kept) == people("contact")


def test_the_first_sync_of_an_empty_district_is_applied(begin: "Begin") -> None:
    with begin(users=0) as trial:
        assert trial.outcomes() == ["applied"]
        assert trial.outcomes() == ["unchanged"]
        assert trial.rows("SELECT * FROM users") == []
        trial.sandbox.add_person(trial.districts[0], ("teacher",))
        assert trial.outcomes() == ["applied"]
        assert trial.wrong() == []


def test_a_disagreement_that_goes_away_is_read_again_and_the_second_read_applied(trial: "Trial") -> None:
    arrived: list[str] = []

    def arrive() -> None:
        if not arrived:
            arrived.append(trial.sandbox.add_person(trial.districts[0], ("contact",)))

    trial.sandbox.inject(Meanwhile(arrive), stream="users", role="contact", page=1, times=1)
    trial.sandbox.inject(Withheld(1), stream="users", role="contact", page=1, times=1)
    assert trial.outcomes() == ["applied"]
    assert [event.district_id for event in trial.events if isinstance(event, ReadAgain)] == trial.districts
    assert trial.wrong() == []
    assert trial.value("SELECT count(*) FROM users WHERE user_id = ?", arrived[0]) == 1


def test_a_roster_that_moves_while_it_is_read_ends_as_it_is_at_last(trial: "Trial") -> None:
    trial.sync()
    leaver = trial.sandbox.truth().ids()[-1]
    trial.page_limit = 5
    trial.sandbox.inject(Meanwhile(lambda: trial.sandbox.remove(leaver)), stream="users", role="none", page=8, times=1)
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []


@pytest.mark.variants(1)
@pytest.mark.parametrize("role", ["none", "student", "district_admin"])
def test_a_disagreement_that_persists_fails_after_three_reads_and_applies_nothing(two: "Trial", role: str) -> None:
    bad, good = two.districts
    two.sandbox.add_person(bad, ("district_admin",))
    fault = two.sandbox.inject(Withheld(1), district=bad, stream="users", role=role, page=1)
    result = two.sync()
    assert [outcome.outcome for outcome in result.outcomes] == ["failed", "applied"]
    assert fault.struck == 3
    assert len([event for event in two.events if isinstance(event, ReadAgain)]) == 2
    assert result.outcomes[0].unverified
    assert "disagree" in (result.outcomes[0].error or "")
    assert two.rows("SELECT * FROM users WHERE district_id = ?", bad) == []
    assert two.wrong(good) == []
    two.sandbox.heal()
    two.sync()
    assert two.wrong() == []


@pytest.mark.search
def test_a_sync_that_is_tried_again_after_three_reads_asks_clever_again(trial: "Trial") -> None:
    fault = trial.sandbox.inject(Withheld(1), stream="users", role="teacher", page=1)
    for reads in (3, 6):
        outcome = trial.outcome(sync_id="the same")
        assert outcome.outcome == "failed"
        assert "was read 3 times and no read could be verified" in (outcome.error or "")
        assert fault.struck == reads
    trial.sandbox.heal()
    trial.events.clear()
    assert trial.outcomes(sync_id="the same") == ["applied"]
    assert len([event for event in trial.events if isinstance(event, ReadAgain)]) == 1
    assert len([event for event in trial.events if isinstance(event, PageLanded)]) == len(DEFAULT_STREAMS)
    assert trial.wrong() == []
    assert trial.rows("SELECT sync_id, outcome FROM sync.runs") == [("the same", "applied")]


def test_pages_that_landed_in_a_third_read_that_broke_off_are_used_again(trial: "Trial") -> None:
    trial.page_limit = 10
    trial.sandbox.inject(Withheld(1), stream="users", role="teacher", page=1, times=2)
    read_again: list[Event] = []

    def break_off(event: Event) -> None:
        if isinstance(event, ReadAgain):
            read_again.append(event)
        elif len(read_again) == 2 and isinstance(event, PageLanded) and event.stream == "users":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trial.sync(sync_id="the same", report=break_off)
    assert trial.outcomes(sync_id="the same") == ["applied"]
    assert [event for event in trial.events if isinstance(event, ReadAgain)] == []
    assert "users" in {event.stream for event in trial.events if isinstance(event, StreamResumed)}
    assert trial.wrong() == []


def test_only_the_district_that_cannot_be_verified_is_read_again(two: "Trial") -> None:
    bad, good = two.districts
    two.sandbox.inject(Withheld(1), district=bad, stream="users", role="teacher", page=1, times=1)
    assert two.outcomes() == ["applied", "applied"]
    pages = [event.district_id for event in two.events if isinstance(event, PageLanded)]
    assert (pages.count(bad), pages.count(good)) == (2 * len(DEFAULT_STREAMS), len(DEFAULT_STREAMS))
    assert two.wrong() == []


def test_every_role_view_is_verified_and_not_only_users(two: "Trial") -> None:
    bad, _good = two.districts
    effects: list[Effect] = [RepeatedRecord(), ForeignRecord(), WithoutId(), CutChain()]
    for number, effect in enumerate(effects):
        two.sandbox.inject(effect, district=bad, stream="users", role="contact", page=1)
        two.page_limit = 3
        outcomes = two.sync(sync_id=f"view-{number}").outcomes
        assert [outcome.outcome for outcome in outcomes] == ["failed", "applied" if number == 0 else "unchanged"]
        two.sandbox.heal()
    assert two.rows("SELECT * FROM users WHERE district_id = ?", bad) == []


def test_a_disconnected_district_is_left_as_it_is_and_is_synced_when_it_returns(two: "Trial") -> None:
    stays, leaves = two.districts
    two.sync(sync_id="a")
    before = two.digest("SELECT * FROM users WHERE district_id = ? ORDER BY user_id", leaves)
    links = two.rows("SELECT * FROM legacy_id_crosswalk WHERE district_id = ? ORDER BY ALL", leaves)
    two.sandbox.disconnect(leaves)
    result = two.sync(stays, leaves, sync_id="b")
    assert {outcome.district_id: outcome.outcome for outcome in result.outcomes} == {
        stays: "unchanged",
        leaves: "disconnected",
    }
    assert result.disconnected == [leaves]
    assert result.unknown == []
    assert result.succeeded
    assert two.rows("SELECT district_id, outcome FROM sync.runs WHERE sync_id = 'b' ORDER BY ALL") == [
        (stays, "unchanged"),
        (leaves, "disconnected"),
    ]
    assert two.digest("SELECT * FROM users WHERE district_id = ? ORDER BY user_id", leaves) == before
    assert two.rows("SELECT * FROM legacy_id_crosswalk WHERE district_id = ? ORDER BY ALL", leaves) == links
    connected = "SELECT district_id, connected FROM sync.districts ORDER BY ALL"
    assert two.rows(connected) == [(stays, True), (leaves, False)]
    two.sandbox.connect(leaves)
    two.sandbox.remove(two.sandbox.roster(leaves).ids("contact")[0])
    result = two.sync(stays, leaves, sync_id="c")
    assert [outcome.outcome for outcome in result.outcomes] == ["unchanged", "applied"]
    assert two.rows(connected) == [(stays, True), (leaves, True)]
    assert two.wrong() == []
    assert two.value("SELECT count(DISTINCT first_seen_at) FROM users WHERE district_id = ?", leaves) == 1


def test_a_disconnected_district_does_not_fail_while_the_token_list_cannot_be_used(two: "Trial") -> None:
    stays, leaves = two.districts
    tokens = dict(two.sandbox.districts)
    two.sync()
    two.sandbox.disconnect(leaves)
    two.sync()
    two.sandbox.inject(Status(500), stream="tokens")
    result = two.sync(stays, leaves)
    assert [outcome.outcome for outcome in result.outcomes] == ["failed", "disconnected"]
    two.sandbox.heal()
    two.credentials = DistrictTokens([tokens[stays], "no-token-of-anybody"])
    result = two.sync(stays, leaves)
    assert [outcome.outcome for outcome in result.outcomes] == ["unchanged", "disconnected"]
    assert two.rows("SELECT connected FROM sync.districts ORDER BY district_id") == [(True,), (False,)]


def test_an_id_that_clever_never_showed_is_reported_as_unknown(trial: "Trial") -> None:
    result = trial.sync(trial.districts[0], "5f00000000000000000000ff")
    assert result.unknown == ["5f00000000000000000000ff"]
    assert [outcome.outcome for outcome in result.outcomes] == ["applied"]
    assert not result.succeeded
    assert trial.value("SELECT count(*) FROM sync.runs") == 1


def test_a_district_without_secure_sync_fails_with_that_reason_and_the_others_are_applied(trial: "Trial") -> None:
    for refusal in (403, 404):
        trial.sandbox.refusal_without_secure_sync = refusal
        without = trial.sandbox.add_district(secure_sync=False)
        outcome = trial.outcome(without)
        assert outcome.outcome == "failed"
        assert without in (outcome.error or "")
        assert "Secure Sync" in (outcome.error or "")
    assert trial.outcome().outcome == "applied"
    assert trial.wrong(trial.districts[0]) == []


def test_a_new_district_arrives_next_to_the_others(trial: "Trial") -> None:
    trial.sync()
    trial.sandbox.add_district(20)
    assert trial.outcomes() == ["unchanged", "applied"]
    assert trial.wrong() == []


def test_a_person_who_moves_to_another_district_is_archived_in_the_old_one_and_created_in_the_new(two: "Trial") -> None:
    old, new = two.districts
    two.sync()
    mover = two.person("teacher")

    def add(envelope: "dict[str, Any]") -> "dict[str, Any]":
        envelope["data"].append({"data": two.sandbox.roster(old).record(mover) | {"district": new}})
        return envelope

    def take(envelope: "dict[str, Any]") -> "dict[str, Any]":
        envelope["data"] = [item for item in envelope["data"] if item["data"]["id"] != mover]
        return envelope

    for role in ("none", "teacher"):
        two.sandbox.inject(Altered(add), district=new, stream="users", role=role)
        two.sandbox.inject(Altered(take), district=old, stream="users", role=role)
    assert [outcome.error for outcome in two.sync().outcomes] == [None, None]
    for table in ("users", "user_roles"):
        assert two.rows(f"SELECT district_id, change FROM {table} WHERE user_id = ?", mover) == [(new, "created")]
        ended = f"SELECT district_id, change FROM {table}_history WHERE user_id = ? AND change = 'archived'"
        assert two.rows(ended, mover) == [(old, "archived")]
    links = "SELECT DISTINCT district_id, is_current, end_reason FROM legacy_id_crosswalk WHERE user_id = ? ORDER BY is_current"
    assert two.rows(links, mover) == [(old, False, "archived"), (new, True, None)]
    legacy_id = two.value("SELECT any_value(legacy_id) FROM user_roles WHERE user_id = ?", mover)
    assert two.value("SELECT v3_user_id(?)", legacy_id) == mover
    assert two.outcomes() == ["unchanged", "unchanged"]
