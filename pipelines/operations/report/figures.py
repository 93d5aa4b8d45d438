"""What the report shows, read from a published file: counts, names of districts and schools, and instants."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from typing import Any, Generic, TypeVar

import duckdb

from pipelines.operations.report import charts
from pipelines.operations.report.suppression import SMALL, WITHHELD, hidden, shown
from pipelines.records import CATALOG
from pipelines.sync import references
from pipelines.warehouse import Freshness, freshness, held_snapshots
from pipelines.warehouse.session import translate_errors
from pipelines.warehouse.statements import statement

T = TypeVar("T")

ROLES: Mapping[str, str] = {
    "student": "Students",
    "teacher": "Teachers",
    "staff": "Staff",
    "district_admin": "District admins",
    "contact": "Contacts",
}
"""The roles, in the order of the report, and what their holders are called."""

STATES: Mapping[str, str] = {
    "failed": "The latest sync failed.",
    "held": "The latest sync is held for approval.",
    "stale": "Our latest sync, or Clever's from the SIS, is too long ago or had an error.",
    "paused": "Clever has paused the district; no fault.",
    "fresh": "Up to date.",
    "disconnected": "No longer in the token list; its data stays.",
}
"""The states of a district, the worst first, and what they mean."""

CHANGES = ("added", "updated", "archived", "restored")
"""How records change, in the order of the queries."""

MAX_ROWS = 25
"""Rows of a table, at most; a line below it says how many more there are."""

MAX_HOLDS = 10
"""Held snapshots that are shown, at most: each has a table and two commands."""

MAX_HELD_CHANGES = 5
"""Roles and record types that are shown of a held snapshot, at most."""

MAX_SCHOOLS = 40
"""Schools that are shown, at most."""

DAYS = 14
"""Days of which the changes are shown one by one."""

WEEK = timedelta(days=7)

_SHORT = {
    "InfantToddler": "IT",
    "Preschool": "PS",
    "PreKindergarten": "PK",
    "TransitionalKindergarten": "TK",
    "Kindergarten": "K",
    "PostGraduate": "PG",
    "Ungraded": "UG",
    "No grade": "none",
}
"""The grades whose names are too long for a column."""

_RECORDS = {stream.name for stream in CATALOG.streams} - {"users"}
"""Record types that are not people: their numbers are shown whatever they are."""


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """The first rows of a table, and how many more there are."""

    shown: Sequence[T]
    more: int = 0

    @classmethod
    def of(cls, rows: Sequence[T], total: int | None = None) -> "Rows[T]":
        """The first rows of some, of which there are ``total``."""
        return cls(rows[:MAX_ROWS], max(0, (len(rows) if total is None else total) - MAX_ROWS))


@dataclass(frozen=True, slots=True)
class District:
    """A district and how fresh it is."""

    district_id: str
    name: str
    state: str
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class Failure:
    """A district whose latest sync failed."""

    district: District
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HeldChange:
    """What a held snapshot would do to the people of a role, or the records of a type."""

    what: str
    before: str
    archived: str
    updated: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A snapshot that waits for a decision."""

    name: str
    reference: str
    """How a command names it."""
    since: str
    changes: Sequence[HeldChange]


