"""Guarantee 7, full or events: two warehouses of the same random world are the same after every sync, whatever happens.

One reads everything each time. The other is kept up to date by events, by full syncs, or by both, and syncs break off, events cannot
be read, or there are none for a while. At the same instants both are compared with each other and with the oracle, table by table,
with their history, the crosswalk and the holds. What differs is named by table and key.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.clever.app import DEFAULT_RECORDS
from pipelines.progress import Event, silent
from pipelines.sandbox import (
    Dropped,
    ForeignRecord,
    Garbled,
    Html,
    LoopingNext,
    NullData,
    Rendering,
    RepeatedRecord,
    Status,
    Truncated,
    WithoutData,
    WithoutId,
)
from pipelines.sync import EVENTS, FULL, UP_TO_DATE, LimitsByDistrict, Outcome, approve, reject
from tests.conftest import Trial
from tests.expected import role_tables, school_tables
from tests.expected.change_log import ChangeLog
from tests.expected.regular import canonical, parse
from tests.expected.sandbox import SCHOOL_STREAMS
from tests.expected.school_tables import School
from tests.expected.truth import Truth
from tests.pipelines.sync.school_changes import SchoolChanges
from tests.pipelines.sync.test_histories import (
    LOST_SOCKETS,
    THOROUGHLY,
    CrashError,
    Day,
    Draw,
    Memory,
    _window,
    limits,
)

if TYPE_CHECKING:
    from pipelines.sandbox.faults import Effect
    from tests.conftest import Begin

pytestmark = pytest.mark.usefixtures("compacted")

written = st.builds(Rendering, indent=st.booleans(), escape=st.booleans(), links_first=st.booleans())
"""How Clever writes its answers. The order of fields stays: in another one, a held snapshot has another digest."""

INSTANTS = 4
"""Syncs in each history."""

SEARCHES = 2
"""The searches, each in a process of its own."""

EXAMPLES = max(4, THOROUGHLY)
"""Histories in each search: one takes as long as four of one warehouse with people alone."""

FEWER = 2
"""Histories in `make test`: each syncs twice as often as those of one warehouse."""

RECORDS = (DEFAULT_RECORDS, ("sections", "schools"), ())
"""Record types to sync besides users."""

FAULTS: tuple["Effect", ...] = (
    *(Status(400), Status(403), Status(404), Status(500), Html(), Garbled(), Truncated(), Dropped(), WithoutData()),
    *(NullData(), LoopingNext(), RepeatedRecord(), ForeignRecord(), WithoutId()),
)
"""What may be wrong with the events. That some of them are missing without a sign is another matter."""

TABLES = (
    "users",
    "user_roles",
    *role_tables.ROLE_OF,
    *(each for each in school_tables.COLUMNS if each != "resource_courses"),
)

OTHERS = {
    "legacy_id_crosswalk": "SELECT * FROM legacy_id_crosswalk",
    "crosswalk_changes": "SELECT * FROM crosswalk_changes",
    "sync.holds": "SELECT district_id, digest, state, why, by_role, archived, applied_at IS NOT NULL FROM sync.holds",
    "sync.fields": "SELECT stream, district_id, path, kind, records FROM sync.fields WHERE is_present",
    "sync.drift": "SELECT stream, district_id, path, kind, records FROM sync.drift WHERE is_present AND kind <> 'field_appeared'",
    "sync.findings": (
        'SELECT "check", district_id, record_id, related_id FROM sync.findings '
        "WHERE resolved_at IS NULL AND \"check\" <> 'missed_by_events'"
    ),
    "sync.districts": "SELECT district_id, connected, not_shared FROM sync.districts",
}
"""What is the same besides the tables and their history."""

COLUMNS = {**role_tables.COLUMNS, **school_tables.COLUMNS}


class Twin:
    """One of the two warehouses, with when it was written."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.windows: list[tuple[datetime, datetime]] = []
        """When each round of syncs and each decision began and ended."""

    def rows(self, query: str) -> Counter[tuple[tuple[str, Any], ...]]:
        """Ask the published file; an instant of a sync becomes its number, JSON is in one form."""
        connection = self.trial.warehouse.reading()
        try:
            found = connection.execute(query)
            names = [column[0] for column in found.description or ()]
            rows = found.fetchall()
        finally:
            connection.close()
        return Counter(tuple(zip(names, map(self._plain, names, row), strict=True)) for row in rows)

    def _plain(self, name: str, value: Any) -> Any:
        if name in {"valid_from", "valid_to", "observed_at", "first_seen_at", "last_seen_at", "ended_at"}:
            return None if value is None else _window(self.windows, value)
        if name in {"ext", "extra"}:
            return canonical(value and parse(value))
        return tuple(value) if isinstance(value, list) else value


