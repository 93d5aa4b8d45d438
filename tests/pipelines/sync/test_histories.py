"""Promises 3 to 8 and 10, over random histories: the warehouse remembers what the sandbox's chronicle remembers.

A history is some nights at Clever and a sync after each, with all that can befall a sync. After every sync the published
file is held against the chronicle, which shares no code with the warehouse. What differs is named by table, key and column.
Most histories are of people alone, whose identity is what the rest leans on; those of whole rosters cost more.
"""

import csv
import math
import random
import re
import shutil
import ssl
import subprocess
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager, nullcontext
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.clever.app import DEFAULT_RECORDS
from pipelines.identity.migration import import_migration
from pipelines.progress import Event, silent
from pipelines.records import CATALOG
from pipelines.sandbox import (
    ROLES,
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
    Withheld,
    WithoutData,
    WithoutId,
)
from pipelines.sync import Limits, LimitsByDistrict, SyncResult, approve, reject
from pipelines.warehouse import NothingPublishedError, UnknownHoldError
from pipelines.warehouse.checks import checks
from pipelines.warehouse.staging import Staging
from tests.conftest import Trial
from tests.expected import role_tables, school_tables
from tests.expected.change_log import ChangeLog
from tests.expected.change_log import Outcome as Told
from tests.expected.current_tables import current_tables
from tests.expected.identity import IdentityOracle
from tests.expected.identity_answers import disagreements, recomputed_differences, resolve_disagreements
from tests.expected.regular import canonical, parse
from tests.expected.role_tables import ROLE_OF
from tests.expected.sandbox import SCHOOL_STREAMS, Sandbox
from tests.expected.school_answers import finding_disagreements, view_disagreements
from tests.expected.school_tables import School
from tests.expected.table_rows import TableRow
from tests.expected.truth import CrosswalkRow, Truth
from tests.pipelines.sync.school_changes import LISTS, SchoolChanges

if TYPE_CHECKING:
    from pipelines.sandbox.faults import Effect
    from tests.conftest import Begin

pytestmark = pytest.mark.usefixtures("compacted")

THOROUGHLY = settings().max_examples
SEARCHES = 4
"""Parts of the random search, each with seeds of its own, so that they run in parallel."""
EXAMPLES = max(6, THOROUGHLY)
"""Histories per part: 24 in all under `make test-all`, always the same ones; each round of `make soak` has others."""
FEW = 3
"""Histories in `make test`."""

WHOLE_SEARCHES = 2
"""Parts of the random search of whole rosters: 12 in all under `make test-all`."""
FEW_WHOLE = 2
"""Histories of whole rosters in `make test`."""

PEOPLE = ("users",)
"""The record types of most histories."""

SYNCS = 5
"""In each history, those that broke off not counted."""

LOST_SOCKETS = "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
"""A fault of the sandbox may drop a connection whose socket is collected later."""

UNKNOWN = tuple(f"{number:024x}" for number in range(4, 10))
"""IDs for migration CSVs, of which rosters may show the first two later."""

SAMPLE = 8
"""IDs after each sync for which the identity of the person is asked."""

LIVES = max(8, THOROUGHLY)
"""Processes that are killed."""

LINES_OF_A_LIFE = 60
"""Events that a process reports before it is killed, at the most: those of two syncs."""

Draw = Callable[[st.SearchStrategy[Any], str], Any]
Row = tuple[Any, ...]
Key = tuple[Any, ...]
Rows = Mapping[Key, TableRow]
Ask = Callable[[str], list[Row]]

STREAMS = {
    "users": None,
    "students": "student",
    "teachers": "teacher",
    "staff": "staff",
    "district_admins": "district_admin",
    "contacts": "contact",
}
EMPLOYEES = ("teacher", "staff", "district_admin")
KINDS = (("student",), ("contact",), ("teacher",), ("staff",), ("teacher", "staff"), EMPLOYEES, ("district_admin",))
SCHOOLS = tuple(table for table in school_tables.COLUMNS if table != "resource_courses")
"""The tables of schools; the courses of resources are not read."""
COLUMNS = {**role_tables.COLUMNS, **{table: school_tables.COLUMNS[table] for table in SCHOOLS}}
"""The columns of the tables that are compared in one form."""
COPIED = {
    "users": (
        "user_id, district_id, email, first_name, middle_name, last_name, roles, synced_in_lms, created_at, first_seen_at, "
        "extra::VARCHAR"
    ),
    "user_roles": (
        "user_id, role, district_id, legacy_id, sis_id, title, school_id, school_ids, first_seen_at, extra::VARCHAR"
    ),
    **{
        table: ", ".join((*columns.key, "district_id", *columns.values, "first_seen_at", "extra::VARCHAR"))
        for table, columns in COLUMNS.items()
    },
}
"""What must be the same whenever the tables are asked for as they were."""
UP_TO_DATE = ("applied", "unchanged")
NOBODY = Told("", 0, 0, 0, 0)

PASSING: tuple["Effect", ...] = (Status(500), Status(503), Truncated(), Dropped())
LASTING: tuple["Effect", ...] = (
    *(Html(), Garbled(), Status(401), Status(404), Status(500), Truncated(), Dropped()),
    *(WithoutData(), NullData(), LoopingNext(), RepeatedRecord(), ForeignRecord(), WithoutId()),
)

values: st.SearchStrategy[Any] = st.sampled_from(
    [42, "text", "ü/ж", True, {"b": 1, "a": [{"y": None, "x": 2}]}, [], {}, None, 0.5, ""]
)
renderings = st.builds(
    Rendering, indent=st.booleans(), escape=st.booleans(), reorder=st.booleans(), links_first=st.booleans()
)
limits = st.builds(
    Limits,
    max_archived_percent=st.sampled_from([100, 0, 10, 25, 50]),
    max_changed_percent=st.sampled_from([100, 0, 10, 25, 50]),
    min_records=st.sampled_from([20, 1, 2, 3]),
)

instants = st.integers(0, 30) | st.sampled_from(["comparing", "applying", "checking", "publishing"])


class CrashError(BaseException):
    """The sync was interrupted."""


class Snapshot(Truth):
    """What a district shows at one moment: its people, and the schools of the streams that it shares."""

    def __init__(self, items: Iterable[bytes], school: School) -> None:
        super().__init__(items)
        self.school = school


@dataclass
class Hold:
    """What ought to be known of a snapshot that was held."""

    digest: str
    truth: Snapshot
    state: str = "held"
    is_applied: bool = False
    is_landed: bool = True
    read: str = ""
    """The held read that read it last."""
    order: int = 0
    """The number of that sync, as the oracle counts."""
    lines: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """The hash of the bytes of each record that it read, by stream."""
    streams: Mapping[str, Row] = field(default_factory=dict)
    """What it read of each stream."""

    @property
    def is_open(self) -> bool:
        """Whether it waits for a word, or was approved and waits for a sync."""
        return self.state == "held" or (self.state == "approved" and not self.is_applied)