@dataclass(frozen=True, slots=True)
class People:
    """The people of a role, now and over time."""

    label: str
    now: str
    change: str | None
    """Since a week ago; None if that is not known, or a number is small."""
    line: charts.Line | None
    summary: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of students; shade is 0 (none) to 5 (the most)."""

    text: str
    shade: int = 0


@dataclass(frozen=True, slots=True)
class School:
    """A school, with its students in each grade and in all; no cells if none may be shown."""

    name: str
    district: str
    cells: Sequence[Cell] | None
    total: str


@dataclass(frozen=True, slots=True)
class Schools:
    """The largest schools by grade."""

    grades: Sequence[tuple[str, str]]
    """The columns: a short name, and the grade."""
    rows: Sequence[School]
    more: int
    are_withheld: bool
    """Whether a number of 5 or more is withheld, so that a small one cannot be computed."""


@dataclass(frozen=True, slots=True)
class Change:
    """How many records of a type changed."""

    what: str
    counts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """A data-quality rule that records break."""

    severity: str
    rule: str
    description: str
    records: str
    districts: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Drift:
    """Where records differ from Clever's specs, or from what they were."""

    kind: str
    path: str
    records: str
    districts: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the report shows."""

    at: datetime
    synced_at: datetime | None
    size: int
    schema_version: int
    version: str
    duckdb: str
    states: Sequence[tuple[str, int, str]]
    """The states that districts have, the worst first: name, number of districts, and meaning."""
    total: int
    """Districts ever connected."""
    districts: Rows[District]
    holds: Rows[Hold]
    failures: Rows[Failure]
    stale: Rows[District]
    """Also the held districts whose snapshot was decided: it was rejected, and Clever shows nothing else."""
    rollback: tuple[datetime, datetime] | None
    """The latest rollback of the last days: when it was, and of when the restored file is."""
    not_shared: Sequence[tuple[str, int]]
    """Streams that districts do not share, and how many districts do not."""
    people: Sequence[People]
    weeks: Sequence[tuple[date, Sequence[str]]]
    """The people of each role today and on the same weekday before, newest first."""
    schools: Schools
    change_days: Sequence[tuple[date, Sequence[str]]]
    change_bars: charts.Bars | None
    changes: Sequence[Change]
    findings: Rows[Finding]
    drift: Rows[Drift]

    @property
    def need_attention(self) -> bool:
        """Whether the section of what needs attention has anything."""
        return bool(
            self.holds.shown
            or self.failures.shown
            or self.stale.shown
            or self.rollback
            or self.not_shared
            or self.findings.shown
            or self.drift.shown
        )


@translate_errors("the report")
def read(connection: duckdb.DuckDBPyConnection, size: int, instant: datetime) -> Figures:
    """Read what the report shows at an instant.

    Args:
        connection: The published file.
        size: Its bytes.
        instant: The instant of the report.

    Raises:
        StatementError: DuckDB could not.
        DamagedError: the file is damaged.
    """
    instant = instant.astimezone(UTC)
    reader = _Reader(connection, instant)
    ((synced_at, schema_version),) = reader.rows("report/last_sync")
    return Figures(
        at=instant,
        synced_at=synced_at,
        size=size,
        schema_version=schema_version,
        version=version("clever-warehouse"),
        duckdb=version("duckdb"),
        states=reader.states(),
        total=len(reader.districts),
        districts=Rows.of(reader.districts),
        holds=reader.holds(),
        failures=reader.failures(),
        stale=reader.stale(),
        rollback=next(iter(reader.rows("report/rollback", instant - WEEK)), None),
        not_shared=[(stream, len(district_ids)) for stream, district_ids in reader.rows("shown/not_shared")],
        **reader.people(),
        schools=reader.schools(),
        **reader.changes_by_day(),
        changes=reader.changes_by_type(),
        findings=reader.findings(),
        drift=reader.drift(),
    )


class _Reader:
    """Asks one published file at one instant."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, instant: datetime) -> None:
        self._connection = connection
        self._instant = instant
        order = list(STATES)
        found = [Freshness(*row) for row in connection.execute(freshness.query(instant)).fetchall()]
        self.districts = sorted(
            (District(each.district_id, each.name or "Name unknown", _state(each), each) for each in found),
            key=lambda each: (order.index(each.state), _age(each.freshness), each.name, each.district_id),
        )
        """Every district ever connected, the worst first."""
        self._held = held_snapshots(connection)
        """By district, the snapshot that waits for a decision."""

    def rows(self, name: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a statement of sql/."""
        return self._connection.execute(statement(name), list(parameters)).fetchall()

    def states(self) -> list[tuple[str, int, str]]:
        counted = Counter(each.state for each in self.districts)
        return [(state, counted[state], meaning) for state, meaning in STATES.items() if counted[state]]

    def holds(self) -> Rows[Hold]:
        names = {each.district_id: each.name for each in self.districts}
        reference = references(self._held)
        oldest_first = sorted(self._held.items(), key=lambda each: (each[1].held_since, each[0]))
        return Rows(
            [
                Hold(names[district_id], reference[district_id], held.held_since, _held_changes(held.by_role))
                for district_id, held in oldest_first[:MAX_HOLDS]
            ],
            max(0, len(self._held) - MAX_HOLDS),
        )

    def stale(self) -> Rows[District]:
        return Rows.of(
            [
                each
                for each in self.districts
                if each.state == "stale" or (each.state == "held" and each.district_id not in self._held)
            ]
        )

    def failures(self) -> Rows[Failure]:
        failed = [each for each in self.districts if each.state == "failed"]
        first = failed[:MAX_ROWS]
        errors = {
            district_id: (error, finished_at)
            for district_id, error, finished_at in self.rows("report/failures", [each.district_id for each in first])
        }
        return Rows.of(
            [
                Failure(each, _without_ids(error or "", each.district_id), finished_at)
                for each in first
                for error, finished_at in [errors[each.district_id]]
            ],
            len(failed),
        )

    def people(self) -> dict[str, Any]:
        """Everyone, then the holders of each role. Everyone is left out if the number of a small role could be computed from it."""
        now = dict(self.rows("report/people"))
        by_day: dict[str, dict[date, int]] = {}
        for kind, day, count in self.rows("report/counts_by_day", self._instant.date()):
            by_day.setdefault(kind, {})[day] = count
        days = list(next(iter(by_day.values()), {}))
        known = [now, *({kind: of_kind[day] for kind, of_kind in by_day.items()} for day in days)]
        is_small = any(0 < counts.get(role, 0) < SMALL for counts in known for role in ROLES)
        labels = {**({} if is_small else {"users": "People"}), **ROLES}
        return {
            "people": [
                self._people(label, now.get(kind, 0), days, [by_day.get(kind, {}).get(day, 0) for day in days])
                for kind, label in labels.items()
            ],
            "weeks": [
                (day, [shown(by_day.get(kind, {}).get(day, 0)) for kind in labels])
                for day in reversed(days)
                if (days[-1] - day).days % WEEK.days == 0
            ],
        }

    def _people(self, label: str, now: int, days: Sequence[date], counts: Sequence[int]) -> People:
        before = dict(zip(days, counts, strict=True)).get(self._instant.date() - WEEK)
        change = None
        if before is not None and not any(0 < count < SMALL for count in (now, before)):
            change = f"{now - before:+,}".replace("-", "\N{MINUS SIGN}") if now != before else "±0"
        is_line = len(days) > 1
        return People(
            label=label,
            now=shown(now),
            change=change,
            line=charts.line(days, counts) if is_line else None,
            summary=f"Between {shown(min(counts))} and {shown(max(counts))}; {shown(counts[-1])} on the last day."
            if is_line
            else "",
        )

    def schools(self) -> Schools:
        names: dict[tuple[str, str], tuple[str, str]] = {}
        counts: dict[tuple[str, str], dict[str, int]] = {}
        order: dict[str, int] = {}
        total = 0
        for district_id, district, school_id, school, grade, place, count, schools in self.rows(
            "report/schools", MAX_SCHOOLS
        ):
            key = district_id, school_id
            names[key] = (school or "Name unknown") if school_id else "No school", district or "Name unknown"
            column = grade or "No grade"
            counts.setdefault(key, {})[column] = count
            order[column] = place if place is not None else len(order) + 1_000
            total = schools
        grades = sorted(order, key=lambda grade: order[grade])
        most = max((count for of_school in counts.values() for count in of_school.values()), default=0)
        rows: dict[tuple[str, str], School] = {}
        for district_id in dict.fromkeys(district_id for district_id, _ in counts):
            of_district = {key: counts[key] for key in counts if key[0] == district_id}
            rows |= _school_rows(of_district, names, grades, most)
        return Schools(
            [(_SHORT.get(grade, grade), grade) for grade in grades],
            [rows[key] for key in counts if key in rows],
            total - len(rows),
            any(
                WITHHELD in {school.total, *(cell.text for cell in school.cells or ())} or school.cells is None
                for school in rows.values()
            ),
        )

    def changes_by_day(self) -> dict[str, Any]:
        today = self._instant.date()
        found = self.rows("report/changes_by_day", today - timedelta(days=DAYS - 1), today)
        days = [day for day, *_ in found]
        counts = [row[1:] for row in found]
        return {
            "change_days": [
                (day, [shown(count) for count in row]) for day, row in zip(days, counts, strict=True) if any(row)
            ],
            "change_bars": charts.bars(days, CHANGES, counts) if any(any(row) for row in counts) else None,
        }

    def changes_by_type(self) -> list[Change]:
        found = {what: counts for what, *counts in self.rows("report/changes_by_type", self._instant - WEEK)}
        order = [*ROLES, *(stream.name for stream in CATALOG.streams), *sorted(found)]
        return [
            Change(ROLES.get(what, _words(what)), [_number(what, count) for count in counts])
            for what, counts in sorted(found.items(), key=lambda each: order.index(each[0]))
            if any(counts)
        ]

    def findings(self) -> Rows[Finding]:
        return Rows.of(
            [
                Finding(severity, rule, description or "", shown(records), districts, since)
                for severity, rule, description, records, districts, since in self.rows("report/findings")
            ]
        )

    def drift(self) -> Rows[Drift]:
        found = self.rows("report/drift", MAX_ROWS)
        return Rows.of(
            [
                Drift(kind.replace("_", " "), f"{stream}: {_field(path)}", shown(records), districts, since)
                for kind, stream, path, records, districts, since, _ in found
            ],
            found[0][-1] if found else 0,
        )


def _state(found: Freshness) -> str:
    """The state of a district, of STATES."""
    if found.freshness == "ours_stale":
        return found.reason if found.reason in {"failed", "held"} else "stale"
    return "stale" if found.freshness == "sis_stale" else found.freshness


def _age(found: Freshness) -> float:
    """When a district was up to date; the oldest first, one that never was before all."""
    return found.up_to_date_as_of.timestamp() if found.up_to_date_as_of else 0.0


def _without_ids(sentence: str, district_id: str) -> str:
    """A sentence without the IDs of records, which may be of people; the district's own ID stays."""
    return re.sub(r"\b[0-9a-f]{24}\b", lambda found: found[0] if found[0] == district_id else "(ID)", sentence)


def _field(path: str) -> str:
    """The path of a field; what a district uses as a name may be an ID or an address."""
    return re.sub(r"[^.]*@.*", "(address)", _without_ids(path, ""))


def _number(what: str, count: int) -> str:
    return f"{count:,}" if what in _RECORDS else shown(count)


def _words(what: str) -> str:
    return what.replace("_", " ").capitalize()


def _held_changes(found: Mapping[str, Mapping[str, int]]) -> list[HeldChange]:
    """What a snapshot would archive and update: the roles and types of which it would change the largest shares."""
    shares = {
        what: (counts["archived"] + counts["updated"]) / max(1, counts["before"])
        for what, counts in found.items()
        if what != "districts" and (counts["archived"] or counts["updated"])
    }
    return [
        HeldChange(
            ROLES.get(what, _words(what)),
            *(_number(what, found[what][each]) for each in ("before", "archived", "updated")),
        )
        for what in sorted(shares, key=lambda what: -shares[what])[:MAX_HELD_CHANGES]
    ]


def _school_rows(
    counts: Mapping[tuple[str, str], Mapping[str, int]],
    names: Mapping[tuple[str, str], tuple[str, str]],
    grades: Sequence[str],
    most: int,
) -> dict[tuple[str, str], School]:
    """The rows of a district's schools; none if the schools are so small that nothing can be shown of them.

    A reader may know how many students the district has, so no hidden total may follow from the others either.
    """
    cells = {key: [of_school.get(grade, 0) for grade in grades] for key, of_school in counts.items()}
    inside = {key: hidden(row) for key, row in cells.items()}
    totals = [sum(row) for row in cells.values()]
    without_total = hidden(totals, [number for number, key in enumerate(cells) if inside[key] is None])
    if without_total is None:
        return {}
    made = {}
    for number, (key, row) in enumerate(cells.items()):
        if number in without_total:
            made[key] = School(*names[key], None, _hidden(totals[number]))
        else:
            concealed = inside[key] or set()
            made[key] = School(
                *names[key],
                [
                    Cell(_hidden(count))
                    if column in concealed
                    else Cell(f"{count:,}" if count else "", _shade(count, most))
                    for column, count in enumerate(row)
                ],
                f"{totals[number]:,}",
            )
    return made


def _hidden(count: int) -> str:
    return shown(count) if count < SMALL else WITHHELD


def _shade(count: int, most: int) -> int:
    """From 0, for no students, to 5, for more than four fifths of the most."""
    return -(-5 * count // most) if count else 0