class Twins:
    """Two warehouses of one world, and what ought to be known of it."""

    def __init__(self, trial: Trial) -> None:
        self.sandbox = trial.sandbox
        self.full = Twin(trial)
        self.by_events = Twin(Trial(trial.sandbox, trial.url, trial.folder / "by-events", events=trial.events))
        self.memories = {district_id: Memory() for district_id in trial.districts}
        self.change_logs = {district_id: ChangeLog() for district_id in trial.districts}
        self.told: dict[str, list[int]] = {district_id: [] for district_id in trial.districts}
        """The window of each sync that the oracle was told of."""
        self.shown: dict[str, tuple[Truth, School]] = {}
        """What each district showed at the latest sync."""
        self.behind: set[str] = set()
        """The districts of which something changed without an event since they were brought up to date."""
        self.rejected: set[str] = set()
        """The districts of which a snapshot was rejected that Clever may return again."""
        self.by_mode: Counter[str] = Counter()
        self.names: set[str] = set()

    def night(self, draw: Draw) -> None:
        """Let something happen in the world."""
        is_missed = draw(st.sampled_from([False] * 6 + [True]), "missed by events")
        for district_id, memory in self.memories.items():
            schools = SchoolChanges(self.sandbox, district_id, draw)
            refused = schools.refused()
            log = self.sandbox._districts[district_id].events
            is_told = log.is_on and not is_missed
            happenings: list[Day | SchoolChanges] = [
                *[Day(self.sandbox, district_id, memory, draw, without={"field that occurs twice"})]
                * draw(st.integers(0, 3), "people"),
                *[schools] * draw(st.integers(0, 3), "schools"),
            ]
            with self.sandbox.without_events() if is_missed else nullcontext():
                for happening in happenings:
                    happening.apply()
            if (happenings and not is_told) or refused != schools.refused():
                self.behind.add(district_id)
            self._events(district_id, draw)

    def _events(self, district_id: str, draw: Draw) -> None:
        """Let events be disabled, enabled or expire, or the cursor be refused in another way."""
        what = draw(st.sampled_from(["nothing"] * 8 + ["disabled", "expired", "refusal"]), "events")
        self.sandbox.unknown_event_cursor = draw(st.sampled_from([400, 404]), "status") if what == "refusal" else 400
        if not self.sandbox._districts[district_id].events.is_on:
            if draw(st.booleans(), "enabled"):
                self.sandbox.enable_events(district_id)
        elif what == "disabled":
            self.sandbox.disable_events(district_id)
        elif what == "expired":
            self.sandbox.expire_events(district_id)
            self.behind.add(district_id)

    def sync(self, draw: Draw, number: int) -> None:
        """Sync both warehouses, and compare them."""
        one, other = self.full.trial, self.by_events.trial
        one.version = other.version = draw(st.sampled_from([one.version] * 5 + ["v3.0", "v3.1"]), "version")
        one.records = other.records = draw(st.sampled_from([one.records] * 5 + [*RECORDS]), "records")
        one.limits = LimitsByDistrict(draw(limits, "limits")) if draw(st.booleans(), "limited") else LimitsByDistrict()
        other.limits = one.limits
        asked = draw(st.sampled_from([one.districts, one.districts, one.districts[:1]]), "districts")
        self.sandbox.rendering = draw(written, "rendering")
        self.names |= self.sandbox.secrets()
        streams = {*SCHOOL_STREAMS} & {*one.records}
        for district_id in asked:
            refused = self.sandbox._districts[district_id].refused.keys()
            school = self.sandbox.school(district_id, one.version, streams - refused)
            self.shown[district_id] = self.sandbox.truth(district_id, one.version), school
        in_full = self._sync(self.full, [(asked, FULL)], str(number))
        by_events = self._sync_by_events(draw, asked, str(number))
        assert {key: _result(each) for key, each in in_full.items()} == {
            key: _result(each) for key, each in by_events.items()
        }
        for district_id, outcome in in_full.items():
            if outcome.outcome in UP_TO_DATE:
                self._tell(district_id)
                if by_events[district_id].mode == FULL and district_id not in self.rejected:
                    self.behind.discard(district_id)
        assert self.wrong() == []

    def _sync_by_events(self, draw: Draw, asked: Sequence[str], number: str) -> dict[str, Outcome]:
        """Sync the other warehouse by events, or in full where these cannot say everything; maybe not at the first try."""
        trial = self.by_events.trial
        mode = draw(st.sampled_from([EVENTS, EVENTS, EVENTS, FULL]), "mode")
        trial.page_limit = draw(st.sampled_from([10_000, 3, 1]), "page limit")
        off = {each for each in asked if not self.sandbox._districts[each].events.is_on}
        behind = [each for each in asked if each in self.behind - off or mode == FULL]
        parts = [(behind, FULL), ([each for each in asked if each not in behind], EVENTS)]
        trouble = draw(st.sampled_from(["none", "none", "fault", "crash", "passing"]), "trouble")
        if trouble == "fault":
            effect = draw(st.sampled_from(FAULTS), "effect")
            self.sandbox.inject(effect, stream="events", page=draw(st.integers(1, 2), "page"))
        elif trouble == "passing":
            effect = draw(st.sampled_from([Status(500), Truncated(), Dropped()]), "effect")
            self.sandbox.inject(effect, after=draw(st.integers(0, 20), "after"), times=1)
        crash_at = draw(st.integers(0, 25) | st.sampled_from(STAGES), "instant") if trouble == "crash" else None
        found = self._sync(self.by_events, parts, number, crash_at=crash_at)
        self.sandbox.heal()
        trial.page_limit = 10_000
        self.by_mode.update(outcome.mode for outcome in found.values())
        if draw(st.integers(0, 7), "repeated") == 7 and not {each.outcome for each in found.values()} - UP_TO_DATE:
            repeated = self._sync(self.by_events, [(asked, EVENTS)], f"{number}-repeated", is_counted=False)
            assert {each.outcome for each in repeated.values()} == {"unchanged"}
        return found

    def _sync(
        self,
        twin: Twin,
        parts: Sequence[tuple[Sequence[str], str]],
        number: str,
        *,
        crash_at: int | str | None = None,
        is_counted: bool = True,
    ) -> dict[str, Outcome]:
        """Sync some districts, each part in its mode; if it breaks off, once more."""
        began = datetime.now(UTC)
        reported = count()

        def report(event: Event) -> None:
            twin.trial.events.append(event)
            if crash_at is not None and crash_at in {next(reported), getattr(event, "activity", None)}:
                raise CrashError

        found: dict[str, Outcome] = {}
        for districts, mode in parts:
            if not districts:
                continue
            sync_id = f"{mode}-{number}"
            try:
                result = twin.trial.sync(*districts, sync_id=sync_id, mode=mode, report=report)
            except CrashError:
                result = twin.trial.sync(*districts, sync_id=sync_id, mode=mode)
            found |= {outcome.district_id: outcome for outcome in result.outcomes}
        if is_counted:
            twin.windows.append((began, datetime.now(UTC)))
        else:
            twin.windows[-1] = (twin.windows[-1][0], datetime.now(UTC))
        return found

    def _tell(self, district_id: str) -> None:
        truth, school = self.shown[district_id]
        self.told[district_id].append(len(self.full.windows))
        self.change_logs[district_id].sync(truth, school)
        self.memories[district_id].change_log = self.change_logs[district_id]

    def decide(self, draw: Draw, number: int) -> None:
        """Approve, reject, or leave what both hold."""
        for district_id in self.memories:
            held = self._held(self.full, district_id)
            assert held == self._held(self.by_events, district_id)
            word = draw(st.sampled_from(["nothing", "approve", "approve", "reject"]), "decision") if held else "nothing"
            if word == "nothing":
                continue
            for twin in (self.full, self.by_events):
                began = datetime.now(UTC)
                decision: dict[str, Any] = {"digest": held, "reason": "as told", "decided_by": "somebody"}
                decide = approve if word == "approve" else reject
                decided = decide(
                    twin.trial.warehouse,
                    district_id=district_id,
                    decision_id=f"decision-{number}-{district_id}",
                    report=silent,
                    **decision,
                )
                assert (decided is not None) == (word == "approve")
                twin.windows.append((began, datetime.now(UTC)))
            if word == "approve":
                self._tell(district_id)
            else:
                # A full sync recognizes the snapshot that was rejected; events have no digest.
                self.rejected.add(district_id)
                self.behind.add(district_id)
            assert self.wrong() == []

    def _held(self, twin: Twin, district_id: str) -> str | None:
        query = "SELECT digest FROM sync.holds WHERE state = 'held' AND district_id = ?"
        return next((str(digest) for (digest,) in twin.trial.rows(query, district_id)), None)

    def wrong(self) -> list[str]:
        """Name what differs between the two warehouses, and from the oracle."""
        found = []
        for name, query in _queries().items():
            one, other = self.full.rows(query), self.by_events.rows(query)
            found += [f"{name}: {_key(row)} only in full" for row in one - other]
            found += [f"{name}: {_key(row)} only by events" for row in other - one]
        return found + [each for table in COLUMNS if table in TABLES for each in self._wrong_versions(table)]

    def _wrong_versions(self, table: str) -> Iterator[str]:
        """Compare the history of a table with the oracle's."""
        columns = COLUMNS[table]
        shown: Counter[tuple[Any, ...]] = Counter()
        for row, many in self.by_events.rows(f"SELECT * FROM {table}_history").items():
            named = dict(row)
            values = {name: json.loads(value) if name == "ext" and value else value for name, value in named.items()}
            of_row = columns.row_of(values, named["extra"]).settled
            times = named["valid_from"], named["valid_to"], named["change"]
            shown[named["district_id"], columns.key_of(named), *times, of_row] += many
        expected: Counter[tuple[Any, ...]] = Counter()
        for district_id, change_log in self.change_logs.items():
            told = self.told[district_id]
            for key, versions in change_log.tables[table].by_key.items():
                ends = [told[version.sync - 1] for version in versions[1:]] + [None]
                for version, end in zip(versions, ends, strict=True):
                    of_row = version.row.values, version.extra  # type: ignore[union-attr]
                    expected[district_id, key, told[version.sync - 1], end, version.change, of_row] += 1
        for row in (shown - expected) + (expected - shown):
            yield f"{table}_history: {row[:5]} is not what the oracle has"