class Memory:
    """What ought to be known of one district."""

    def __init__(self) -> None:
        self.change_log = ChangeLog()
        self.windows: list[tuple[datetime, datetime]] = []
        """When each sync that the chronicle was told of began and ended."""
        self.reads: dict[int, int | str] = {}
        """For each of these syncs, the read that it applied: its own, or the held read that was approved."""
        self.truth = Snapshot([], School({}))
        """Of the latest of these syncs."""
        self.lines: Mapping[str, Mapping[str, int]] = {}
        """The hash of the bytes of each record that the latest sync that read a stream applied, by stream."""
        self.not_shared: tuple[str, ...] | None = None
        """The streams that Clever refused as a whole when the district was read last; None before the first read."""
        self.holds: list[Hold] = []
        self.held_reads: list[tuple[datetime, datetime]] = []
        """When each sync that held a snapshot began and ended."""
        self.held_links: dict[CrosswalkRow, tuple[str, str]] = {}
        """The first and the last held read of each link that a held snapshot showed before any applied one."""
        self.is_connected = True
        self.was_listed: bool | None = None
        """Whether the token list had it, when it was read last."""

    def latest(self, digest: str | None) -> Hold | None:
        """Return the latest hold of a snapshot."""
        return next((hold for hold in reversed(self.holds) if hold.digest == digest), None)

    def waiting(self) -> Hold | None:
        """Return the snapshot that waits for a word."""
        return next((hold for hold in self.holds if hold.state == "held"), None)

    def changes(self, truth: Snapshot) -> dict[str, dict[str, int]]:
        """Count by role, and by table of schools, what a snapshot would change."""
        held, now = _held(self.truth), _held(truth)
        found = {}
        for role in ROLES:
            before, after = ({key for key in keys if key[1] == role} for keys in (held, now))
            arrived = after - before
            updated = self.updated(truth, role)
            restored = arrived & self.change_log.user_roles.keys()
            if before or after:
                found[role] = {
                    "before": len(before),
                    "added": len(arrived - restored),
                    "updated": len(updated),
                    "archived": len(before - after),
                    "restored": len(restored),
                    "unchanged": len(before & after) - len(updated),
                }
        for table, (former, shown) in self.schools(truth).items():
            of_ever = self.change_log.school_tables[table].keys()
            if former or shown:
                found[table] = {
                    "before": len(former),
                    "added": len(shown.keys() - of_ever),
                    "updated": len(self.updated_rows(truth, table)),
                    "archived": len(former.keys() - shown.keys()),
                    "restored": len((shown.keys() & of_ever) - former.keys()),
                    "unchanged": len(former.keys() & shown.keys()) - len(self.updated_rows(truth, table)),
                }
        return found

    def schools(self, truth: Snapshot) -> dict[str, tuple[Rows, Rows]]:
        """Return the rows of each table of schools before and after a snapshot: of what is not shared, they stay as they are."""
        found: dict[str, tuple[Rows, Rows]] = {}
        for table in SCHOOLS:
            former: dict[Key, Any] = {key: row for key, (row, _) in self.change_log.tables[table].current.items()}
            found[table] = former, truth.school.tables.get(table, former)
        return found

    def updated_rows(
        self, truth: Snapshot, table: str, *, hidden: AbstractSet[tuple[str, str]] = frozenset()
    ) -> set[Key]:
        """Name the rows of a table of schools in which a snapshot changes anything, apart from some columns."""

        def kept(row: TableRow) -> Row:
            named = zip(COLUMNS[table].values, row.values, strict=True)
            return row.extra, *(value for column, value in named if (table, column) not in hidden)

        former, shown = self.schools(truth)[table]
        return {key for key in former.keys() & shown.keys() if kept(former[key]) != kept(shown[key])}

    def lost(self, truth: Snapshot, table: str) -> int:
        """Count the rows of a table of schools that a snapshot archives: memberships only of those who stay."""
        schools = self.schools(truth)
        gone = {*self.truth.ids()} - {*truth.ids()}
        for former, shown in schools.values():
            gone |= {key[0] for key in former.keys() - shown.keys() if len(key) == 1}
        former, shown = schools[table]
        return sum(len(key) == 1 or key[-1] not in gone for key in former.keys() - shown.keys())

    def updated(self, truth: Truth, role: str, *, hidden: AbstractSet[tuple[str, str]] = frozenset()) -> set[str]:
        """Name the holders of a role in whom a snapshot changes anything, apart from some columns of some tables."""
        former, now = _by_holder(self.truth, role, hidden), _by_holder(truth, role, hidden)
        return {user_id for user_id in former.keys() & now.keys() if former[user_id] != now[user_id]}

    def appeared(self, truth: Snapshot) -> set[tuple[str, str]]:
        """Name the tables and columns that have values in a snapshot, and in no row of the district now."""
        schools = self.schools(truth)
        return (_filled(truth) | _filled_in({table: shown for table, (_, shown) in schools.items()})) - (
            _filled(self.truth) | _filled_in({table: former for table, (former, _) in schools.items()})
        )

    def is_held(self, truth: Snapshot, digest: str | None, allowed: Limits) -> bool:
        """Return whether a snapshot waits for approval, or was rejected."""
        if (
            truth.users == self.truth.users
            and _held(truth) == _held(self.truth)
            and _people(truth) == _people(self.truth)
            and truth.role_tables == self.truth.role_tables
            and all(former == shown for former, shown in self.schools(truth).values())
        ):
            return False
        word = self.latest(digest)
        if word and word.state == "rejected":
            return True
        if word and word.state == "approved" and not word.is_applied:
            return False
        appeared = self.appeared(truth)
        return any(
            many >= allowed.min_records and many / counts["before"] * 100 > percent + 1e-9
            for name, counts in self.changes(truth).items()
            for many, percent in (
                (self.lost(truth, name) if name in SCHOOLS else counts["archived"], allowed.max_archived_percent),
                (self._updated_counted(truth, name, appeared), allowed.max_changed_percent),
            )
        )

    def _updated_counted(self, truth: Snapshot, name: str, appeared: AbstractSet[tuple[str, str]]) -> int:
        """Count what is updated of a role or a table of schools in more than fields that had no value before."""
        return len((self.updated_rows if name in SCHOOLS else self.updated)(truth, name, hidden=appeared))

    def told(
        self,
        truth: Snapshot,
        window: tuple[datetime, datetime],
        lines: Mapping[str, Mapping[str, int]],
        read: str | None = None,
    ) -> Told:
        """Remember a sync that brought the district up to date, or an approval of what a held read had read."""
        self.truth = truth
        self.lines = {**self.lines, **lines}
        self.windows.append(window)
        self.reads[len(self.windows)] = read or len(self.windows)
        return self.change_log.sync(truth, truth.school)

    def settle(
        self,
        outcome: str,
        digest: str | None,
        truth: Snapshot,
        order: int,
        lines: Mapping[str, Mapping[str, int]],
        streams: Mapping[str, Row],
    ) -> None:
        """Remember what a sync means for the holds."""
        for hold in self.holds:
            if hold.is_open and outcome in UP_TO_DATE:
                hold.is_applied = hold.state == "approved" and hold.digest == digest and outcome == "applied"
                hold.state = hold.state if hold.is_applied else "released"
            elif hold.is_open and outcome == "held" and hold.digest != digest:
                hold.state = "superseded"
        if outcome == "held":
            assert digest
            latest = self.latest(digest)
            if latest is None or latest.state in {"released", "superseded"} or latest.is_applied:
                self.holds.append(Hold(digest, truth))
            else:
                latest.is_landed = True
            latest = self.latest(digest)
            assert latest
            # What the digest leaves out, the record of the district itself, is approved as it was read last.
            latest.truth, latest.read, latest.order = truth, self.held_read, order
            latest.lines, latest.streams = lines, streams

    @property
    def held_read(self) -> str:
        """Name the latest held read."""
        return f"held read {len(self.held_reads)}"

    def hold(self, truth: Truth, window: tuple[datetime, datetime]) -> None:
        """Remember a sync that held a snapshot."""
        self.held_reads.append(window)
        for row in truth.crosswalk:
            if row not in self.change_log.crosswalk:
                first, _ = self.held_links.get(row, (self.held_read, None))
                self.held_links[row] = (first, self.held_read)

    def links(self) -> dict[CrosswalkRow, Row]:
        """Return what the crosswalk ought to have: whether a link is current, why it ended, its source, and when it was seen."""
        found: dict[CrosswalkRow, Row] = {
            row: (False, None, "held", first, last, None) for row, (first, last) in self.held_links.items()
        }
        for row, link in self.change_log.crosswalk.items():
            first, _ = self.held_links.get(row, (self.reads[link.first_sync], None))
            last = self.reads[link.last_sync]
            found[row] = (link.is_current, link.end_reason, "api", first, last, link.ended_sync)
        return found

    def at(self, instant: datetime) -> int:
        """Tell which sync made an observation; 0 if none was under way."""
        return _window(self.windows, instant)

    def seen_at(self, instant: datetime) -> int | str:
        """Tell which sync or held read saw a link."""
        held_read = _window(self.held_reads, instant)
        return f"held read {held_read}" if held_read else self.at(instant)


@dataclass(frozen=True)
class Run:
    """What sync.runs and sync.receipts ought to tell of a district's sync."""

    outcome: str
    told: Told
    streams: Mapping[str, Row] = field(default_factory=dict)
    """What was read: records, first id, last id; and pages, unless a resumed read had other pages."""
    read: int | str | None = None
    """Which read it reports; None if the read did not end."""


class History:
    """A warehouse, what it is synced from, and what it ought to remember."""

    def __init__(self, trial: "Trial") -> None:
        self.trial = trial
        self.sandbox = trial.sandbox
        self.memories = {district_id: Memory() for district_id in trial.districts}
        self.runs: dict[tuple[str, str], Run] = {}
        self.copies: list[tuple[datetime, list[list[Row]]]] = []
        """What was published, and an instant when it still was."""
        self.names: set[str] = set()
        self.syncs = 0
        """How many came to an end."""
        self.oracle = IdentityOracle()
        self.is_whole = False
        """Whether syncs parse every record, also those that they could recognize."""
        self.has_schools = bool({*SCHOOL_STREAMS} & {*trial.records})
        self.tables = [table for table in COPIED if table not in SCHOOLS or self.has_schools]
        """The tables that are compared."""
        self._imports = count(1)
        self._digests: dict[str, int] = {}

    def sync(self, asked: Sequence[str], *, sync_id: str, is_resumed: bool = False, report: Any = None) -> SyncResult:
        """Sync, and compare what is published with what it must be."""
        self._is_still_published()
        truths = {district_id: self.truth(district_id) for district_id in asked}
        self.names |= self.sandbox.secrets()
        began = datetime.now(UTC)
        with _whole() if self.is_whole else nullcontext():
            result = self.trial.sync(*asked, sync_id=sync_id, report=report)
        ended = datetime.now(UTC)
        struck = {
            fault.district for fault in self.sandbox.faults if fault.struck and (fault.times is None or fault.times > 2)
        }
        left = self._left(asked, is_list_read=None not in struck)
        assert [outcome.district_id for outcome in result.outcomes] == sorted(left | set(asked))
        order = self.oracle.begin()
        for outcome in result.outcomes:
            assert began <= outcome.started_at <= outcome.finished_at <= ended
            if outcome.district_id in left:
                assert (outcome.outcome, outcome.error) == ("disconnected", None)
                self.runs[sync_id, outcome.district_id] = Run("disconnected", NOBODY._replace(outcome="disconnected"))
                continue
            truth, memory = truths[outcome.district_id], self.memories[outcome.district_id]
            changes = memory.changes(truth)
            if outcome.district_id in struck or None in struck:
                expected = "failed"
            elif memory.is_held(truth, outcome.digest, self.trial.limits.of(outcome.district_id)):
                expected = "held"
            else:
                expected = "up to date"
            told = NOBODY
            lines = self._lines(outcome.district_id, truth)
            if expected == "up to date":
                told = memory.told(truth, (outcome.started_at, outcome.finished_at), lines)
                self.oracle.apply(outcome.district_id, truth)
                expected = told.outcome
            elif expected == "held":
                memory.hold(truth, (outcome.started_at, outcome.finished_at))
            if expected != "failed":
                memory.not_shared = self._not_shared(outcome.district_id)
            assert (outcome.district_id, outcome.outcome) == (outcome.district_id, expected)
            assert (outcome.error is None) == (expected in UP_TO_DATE)
            assert expected == "failed" or not outcome.by_role or _by_role(outcome.by_role) == changes
            streams = {} if expected == "failed" else self._streams(truth, is_resumed=is_resumed)
            memory.settle(expected, outcome.digest, truth, order, lines, streams)
            read = {"failed": None, "held": memory.held_read}.get(expected, len(memory.windows))
            self.runs[sync_id, outcome.district_id] = Run(expected, told._replace(outcome=expected), streams, read)
            if expected != "failed" and not self.sandbox.rendering.reorder and not self.sandbox.is_reversed:
                written = self.sandbox.rendering.indent, self.sandbox.rendering.escape
                listed = {"users": truth.items, **truth.school.items, "districts": ()}
                records = (
                    *(
                        (stream, *(item.rpartition(b',"uri":')[0] for item in listed[stream]))
                        for stream in sorted(listed)
                    ),
                )
                self._is_named_by(outcome.digest, hash((records, written)))
        assert self.wrong() == []
        self.syncs += 1
        return result

    def truth(self, district_id: str) -> Snapshot:
        """Return what a district shows now."""
        streams = {*SCHOOL_STREAMS} & {*self.trial.records} - {*self._not_shared(district_id)}
        people = self.sandbox.truth(district_id, self.trial.version).items
        return Snapshot(people, self.sandbox.school(district_id, self.trial.version, streams))

    def _not_shared(self, district_id: str) -> tuple[str, ...]:
        """Name the streams to sync that Clever refuses."""
        return tuple(sorted(self.sandbox._districts[district_id].refused.keys() & {*self.trial.records}))

    def _lines(self, district_id: str, truth: Snapshot) -> dict[str, dict[str, int]]:
        """Return the hash of the bytes with which each record was served last, by stream."""
        return {
            stream: {record_id: self.sandbox.hashes.get((stream, district_id, record_id), 0) for record_id in ids}
            for stream, ids in {"users": truth.ids(), **truth.school.ids}.items()
        }

    def _left(self, asked: Sequence[str], *, is_list_read: bool) -> set[str]:
        """Name the districts that a sync reports as disconnected, and remember who is listed."""
        left = set()
        for district_id, memory in self.memories.items():
            is_listed = memory.is_connected if is_list_read else memory.was_listed
            if is_listed is False and (memory.was_listed or district_id in asked):
                left.add(district_id)
            memory.was_listed = is_listed
        return left

    def interrupt(self, asked: Sequence[str], *, sync_id: str, at: str | int) -> bool:
        """Sync, and let it break off at a stage or after so many events; tell whether it did.

        A sync that breaks off publishes nothing, and one that did not come so far is as good as any.
        """
        events = count()

        def crash(event: Event) -> None:
            if at in {next(events), getattr(event, "activity", None)}:
                raise CrashError

        published = self._published()
        try:
            self.sync(asked, sync_id=sync_id, report=crash)
        except CrashError:
            assert self._published() == published
            return True
        return False

    def decide(self, district_id: str, word: str, *, decision_id: str, report: Any = silent) -> None:
        """Approve or reject what is held of a district."""
        self._is_still_published()
        memory = self.memories[district_id]
        hold = memory.waiting()
        assert hold
        said: dict[str, Any] = {
            "district_id": district_id,
            "reason": "as told",
            "decided_by": "somebody",
            "decision_id": decision_id,
            "report": report,
        }
        if word == "of another snapshot":
            other = next((each.digest for each in memory.holds if each.state != "held"), "0" * 64)
            if not any(each.digest == other and each.state == "held" for each in memory.holds):
                for decide in (approve, reject):
                    with pytest.raises(UnknownHoldError):
                        decide(self.trial.warehouse, digest=other, **said)
        elif word == "reject":
            reject(self.trial.warehouse, digest=hold.digest, **said)
            hold.state = "rejected"
        else:
            outcome = approve(self.trial.warehouse, digest=hold.digest, **said)
            hold.state = "approved"
            assert (outcome is not None) == hold.is_landed
            if outcome:
                told = memory.told(hold.truth, (outcome.started_at, outcome.finished_at), hold.lines, hold.read)
                self.oracle.begin()
                self.oracle.apply(district_id, hold.truth, read=hold.order)
                hold.is_applied = True
                streams = {stream: row[:3] for stream, row in hold.streams.items()}
                self.runs[decision_id, district_id] = Run("applied", told, streams, hold.read)
        assert self.wrong() == []

    def learn(self) -> None:
        """Take over what a process has published of its syncs, during which nothing happened at Clever."""
        if not self.trial.warehouse.published.exists():
            return
        query = "SELECT sync_id, district_id, started_at, finished_at FROM sync.runs ORDER BY finished_at, sync_id"
        with self._rows() as rows:
            told = rows(query)
        for sync_id, district_id, began, ended in told:
            if (sync_id, district_id) not in self.runs:
                self.oracle.begin()
                truth, memory = self.truth(district_id), self.memories[district_id]
                self.oracle.apply(district_id, truth)
                memory.not_shared = self._not_shared(district_id)
                outcome = memory.told(truth, (began, ended), self._lines(district_id, truth))
                streams = self._streams(truth, is_resumed=False)
                self.runs[sync_id, district_id] = Run(outcome.outcome, outcome, streams, len(memory.windows))
        assert self.wrong() == []

    def tell(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Import a migration CSV."""
        self._is_still_published()
        import_id = f"import-{next(self._imports)}"
        file, report_file = (self.trial.folder / f"{import_id}{ending}" for ending in (".csv", "-report.csv"))
        file.write_text("\n".join(["role_id,user_id", *map(",".join, pairs)]) + "\n")
        import_migration(self.trial.warehouse, [file], import_id, report_file=report_file, report=silent)
        with report_file.open(newline="") as lines:
            judged = {(row["role_id"], row["user_id"]): row["verdict"] for row in csv.DictReader(lines)}
        self.oracle.tell(pair for pair, verdict in judged.items() if verdict not in {"misplaced", "malformed"})
        assert self.wrong() == []

    def lose(self, what: str) -> None:
        """Delete the work database, or all landings."""
        if what == "landing":
            shutil.rmtree(self.trial.warehouse.landing, ignore_errors=True)
            for memory in self.memories.values():
                for hold in memory.holds:
                    hold.is_landed = False
        else:
            for file in self.trial.warehouse.state.glob("work.duckdb*"):
                file.unlink()

    def roll_back(self, asked: Sequence[str], *, sync_id: str) -> None:
        """Sync, and publish again what was published before."""
        if any(hold.is_open for memory in self.memories.values() for hold in memory.holds):
            return
        kept = deepcopy(self._known)
        result = self.sync(asked, sync_id=sync_id)
        is_kept = any(outcome.outcome == "applied" for outcome in result.outcomes)
        if not is_kept or any(hold.is_open for memory in self.memories.values() for hold in memory.holds):
            return
        self.trial.undo()
        self._known = kept
        assert self.wrong() == []

    @property
    def _known(self) -> tuple[Any, ...]:
        """What the published file is compared with."""
        return self.memories, self.runs, self.copies, self.oracle

    @_known.setter
    def _known(self, known: tuple[Any, ...]) -> None:
        memories, self.runs, self.copies, self.oracle = known
        for district_id, memory in self.memories.items():
            # What Clever shows, and which files were downloaded, is not undone.
            memories[district_id].is_connected = memory.is_connected
            for hold in memories[district_id].holds:
                hold.is_landed = False
        self.memories = memories

    def forget_unfinished(self) -> None:
        """Delete what interrupted syncs have landed: a sync that resumes it shows records as they were then, until the next one."""
        for mark in self.trial.warehouse.landing.glob("*/*/unfinished"):
            shutil.rmtree(mark.parent)

    def end(self) -> None:
        """Compare what was published at any time, the findings and all texts with what they must be."""
        self._is_still_published()
        self._is_what_one_sync_makes()
        found = " UNION ".join(f"SELECT '{each.name}', district_id, record_id FROM ({each.query})" for each in checks())
        with self._rows() as rows:
            for instant, copies in self.copies:
                for table, was in zip(self.tables, copies, strict=True):
                    now = rows(f"SELECT {COPIED[table]} FROM {table}_as_of('{instant.isoformat()}') ORDER BY ALL")
                    assert (table, [row[:2] for row in now]) == (table, [row[:2] for row in was])
                    assert (table, [row[:2] for row, then in zip(now, was, strict=True) if row != then]) == (table, [])
            open_findings = 'SELECT "check", district_id, record_id FROM sync.findings WHERE resolved_at IS NULL'
            assert set(rows(open_findings)) == set(rows(found))
            told = [*rows("SELECT error, by_role FROM sync.runs"), *rows("SELECT why, by_role FROM sync.holds")]
        if self.has_schools:
            assert self._wrong_answers() == []
        words = re.findall(r"[\w.@-]+", f"{told} {self.trial.events}")
        assert len(set(words) & self.names) == 0

    def _wrong_answers(self) -> list[str]:
        """Compare the views for analysts and the findings about schools with what plain Python makes of the rows."""
        rows = current_tables({district_id: memory.change_log for district_id, memory in self.memories.items()})
        day = datetime.now(UTC).date()
        with closing(self.trial.warehouse.reading()) as connection:
            return view_disagreements(connection, rows, day) + finding_disagreements(connection, rows, day)

    def _is_what_one_sync_makes(self) -> None:
        """Compare the tables with those of a new warehouse that is synced only now."""
        same = [
            district_id
            for district_id, memory in self.memories.items()
            if memory.is_connected and memory.change_log.syncs and _is_same(memory, self.truth(district_id))
        ]
        if not same:
            return
        folder = self.trial.folder / "anew"
        other = Trial(
            self.sandbox,
            self.trial.url,
            folder,
            version=self.trial.version,
            page_limit=11,
            records=self.trial.records,
        )
        assert {outcome.outcome for outcome in other.sync(*same).outcomes} == {"applied"}
        here, there = _current(self.trial, same, self.tables), _current(other, same, self.tables)
        assert [
            found for table in self.tables for found in _differences(f"{table} anew", None, here[table], there[table])
        ] == []

    @contextmanager
    def _rows(self) -> Iterator[Ask]:
        """Return a function that asks the published file; lists come as tuples."""
        connection = self.trial.warehouse.reading()

        def rows(query: str) -> list[Row]:
            found = connection.execute(query).fetchall()
            return [tuple(tuple(each) if isinstance(each, list) else each for each in row) for row in found]

        try:
            yield rows
        finally:
            connection.close()

    def wrong(self) -> list[str]:
        """Name what differs from what ought to be: tables, keys and columns, never values."""
        with self._rows() as rows:
            found = [
                *self._wrong_people(rows),
                *self._wrong_roles(rows),
                *self._wrong_versions(rows, "users", 2),
                *self._wrong_versions(rows, "user_roles", 3),
                *(each for table in self.tables if table in COLUMNS for each in self._wrong_table(rows, table)),
                *(
                    each
                    for table in self.tables
                    if table in COLUMNS
                    for each in self._wrong_table_versions(rows, table)
                ),
                *self._wrong_fields(rows),
                *self._wrong_lines(rows),
                *self._wrong_districts(rows),
                *self._wrong_links(rows),
                *self._wrong_changes(rows),
                *self._wrong_runs(rows),
                *self._wrong_holds(rows),
            ]
            copies = [rows(f"SELECT {COPIED[table]} FROM {table} ORDER BY ALL") for table in self.tables]
        found += self._wrong_identities()
        self.copies.append((datetime.now(UTC), copies))
        return found

    def _wrong_people(self, rows: Ask) -> list[str]:
        expected = {
            row[:2]: (*row[2:], memory.truth.extra_of(row.user_id), memory.change_log.users[row.user_id][0].sync)
            for memory in self.memories.values()
            for row in memory.truth.users
        }
        columns = "user_id, district_id, email, first_name, middle_name, last_name, roles, synced_in_lms, created_at, last_modified_at"
        return self._wrong("users", 2, f"{columns}, extra, first_seen_at", rows, expected)

    def _wrong_roles(self, rows: Ask) -> list[str]:
        expected = {
            row[:3]: (
                *row[3:],
                memory.truth.extra_of(row.user_id, row.role),
                memory.change_log.user_roles[row[:2]][0].sync,
            )
            for memory in self.memories.values()
            for row in memory.truth.user_roles
        }
        columns = "user_id, role, district_id, legacy_id, sis_id, title, school_id, school_ids"
        return self._wrong("user_roles", 3, f"{columns}, extra, first_seen_at", rows, expected)

    def _wrong(self, table: str, key: int, columns: str, rows: Ask, expected: Mapping[Key, Row]) -> list[str]:
        """Compare a table whose key ends with the district, and whose last columns are extra and a time."""
        shown = {
            row[:key]: (*row[key:-2], canonical(row[-2] and parse(row[-2])), self._at(row[key - 1], row[-1]))
            for row in rows(f"SELECT {columns} FROM {table}")
        }
        return _differences(table, columns.split(", ")[key:], shown, expected)

    def _wrong_versions(self, rows: Ask, table: str, key: int) -> list[str]:
        """Compare every version; Clever's own time stamp is no matter of versions."""
        columns = {
            "users": "user_id, district_id, email, first_name, middle_name, last_name, roles, synced_in_lms, created_at",
            "user_roles": "user_id, role, district_id, legacy_id, sis_id, title, school_id, school_ids",
        }[table]
        shown: dict[Key, list[Row]] = {}
        order = "valid_from, valid_to IS NULL, valid_to"
        for *row, begin, end, change in rows(
            f"SELECT {columns}, valid_from, valid_to, change FROM {table}_history ORDER BY {order}"
        ):
            district_id = row[key - 1]
            began, ended = self._at(district_id, begin), None if end is None else self._at(district_id, end)
            shown.setdefault(tuple(row[:key]), []).append((began, ended, change, *row))
        expected: dict[Key, list[Row]] = {}
        for district_id, memory in self.memories.items():
            versions: Mapping[Any, Sequence[Any]] = getattr(memory.change_log, table)
            for each, told in versions.items():
                ends = [version.sync for version in told[1:]] + [None]
                expected[*(each if isinstance(each, tuple) else (each,)), district_id] = [
                    (version.sync, end, version.change, *(version.row[:-1] if table == "users" else version.row))
                    for version, end in zip(told, ends, strict=True)
                ]
        return _differences(f"{table}_history", None, shown, expected)

    def _wrong_table(self, rows: Ask, table: str) -> list[str]:
        """Compare a table of a role or of schools."""
        columns = COLUMNS[table]
        named = (*columns.key, "district_id", *columns.values, *columns.operational)
        shown = {}
        for *of_key, extra, first_seen in rows(f"SELECT {', '.join(named)}, extra, first_seen_at FROM {table}"):
            row = dict(zip(named, of_key, strict=True))
            key = *columns.key_of(row), row["district_id"]
            if key in shown:
                return [f"{table}: {key} comes twice"]
            values = [_comparable(column, row[column]) for column in (*columns.values, *columns.operational)]
            shown[key] = (*values, canonical(extra and parse(extra)), self._at(row["district_id"], first_seen))
        expected = {
            (*key, district_id): (*row.values, *row.operational, row.extra, versions.by_key[key][0].sync)  # type: ignore[union-attr]
            for district_id, memory in self.memories.items()
            for versions in [memory.change_log.tables[table]]
            for key, (row, _) in versions.current.items()
        }
        return _differences(table, [*columns.values, *columns.operational, "extra", "first_seen_at"], shown, expected)

    def _wrong_table_versions(self, rows: Ask, table: str) -> list[str]:
        """Compare every version in the history of a table of a role or of schools."""
        columns = COLUMNS[table]
        named = (*columns.key, "district_id", *columns.values)
        shown: dict[Key, list[Row]] = {}
        for *of_key, extra, begin, end, change in rows(
            f"SELECT {', '.join(named)}, extra, valid_from, valid_to, change FROM {table}_history "
            "ORDER BY valid_from, valid_to IS NULL, valid_to"
        ):
            row = dict(zip(named, of_key, strict=True))
            district_id = row["district_id"]
            began, ended = self._at(district_id, begin), None if end is None else self._at(district_id, end)
            values = tuple(_comparable(column, row[column]) for column in columns.values)
            shown.setdefault((*columns.key_of(row), district_id), []).append(
                (began, ended, change, values, canonical(extra and parse(extra)))
            )
        expected: dict[Key, list[Row]] = {}
        for district_id, memory in self.memories.items():
            for key, told in memory.change_log.tables[table].by_key.items():
                ends = [version.sync for version in told[1:]] + [None]
                expected[*key, district_id] = [
                    (version.sync, end, version.change, version.row.values, version.extra)  # type: ignore[union-attr]
                    for version, end in zip(told, ends, strict=True)
                ]
        return _differences(f"{table}_history", None, shown, expected)

    def _wrong_fields(self, rows: Ask) -> list[str]:
        """Compare how many values of each known field are counted with how many there are."""
        counted: dict[Key, int] = {}
        for stream in CATALOG.streams:
            for table in stream.tables:
                paths = [(table.path.removesuffix("[]") or "id", f'"{table.id_column}"', False)]
                # An item that is a text has no fields.
                fields = () if table.is_of_texts else table.fields
                paths += [(table.full_path(each), f'"{each.column}"', each.kind.is_list) for each in fields]
                numbers = ", ".join(
                    f"count(*) FILTER (len({column}) > 0)" if is_list else f"count({column})"
                    for _, column, is_list in paths
                )
                for district_id, *found in rows(f"SELECT district_id, {numbers} FROM {table.name} GROUP BY ALL"):
                    for (path, _, _), number in zip(paths, found, strict=True):
                        if number:
                            counted[stream.name, district_id, path] = number
        shown = {
            row[:3]: row[3]
            for row in rows(
                "SELECT stream, district_id, path, records FROM sync.fields WHERE kind = 'known' AND is_present"
            )
        }
        return _differences("sync.fields", None, shown, counted)

    def _wrong_lines(self, rows: Ask) -> list[str]:
        """Compare by what the next sync recognizes records with the bytes that were served."""
        if not self.trial.publishes_lines:
            return []
        forms = {*rows("SELECT stream, district_id FROM sync.line_forms")}
        shown = {
            row[:3]: row[3:]
            for row in rows("SELECT stream, district_id, record_id, line, roles FROM sync.lines")
            if row[:2] in forms
        }
        expected = {}
        for district_id, memory in self.memories.items():
            roles = {row.user_id: ",".join(row.roles) for row in memory.truth.users}
            for stream, lines in memory.lines.items():
                for record_id, line in lines.items() if (stream, district_id) in forms else ():
                    expected[stream, district_id, record_id] = line, roles[record_id] if stream == "users" else None
        ((many,),) = rows("SELECT count(*) FROM sync.lines")
        ((of_forms,),) = rows("SELECT count(*) FROM sync.lines SEMI JOIN sync.line_forms USING (stream, district_id)")
        twice = [f"sync.lines: {of_forms - len(shown)} come twice"] if of_forms > len(shown) else []
        read = {(stream, district_id) for district_id, memory in self.memories.items() for stream in memory.lines}
        assert many >= of_forms
        return [
            *(f"sync.line_forms: {stream} of {district_id} is missing" for stream, district_id in sorted(read - forms)),
            *twice,
            *_differences("sync.lines", ["line", "roles"], shown, expected),
        ]

    def _wrong_districts(self, rows: Ask) -> list[str]:
        """Compare which streams are not shared."""
        shown = {row[:1]: row[1:] for row in rows("SELECT district_id, not_shared FROM sync.districts")}
        expected = {each: (self.memories[each[0]].not_shared,) for each in shown}
        return _differences("sync.districts", ["not_shared"], shown, expected)

    def _wrong_identities(self) -> list[str]:
        """Compare every answer to who an ID is with the oracle, some of them for a sample of the IDs."""
        ids = sorted(self.oracle.ids())
        sample = random.Random(len(ids)).sample(ids, min(SAMPLE, len(ids)))
        with closing(self.trial.warehouse.reading()) as connection:
            found = disagreements(connection, self.oracle, people=sample)
        found += resolve_disagreements(self.trial.warehouse, self.oracle, sample[:1])
        return found + recomputed_differences(self.trial.warehouse.published, self.trial.folder)

    def _wrong_links(self, rows: Ask) -> list[str]:
        """Compare the links, those that only imports tell without their role, district and times."""
        told = self.oracle.entered()
        columns = "first_seen_at, last_seen_at, ended_at"
        shown = {
            row[:4]: (
                *row[4:7],
                None if row[2:4] in told else self.memories[row[0]].seen_at(row[7]),
                *(None if each is None else self.memories[row[0]].seen_at(each) for each in row[8:]),
            )
            for row in rows(
                f"SELECT district_id, role, legacy_id, user_id, is_current, end_reason, source, {columns} FROM legacy_id_crosswalk "
                "WHERE source <> 'migration_csv'"
            )
        }
        expected = {
            tuple(row): (*link[:3], None if row[2:] in told else link[3], *link[4:])
            for memory in self.memories.values()
            for row, link in memory.links().items()
            if link[2] == "api" or row[2:] not in told
        }
        names = ["is_current", "end_reason", "source", *columns.split(", ")]
        found = _differences("legacy_id_crosswalk", names, shown, expected)
        imported = rows("SELECT DISTINCT legacy_id, user_id FROM legacy_id_crosswalk WHERE source = 'migration_csv'")
        return [
            *found,
            *(
                f"legacy_id_crosswalk: {pair} of an import is missing"
                for pair in sorted(told - self.oracle.links - set(imported))
            ),
            *(
                f"legacy_id_crosswalk: {pair} of an import is too many"
                for pair in sorted(set(imported) - (told - self.oracle.links))
            ),
        ]

    def _wrong_changes(self, rows: Ask) -> list[str]:
        shown = Counter(
            (row[0], self._at(row[0], row[1]), *row[2:])
            for row in rows(
                "SELECT district_id, observed_at, change, role, legacy_id, from_user_id, to_user_id, from_is_gone, to_is_new, "
                "replaced_by FROM crosswalk_changes"
            )
        )
        expected = Counter(
            (district_id, *change)
            for district_id, memory in self.memories.items()
            for change in memory.change_log.changes
        )
        return [
            *(f"crosswalk_changes: {row} is missing" for row in expected - shown),
            *(f"crosswalk_changes: {row} is too many" for row in shown - expected),
        ]

    def _wrong_runs(self, rows: Ask) -> list[str]:
        shown = {
            row[:2]: (*row[2:-1], None if row[-1] is None else self.memories[row[1]].seen_at(row[-1]))
            for row in rows(
                "SELECT sync_id, district_id, outcome, added, updated, archived, restored, mode, error IS NULL, read_at FROM sync.runs"
            )
        }
        expected = {
            key: (*run.told, "full", run.outcome in {*UP_TO_DATE, "disconnected"}, run.read)
            for key, run in self.runs.items()
        }
        names = ["outcome", "added", "updated", "archived", "restored", "mode", "error", "read_at"]
        found = _differences("sync.runs", names, shown, expected)
        read = {
            row[:3]: row[3:]
            for row in rows(
                "SELECT sync_id, district_id, feed, complete, records, first_id, last_id, pages FROM sync.receipts"
            )
            if row[:2] in self.runs and self.runs[row[:2]].streams
        }
        streams = {
            (*key, stream): (True, *of_stream)
            for key, run in self.runs.items()
            for stream, of_stream in run.streams.items()
        }
        read = {key: row if len(streams.get(key, row)) == len(row) else row[:-1] for key, row in read.items()}
        return found + _differences("sync.receipts", None, read, streams)

    def _wrong_holds(self, rows: Ask) -> list[str]:
        shown = Counter(rows("SELECT district_id, digest, state, applied_at IS NOT NULL FROM sync.holds"))
        expected = Counter(
            (district_id, hold.digest, hold.state, hold.is_applied)
            for district_id, memory in self.memories.items()
            for hold in memory.holds
        )
        return [
            *(f"sync.holds: {row} is missing" for row in expected - shown),
            *(f"sync.holds: {row} is too many" for row in shown - expected),
        ]

    def _at(self, district_id: str, instant: datetime) -> int:
        return self.memories[district_id].at(instant)

    def _streams(self, truth: Snapshot, *, is_resumed: bool) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for stream, ids in {
            **{stream: truth.ids(role) for stream, role in STREAMS.items()},
            **truth.school.ids,
        }.items():
            size = self.trial.page_limit
            further = bool(self.sandbox.next_after_full_page and ids and len(ids) % size == 0)
            pages = () if is_resumed else (max(1, math.ceil(len(ids) / size)) + further,)
            first, last = (ids[0], ids[-1]) if ids else (None, None)
            if ids and stream == "users" and self.sandbox.is_reversed:
                first, last = ids[min(size, len(ids)) - 1], ids[(len(ids) - 1) // size * size]
            found[stream] = (len(ids), first, last, *pages)
        return found

    def _is_named_by(self, digest: str | None, snapshot: int) -> None:
        """Keep that a digest names one snapshot, and a snapshot has one digest."""
        assert digest
        assert self._digests.setdefault(digest, snapshot) == snapshot
        assert [each for each, other in self._digests.items() if other == snapshot] == [digest]

    def _is_still_published(self) -> None:
        """Let time pass for what is published."""
        if self.copies:
            self.copies[-1] = (datetime.now(UTC), self.copies[-1][1])

    def _published(self) -> Row | None:
        """Return what tells one publication from another."""
        try:
            self.trial.warehouse.require_published()
        except NothingPublishedError:
            return None
        return self.trial.warehouse.publication()


def _window(windows: Sequence[tuple[datetime, datetime]], instant: datetime) -> int:
    """Tell in which window, counted from 1, an instant is; 0 if in none."""
    number = bisect_right([begin for begin, _ in windows], instant)
    return number if number and instant <= windows[number - 1][1] else 0


def _people(truth: Truth) -> dict[str, Row]:
    """Return what counts as a change of a person; Clever's own time stamp does not."""
    return {row.user_id: (row[:-1], truth.extra_of(row.user_id)) for row in truth.users}


def _held(truth: Truth) -> dict[tuple[str, str], Row]:
    """Return what counts as a change of a role that a person holds."""
    return {(row.user_id, row.role): (row, truth.extra_of(row.user_id, row.role)) for row in truth.user_roles}


def _is_same(memory: Memory, other: Snapshot) -> bool:
    """Return whether a district shows all that the warehouse has of it."""
    one = memory.truth
    return (
        (one.users, one.user_roles, one.role_tables) == (other.users, other.user_roles, other.role_tables)
        and _people(one) == _people(other)
        and _held(one) == _held(other)
        and all(former == other.school.tables.get(table, {}) for table, (former, _) in memory.schools(other).items())
    )


def _current(
    trial: Trial, district_ids: Sequence[str], tables: Iterable[str]
) -> dict[str, dict[Key, list[tuple[str, Any]]]]:
    """Return the rows of some tables of some districts by key, without the warehouse's own instants."""
    found: dict[str, dict[Key, list[tuple[str, Any]]]] = {table: {} for table in tables}
    keys = {
        "users": ("user_id",),
        "user_roles": ("user_id", "role"),
        **{table: columns.key for table, columns in COLUMNS.items()},
    }
    with closing(trial.warehouse.reading()) as connection:
        for table, rows in found.items():
            connection.execute(
                f"SELECT * EXCLUDE (first_seen_at, valid_from, change) FROM {table} "
                "WHERE list_contains(?::VARCHAR[], district_id)",
                [list(district_ids)],
            )
            names = [column[0] for column in connection.description or ()]
            for values in connection.fetchall():
                row = {
                    name: canonical(value and parse(value)) if name in {"ext", "extra"} else value
                    for name, value in zip(names, values, strict=True)
                }
                rows.setdefault((row["district_id"], *(row[name] for name in keys[table])), []).extend(row.items())
    return found


@contextmanager
def _whole() -> Iterator[None]:
    """Let a sync recognize no record, so that it parses all of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Staging, "incremental", lambda _staging, _stream: set())
        yield


def _by_holder(truth: Truth, role: str, hidden: AbstractSet[tuple[str, str]]) -> dict[str, set[Any]]:
    """Return what counts as a change of each holder of a role, apart from some columns of some tables.

    A table of which the column of the ID is hidden is hidden as a whole.
    """
    people = {row.user_id: row for row in truth.users}
    found: dict[str, set[Any]] = {}
    for user_id in truth.ids(role):
        row = people[user_id]._asdict()
        del row["last_modified_at"]
        kept = tuple(value for column, value in row.items() if ("users", column) not in hidden)
        found[user_id] = {(kept, truth.extra_of(user_id))}
    for table, rows in truth.role_tables.items():
        if ROLE_OF[table] != role or (table, COLUMNS[table].key[0]) in hidden:
            continue
        for key, of_key in rows.items():
            kept = tuple(
                value
                for column, value in zip(COLUMNS[table].values, of_key.values, strict=True)
                if (table, column) not in hidden
            )
            found[key[0]].add((table, key, kept, of_key.extra))
    return found


def _filled(truth: Truth) -> set[tuple[str, str]]:
    """Name the tables and columns that have a value in any row."""
    found = {
        ("users", column)
        for row in truth.users
        for column, value in row._asdict().items()
        if value is not None and value != ()
    }
    return found | _filled_in(truth.role_tables)


def _filled_in(tables: Mapping[str, Rows]) -> set[tuple[str, str]]:
    """Name the tables and columns that have a value in any row."""
    found = set()
    for table, rows in tables.items():
        names = (*COLUMNS[table].key, *COLUMNS[table].values)
        for key, row in rows.items():
            named = zip(names, (*key, *row.values), strict=True)
            found |= {(table, column) for column, value in named if value is not None and value != ()}
    return found


def _by_role(told: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    return {
        role: {"before": change.before, **asdict(change.counts), "unchanged": change.unchanged}
        for role, change in told.items()
    }


def _comparable(column: str, value: Any) -> Any:
    if column == "ext":
        return canonical(value and parse(value))
    return value


def _differences(
    table: str, columns: list[str] | None, shown: Mapping[Key, Any], expected: Mapping[Key, Any]
) -> list[str]:
    found = [f"{table}: {key} is missing" for key in sorted(expected.keys() - shown.keys(), key=repr)]
    found += [f"{table}: {key} is too many" for key in sorted(shown.keys() - expected.keys(), key=repr)]
    for key in sorted(shown.keys() & expected.keys(), key=repr):
        if shown[key] != expected[key] and columns is None:
            found.append(f"{table}: {key} differs")
        elif shown[key] != expected[key]:
            pairs = zip(columns or (), shown[key], expected[key], strict=True)
            found += [f"{table}: {key}: {column} differs" for column, one, other in pairs if one != other]
    return found


ROLE_FIELDS: dict[str, dict[str, list[Any]]] = {
    "student": {
        "grade": ["1", "2", "Other", "", None, 3, ...],
        "ell_status": ["Y", "N", "", ..., True],
        "dob": ["1/2/2015", "2015-01-02", "2015-01-02T00:00:00.000Z", "3/4/2015", None],
        "iep_status": ["A", "", ...],
        "frl_status": ["Free", "Paid", ...],
        "ext": [{"b": 1, "a": "x"}, {"a": "x", "b": 1}, {"a": 1.10}, {}, None, ...],
        "schools": [["s2", "s1"], ["s1", "s2", "s1", ""], [], None],
        "location": [{"city": "A", "zip": "01234"}, {"zip": "01234"}, {}, None],
        "preferred_name": [{"first": "P"}, {"first": "P", "last": ""}, {}, ...],
    },
    "teacher": {
        "state_id": ["T1", "", ...],
        "credentials": [{"district_username": "t"}, {}, None],
        "name": [{"first": "Tt-t"}, None],
    },
    "staff": {"department": ["D", "", None], "roles": [["PortalOnly"], ["X", "PortalOnly", "X"], [], None]},
    "contact": {"phone": ["+1 555 0100", "", None], "phone_type": ["Cell", "Pager", None]},
    "district_admin": {"title": ["T", "", None]},
}
"""Fields of roles, and values that their columns hold."""

IRREGULAR: dict[tuple[str, str], list[Any]] = {
    ("", "email"): [["a@b"], {"work": "a@b"}, 0.5, 7, True, "x@y"],
    ("", "name"): ["Ann-a", {"first": ["Ann-a"], "last": "Bb-b"}, {"first": "Ann-a", "last": "Bb-b", "suffix": "Jr"}],
    ("", "lms_status"): ["yes", {"synced_in_lms": "true"}, {"synced_in_lms": True, "since": 1}, ...],
    ("student", "dob"): ["someday", "13/45/2015", 2015, 20150102, ["2015-01-02"], "1/2/2015"],
    ("student", "created"): ["someday", 3, "2023-08-25T00:00:00.000Z", ...],
    ("student", "last_modified"): ["someday", "2023-08-25T00:00:00.000Z"],
    ("student", "school"): [5, "s1"],
    ("student", "schools"): ["s1", ["s1", 5], ["s1", ["s2"]], [None, "s1"], ["s1"]],
    ("student", "location"): ["A street", {"city": ["A"], "zip": "1"}, {"city": "A", "planet": "Earth"}, None],
    ("student", "ext"): [["x"], "x", 3, {"a": "x"}],
    ("student", "enrollments"): ["none", [3], [None], [{"school": 3, "start_date": "2025-08-01"}], []],
    ("teacher", "name"): ["Tt-t", {"first": 1.5}, {"first": "Tt-t"}],
    ("staff", "roles"): ["PortalOnly", [["PortalOnly"], "X"], [3, True], []],
    ("contact", "student_relationships"): [{}, ["x", {"student": "s", "type": ["t"]}], []],
    ("contact", "phone"): [15550100, 1.5, ["1"], "555-0100"],
}
"""Values that their columns cannot hold, by role and path, and some that they can."""


class Day:
    """What may happen in a district between two syncs."""

    def __init__(
        self, sandbox: Sandbox, district_id: str, memory: Memory, draw: Draw, *, without: AbstractSet[str] = frozenset()
    ) -> None:
        """Of one district, ``without`` the happenings of some names."""
        self._without = without
        self._sandbox = sandbox
        self._district_id = district_id
        self._roster = sandbox.roster(district_id)
        self._memory = memory
        self._draw = draw

    def apply(self) -> None:
        """Let something happen, or nothing."""
        changes: dict[str, Callable[[], object]] = {
            "nothing": lambda: None,
            "arrival": lambda: self._roster.add_person(self._draw(st.sampled_from(KINDS), "roles")),
            "person of another district": self._borrowing,
            "leaving": self._leaving,
            "return": self._return,
            "role given": self._giving,
            "role lost": self._losing,
            "e-mail": lambda: self._change(
                {"email": self._draw(st.sampled_from(["x@y", "", None, "X@y", ...]), "email")}
            ),
            "name": lambda: self._roster.rename(self._somebody()),
            "merge": self._merge,
            "split": self._split,
            "reissue": self._reissue,
            "overlap": self._overlap,
            "overlap with another district": self._overlap_with_another_district,
            "swap": self._swap,
            "legacy id replaced": self._replace,
            "remint": self._remint,
            "unknown field": self._unknown,
            "last_modified": lambda: self._change(
                {"last_modified": f"2031-01-{self._draw(st.integers(1, 28), 'day'):02}T00:00:00.000Z"}
            ),
            "role fields": self._role_fields,
            "fields of all students": self._fields_of_all,
            "role last_modified": self._role_last_modified,
            "relationship": self._relationship,
            "enrollment": self._enrollment,
            "unknown field of an item": self._unknown_of_item,
            "irregular value": self._irregular,
            "field that occurs twice": self._repeated,
            "empty or null role": self._odd_role,
            "sharing": self._sharing,
            "a whole night": self._sandbox.advance,
        }
        changes[self._draw(st.sampled_from(sorted(changes.keys() - self._without)), "happening")]()

    def _pick(self, choices: Collection[Any], what: str) -> Any:
        return self._draw(st.sampled_from(sorted(choices)), what) if choices else None

    def _somebody(self, *roles: str) -> str:
        """Choose a person, who holds one of the roles if there are any such and roles are named."""
        holders = [each for each in self._roster.ids() if set(roles) & set(self._roster.roles(each))]
        return str(self._pick(holders or self._roster.ids(), "person"))

    def _change(self, fields: Mapping[str, Any]) -> None:
        self._roster.change(self._somebody(), fields)

    def _borrowing(self) -> None:
        """Let the district show a person of another district as its own."""
        others = [self._sandbox.roster(each) for each in self._sandbox.districts if each != self._district_id]
        if others and (user_id := self._pick(set(others[0].ids()) - set(self._roster.ids()), "person")):
            self._roster.show(others[0].record(user_id))

    def _leaving(self) -> None:
        if len(self._roster) > 3:
            self._roster.remove(self._somebody())

    def _return(self) -> None:
        if user_id := self._pick(self._roster.gone(), "person"):
            self._roster.restore(user_id)

    def _giving(self) -> None:
        """Add a role with a legacy id of its own, or with one that the person had in it."""
        user_id = self._somebody(*EMPLOYEES)
        if not set(self._roster.roles(user_id)) <= set(EMPLOYEES):
            return
        role = self._pick(set(EMPLOYEES) - set(self._roster.roles(user_id)), "role")
        if role:
            former = {
                link.legacy_id
                for link in self._memory.change_log.crosswalk
                if (link.role, link.user_id) == (role, user_id) and self._roster.holder(link.legacy_id) is None
            }
            self._roster.give_role(user_id, role, self._draw(st.sampled_from([None, *sorted(former)]), "legacy id"))

    def _losing(self) -> None:
        user_id = self._somebody(*EMPLOYEES)
        if role := self._pick(self._roster.roles(user_id), "role"):
            self._roster.drop_role(user_id, role)

    def _merge(self) -> None:
        one = self._somebody(*EMPLOYEES)
        held = set(self._roster.roles(one))
        fitting = [
            each
            for each in self._roster.ids()
            if each != one and set(self._roster.roles(each)) <= set(EMPLOYEES) - held and held <= set(EMPLOYEES)
        ]
        if other := self._pick(fitting, "person"):
            self._roster.merge(one, other)

    def _split(self) -> None:
        if user_id := self._pick([each for each in self._roster.ids() if len(self._roster.roles(each)) > 1], "person"):
            self._roster.split(user_id, keep=self._draw(st.booleans(), "keep"))

    def _reissue(self) -> None:
        """Let a legacy id that someone has or had name another in the same role."""
        links = self._memory.change_log.crosswalk
        link = self._pick({link for link in links if link.role in EMPLOYEES}, "link")
        if link is None:
            return
        holder = self._roster.holder(link.legacy_id)
        takers = [
            each
            for each in self._roster.ids(link.role)
            if (each != holder[0] if holder else self._roster.roles(each)[0] == link.role)
        ]
        if taker := self._pick(takers, "person"):
            self._roster.reissue(link.legacy_id, taker, holder)

    def _overlap(self) -> None:
        """Return a legacy ID that a user has or had to another user as well, in the same role."""
        links = self._memory.change_log.crosswalk
        if link := self._pick({link for link in links if link.role in EMPLOYEES}, "link"):
            others = {each for each in self._employees() if each != link.user_id}
            if user_id := self._pick(others, "person"):
                self._set_legacy_id(user_id, link.role, link.legacy_id)

    def _overlap_with_another_district(self) -> None:
        """Return a legacy ID that a user of another district has to a user here, in the same role."""
        others = [each for each in self._sandbox.districts if each != self._district_id]
        links = {link for each in others for link in self._sandbox.truth(each).crosswalk if link.role in EMPLOYEES}
        if (link := self._pick(links, "link")) and (user_id := self._pick(self._employees(), "person")):
            self._set_legacy_id(user_id, link.role, link.legacy_id)

    def _swap(self) -> None:
        """Swap the roles, or only the legacy IDs, that two users have in one role."""
        role = self._pick(EMPLOYEES, "role")
        one, other = (self._pick(self._employees(role), "person") for _ in range(2))
        if one and other:
            first, second = (self._roster.record(each)["roles"][role] for each in (one, other))
            self._roster.change(one, {f"roles.{role}": second})
            self._roster.change(other, {f"roles.{role}": first})

    def _replace(self) -> None:
        """Return a user another legacy ID in a role, or none."""
        user_id = self._somebody(*EMPLOYEES)
        if user_id in self._employees() and (role := self._pick(self._roster.roles(user_id), "role")):
            fresh = f"{self._draw(st.integers(0, 5), 'legacy id'):024x}"
            self._set_legacy_id(user_id, role, self._draw(st.sampled_from([fresh, None]), "legacy id"))

    def _set_legacy_id(self, user_id: str, role: str, legacy_id: str | None) -> None:
        if legacy_id and role not in self._roster.roles(user_id):
            self._roster.give_role(user_id, role, legacy_id)
        else:
            self._roster.change(user_id, {f"roles.{role}.legacy_id": legacy_id})

    def _employees(self, role: str | None = None) -> set[str]:
        """List the people who have only roles of employees, or those of them who have a role."""
        return {each for each in self._roster.ids(role) if set(self._roster.roles(each)) <= set(EMPLOYEES)}

    def _remint(self) -> None:
        if user_id := self._pick(self._roster.ids("contact"), "person"):
            self._roster.remint_contact(user_id)

    def _unknown(self) -> None:
        """Let an unknown field appear, change or vanish at the top, in the name or in a role, or a role unheard of."""
        user_id = self._somebody()
        role = self._pick(self._roster.roles(user_id), "role")
        paths = ["nickname", "name.suffix", "roles.librarian", *([f"roles.{role}.badge"] if role else [])]
        path = self._pick(paths, "path")
        value = self._draw(values, "value")
        if path == "roles.librarian" and value is not None:
            value = {"badge": value}
        self._roster.change(user_id, {path: value if self._draw(st.booleans(), "appears") else ...})

    def _role_fields(self) -> None:
        """Change a field of a role that is in no column of users, and maybe not even the time stamp."""
        role = self._pick(ROLE_FIELDS, "role")
        if user_id := self._pick(self._with_role(role), "person"):
            name = self._pick(ROLE_FIELDS[role], "field")
            fields = {f"roles.{role}.{name}": self._draw(st.sampled_from(ROLE_FIELDS[role][name]), "value")}
            if self._draw(st.booleans(), "silent"):
                fields["last_modified"] = self._roster.record(user_id)["last_modified"]
            self._roster.change(user_id, fields)

    def _fields_of_all(self) -> None:
        """Let a field appear, change or vanish in the records of all students."""
        name = self._pick(["iep_status", "frl_status", "grade", "enrollments", "schools", "ext"], "field")
        value = self._draw(
            st.sampled_from([*ROLE_FIELDS["student"].get(name, ()), ...] if name != "enrollments" else [[], ...]),
            "value",
        )
        for user_id in self._with_role("student"):
            self._roster.change(user_id, {f"roles.student.{name}": value})

    def _role_last_modified(self) -> None:
        role = self._pick(["student", "teacher"], "role")
        if user_id := self._pick(self._with_role(role), "person"):
            text = f"2031-02-{self._draw(st.integers(1, 28), 'day'):02}T00:00:00.000Z"
            last_modified = self._roster.record(user_id)["last_modified"]
            self._roster.change(user_id, {f"roles.{role}.last_modified": text, "last_modified": last_modified})

    def _relationship(self) -> None:
        """Add a relationship to a contact, repeat one, change one, or remove one."""
        self._edit_item(
            "contact",
            "student_relationships",
            {
                "student": [*self._roster.ids("student")[:2], None, ""],
                "relationship": ["Parent", "Aunt/Uncle", None],
                "type": ["Emergency", "", None, 7],
            },
        )

    def _enrollment(self) -> None:
        """Add an enrollment to a student, repeat one, change one, or remove one."""
        self._edit_item(
            "student",
            "enrollments",
            {
                "school": ["5f0000000000000000000001", None, ""],
                "start_date": ["2025-08-01", "8/1/2025", None],
                "end_date": ["2026-06-01", "6/1/2026", "2026-06-01T00:00:00.000Z", "someday", None, 20260601],
            },
        )

    def _edit_item(self, role: str, name: str, fields: Mapping[str, Sequence[Any]]) -> None:
        if not (user_id := self._pick(self._with_role(role), "person")):
            return
        items = [*(self._roster.record(user_id)["roles"][role].get(name) or [])]
        items = items if all(isinstance(item, dict) for item in items) else []
        match self._pick(["add", "repeat", "change", "remove", "reverse"], "edit"):
            case "add":
                items.append({field: self._draw(st.sampled_from(found), field) for field, found in fields.items()})
            case "repeat":
                items += items[:1]
            case "change" if items:
                field = self._pick(fields, "field")
                items[0] = {**items[0], field: self._draw(st.sampled_from(fields[field]), "value")}
            case "reverse":
                items.reverse()
            case _:
                items = items[1:]
        self._roster.change(user_id, {f"roles.{role}.{name}": items})

    def _unknown_of_item(self) -> None:
        """Let an item of a list have an unknown field, or none any longer."""
        role, name = self._draw(
            st.sampled_from([("contact", "student_relationships"), ("student", "enrollments")]), "list"
        )
        if user_id := self._pick(self._with_role(role), "person"):
            items = self._roster.record(user_id)["roles"][role].get(name) or []
            if items and isinstance(items[0], dict):
                first = {field: value for field, value in items[0].items() if field != "note"}
                if self._draw(st.booleans(), "appears"):
                    first["note"] = self._draw(values, "value")
                self._roster.change(user_id, {f"roles.{role}.{name}": [first, *items[1:]]})

    def _irregular(self) -> None:
        """Let a field hold what its column cannot."""
        role, path = self._draw(st.sampled_from(sorted(IRREGULAR)), "path")
        if user_id := self._pick(self._with_role(role) if role else self._roster.ids(), "person"):
            prefix = f"roles.{role}." if role else ""
            value = self._draw(st.sampled_from(IRREGULAR[role, path]), "value")
            self._roster.change(user_id, {f"{prefix}{path}": value})

    def _repeated(self) -> None:
        """Let a field occur once more in an object, until the record changes."""
        owner, name = self._draw(
            st.sampled_from(
                [
                    ("data", "email"),
                    ("data", "nickname"),
                    ("student", "grade"),
                    ("student", "dob"),
                    ("contact", "phone"),
                ]
            ),
            "field",
        )
        if user_id := self._pick(self._with_role(owner) if owner != "data" else self._roster.ids(), "person"):
            self._sandbox.repeat(
                self._district_id, user_id, owner, name, self._draw(st.sampled_from(["a@a", "b@b", None, 3]), "value")
            )

    def _with_role(self, role: str) -> list[str]:
        """List the people who have a role with fields."""
        return [user_id for user_id in self._roster.ids(role) if self._roster.record(user_id)["roles"][role]]

    def _odd_role(self) -> None:
        """Let a role object be empty, which counts as held, or null, which does not."""
        user_id = self._somebody(*EMPLOYEES)
        if set(self._roster.roles(user_id)) <= set(EMPLOYEES):
            role = self._pick(EMPLOYEES, "role")
            self._roster.change(user_id, {f"roles.{role}": self._draw(st.sampled_from([{}, None]), "role object")})

    def _sharing(self) -> None:
        if hidden := sorted(self._roster.hidden_roles):
            self._sandbox.share(self._district_id, role=hidden[0])
        else:
            self._sandbox.unshare(self._district_id, role=self._pick(ROLES, "role"))


@contextmanager
def beginning(begin: "Begin", *, records: Collection[str] = PEOPLE, **sandbox: Any) -> Iterator[History]:
    """Return a history that has not begun."""
    with begin(**sandbox) as trial:
        trial.records = records
        yield History(trial)


@pytest.fixture(scope="module", autouse=True)
def _certificates_are_read_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.mark.filterwarnings(LOST_SOCKETS)
@settings(max_examples=FEW)
@given(data=st.data())
def test_whatever_happens_the_warehouse_remembers_what_the_change_log_remembers(
    begin: "Begin", data: st.DataObject
) -> None:
    random_history(begin, data)


@pytest.mark.search
@pytest.mark.filterwarnings(LOST_SOCKETS)
@pytest.mark.parametrize("part", range(SEARCHES))
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_random_histories_are_remembered(begin: "Begin", data: st.DataObject, part: int) -> None:
    random_history(begin, data)


@pytest.mark.filterwarnings(LOST_SOCKETS)
@settings(max_examples=FEW_WHOLE)
@given(data=st.data())
def test_whole_rosters_are_remembered_whatever_happens(begin: "Begin", data: st.DataObject) -> None:
    random_history(begin, data, DEFAULT_RECORDS)


@pytest.mark.search
@pytest.mark.filterwarnings(LOST_SOCKETS)
@pytest.mark.parametrize("part", range(WHOLE_SEARCHES))
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_random_histories_of_whole_rosters_are_remembered(begin: "Begin", data: st.DataObject, part: int) -> None:
    random_history(begin, data, DEFAULT_RECORDS)


def random_history(begin: "Begin", data: st.DataObject, records: Collection[str] = PEOPLE) -> None:
    """Draw a history, and compare what the warehouse remembers of it after each sync."""

    def draw(strategy: st.SearchStrategy[Any], what: str) -> Any:
        return data.draw(strategy, what)

    seed, users = draw(st.integers(0, 10**6), "seed"), draw(st.integers(10, 40), "users")
    with beginning(begin, records=records, districts=2, seed=seed, users=users) as history:
        if history.has_schools and draw(st.booleans(), "without events"):
            for district_id in history.memories:
                history.sandbox.disable_events(district_id)
        while history.syncs < SYNCS:
            number = history.syncs
            _one_night(history, draw)
            if draw(st.integers(0, 5), "import") == 5:
                history.tell(draw(st.lists(_pairs(history), min_size=1, max_size=6), "pairs"))
            _one_sync(history, draw, number)
            _one_decision(history, draw, number)
        history.end()


def _one_night(history: History, draw: Draw) -> None:
    for district_id, memory in history.memories.items():
        for _ in range(draw(st.integers(0, 4), "happenings")):
            Day(history.sandbox, district_id, memory, draw).apply()
        for _ in range(draw(st.integers(0, 6), "changes of schools") if history.has_schools else 0):
            SchoolChanges(history.sandbox, district_id, draw).apply()
        if memory.change_log.syncs and draw(st.integers(0, 15), "connection") == 15:
            (history.sandbox.disconnect if memory.is_connected else history.sandbox.connect)(district_id)
            memory.is_connected = not memory.is_connected
    lost = draw(st.sampled_from([None, None, None, None, None, None, "landing", "work"]), "lost")
    if lost:
        history.lose(lost)


def _pairs(history: History) -> st.SearchStrategy[tuple[str, str]]:
    """Choose links for a migration CSV: of IDs that a roster shows or showed, in either kind, and of unknown ones."""
    truths = [history.sandbox.truth(district_id) for district_id in history.memories]
    legacy_ids = {row.legacy_id for truth in truths for row in truth.crosswalk} | history.oracle.legacy_ids
    users = {row.user_id for truth in truths for row in truth.users} | history.oracle.users
    unknown = st.sampled_from(UNKNOWN)
    legacy, user = st.sampled_from(sorted(legacy_ids) or UNKNOWN), st.sampled_from(sorted(users) or UNKNOWN)
    return st.tuples(st.one_of(unknown, legacy, unknown, user), st.one_of(unknown, user, unknown, legacy))


def _one_sync(history: History, draw: Draw, number: int) -> None:
    """Sync in one of the ways in which a sync may go, or not."""
    sandbox, trial = history.sandbox, history.trial
    sandbox.rendering = draw(renderings, "rendering") if draw(st.booleans(), "rendered") else Rendering()
    sandbox.next_after_full_page = draw(st.booleans(), "full page")
    sandbox.is_reversed = False
    trial.version = draw(st.sampled_from([trial.version] * 4 + ["v3.0", "v3.1"]), "version")
    history.is_whole = draw(st.sampled_from([False, False, False, True]), "whole")
    if history.has_schools:
        trial.records = draw(st.sampled_from([DEFAULT_RECORDS] * 6 + [("sections", "schools"), PEOPLE]), "records")
    trial.page_limit = draw(st.sampled_from([10_000, 40, 17, 5]), "page limit")
    trial.limits = LimitsByDistrict(draw(limits, "limits")) if draw(st.booleans(), "limited") else LimitsByDistrict()
    districts = sorted(history.memories)
    asked = draw(st.sampled_from([districts, districts, districts[:1], districts[1:]]), "asked")
    trouble = draw(
        st.sampled_from(["none", "none", "passing", "lasting", "disagreeing", "crash", "rolled back"]), "trouble"
    )
    sync_id = f"sync-{number}"
    sandbox.is_reversed = trouble == "none" and draw(st.sampled_from([False, False, True]), "reversed")
    if trouble == "rolled back":
        if history.syncs:
            history.roll_back(asked, sync_id=f"{sync_id}-undone")
            _one_night(history, draw)
        trouble = "none"
    if trouble == "crash":
        if history.interrupt(asked, sync_id=sync_id, at=draw(instants, "instant")):
            if draw(st.booleans(), "tried again"):
                history.sync(asked, sync_id=sync_id, is_resumed=True)
            else:
                history.forget_unfinished()
                _one_night(history, draw)
                history.sync(asked, sync_id=f"{sync_id}-anew")
        return
    _inject(history, draw, trouble)
    result = history.sync(asked, sync_id=sync_id)
    sandbox.heal()
    is_unproven = any(outcome.unverified for outcome in result.outcomes)
    if trouble == "lasting" and not is_unproven and draw(st.booleans(), "tried again"):
        history.sync(asked, sync_id=sync_id, is_resumed=True)
    elif draw(st.integers(0, 7), "repeated") == 7:
        history.sync(asked, sync_id=f"{sync_id}-repeated")


def _inject(history: History, draw: Draw, trouble: str) -> None:
    """Put a fault in force that passes, that lasts, or that lets /users and a role view disagree for a while or for ever."""
    sandbox = history.sandbox
    district_id = draw(st.sampled_from(sorted(history.memories)), "where")
    ids = history.truth(district_id).school.ids
    stream = draw(st.sampled_from(["users", *(stream for stream in LISTS if ids.get(stream))]), "stream")
    if trouble == "passing":
        effect = draw(st.sampled_from(PASSING), "effect")
        times = draw(st.integers(1, 2), "times")
        sandbox.inject(effect, district=district_id, stream=stream, after=draw(st.integers(0, 6), "after"), times=times)
    elif trouble == "lasting" and draw(st.integers(0, 7), "which") == 7:
        sandbox.inject(Status(503), stream="tokens")
    elif trouble == "lasting":
        # To refuse a list of schools as a whole is no fault.
        effects = [effect for effect in LASTING if stream == "users" or effect != Status(404)]
        effect = draw(st.sampled_from(effects), "effect")
        sandbox.inject(effect, district=district_id, stream=stream, role="none", page=1)
    elif trouble == "disagreeing":
        role = draw(st.sampled_from([role for role in ROLES if history.sandbox.truth(district_id).ids(role)]), "role")
        times = draw(st.sampled_from([1, 2, None]), "times")
        sandbox.inject(Withheld(), district=district_id, stream="users", role=role, page=1, times=times)


def _one_decision(history: History, draw: Draw, number: int) -> None:
    for district_id, memory in history.memories.items():
        if memory.waiting() is None:
            continue
        word = draw(st.sampled_from(["none", "approve", "reject", "of another snapshot", "interrupted"]), "word")
        if word == "interrupted":
            _interrupted_approval(history, district_id)
        elif word != "none":
            history.decide(district_id, word, decision_id=f"decision-{number}-{district_id}")


def _interrupted_approval(history: History, district_id: str) -> None:
    """Let an approval break off: what is published stays, and the snapshot waits."""

    def crash(_event: Event) -> None:
        raise CrashError

    memory = history.memories[district_id]
    hold = memory.waiting()
    assert hold
    if hold.is_landed:
        with pytest.raises(CrashError):
            history.decide(district_id, "approve", decision_id="interrupted", report=crash)
        assert history.wrong() == []


@pytest.mark.search
def test_a_history_whose_syncs_are_killed_at_any_instant_is_remembered_all_the_same(begin: "Begin") -> None:
    history_of_kills(begin)


def history_of_kills(begin: "Begin") -> None:
    """Kill processes that sync again and again, and compare what the warehouse remembers after each."""
    chance = random.Random(20)
    with beginning(begin, records=DEFAULT_RECORDS, districts=2, seed=20, users=30) as history:
        command = history.trial.program
        for life in range(LIVES):
            if life % 2 == 0:
                history.forget_unfinished()
                history.sandbox.advance(3)
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout
                for _ in range(chance.randrange(1, LINES_OF_A_LIFE)):
                    process.stdout.readline()
                process.kill()
            history.learn()
        history.forget_unfinished()
        history.sandbox.advance()
        history.sync(sorted(history.memories), sync_id="at last")
        history.end()
        assert len(history.runs) > 2