STAGES = ("reading events from Clever", "comparing", "applying", "reading from Clever", "checking", "publishing")


def _queries() -> Mapping[str, str]:
    return {
        **{table: f"SELECT * FROM {table}" for table in TABLES},
        **{f"{table}_history": f"SELECT * FROM {table}_history" for table in TABLES},
        **OTHERS,
    }


def _key(row: tuple[tuple[str, Any], ...]) -> str:
    """Name a row without the values of a person."""
    named = ("_id", "valid_from", "valid_to", "change", "role", "path", "kind", "check", "state", "records")
    return str({name: value for name, value in row if name.endswith(named)})


def _result(outcome: Outcome) -> tuple[Any, ...]:
    return outcome.outcome, outcome.counts, outcome.by_role, outcome.archived, outcome.exceeded


@pytest.mark.filterwarnings(LOST_SOCKETS)
@settings(max_examples=FEWER)
@given(data=st.data())
def test_a_warehouse_that_follows_events_is_the_same_as_one_that_reads_everything(
    begin: "Begin", data: st.DataObject
) -> None:
    _random_history(begin, data)


@pytest.mark.search
@pytest.mark.filterwarnings(LOST_SOCKETS)
@pytest.mark.parametrize("part", range(SEARCHES))
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_random_histories_are_the_same_by_events(begin: "Begin", data: st.DataObject, part: int) -> None:
    _random_history(begin, data)


def _random_history(begin: "Begin", data: st.DataObject) -> None:
    def draw(strategy: st.SearchStrategy[Any], what: str) -> Any:
        return data.draw(strategy, what)

    seed, users = draw(st.integers(0, 10**6), "seed"), draw(st.integers(10, 30), "users")
    with begin(districts=2, seed=seed, users=users) as trial:
        twins = Twins(trial)
        for number in range(INSTANTS):
            twins.night(draw)
            twins.sync(draw, number)
            twins.decide(draw, number)
        told = f"{trial.events} {twins.by_events.trial.rows('SELECT reason FROM sync.events')}"
        assert not {name for name in twins.names if len(name) > 3 and f"'{name}'" in told}
