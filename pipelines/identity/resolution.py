"""Resolve legacy IDs: a single one, or a column of a CSV file with a report. Nothing but the report is written."""

import csv
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import NoReturn

from pipelines.identity.csv_files import CsvFile, UnusableFileError, csv_file, new_file, padded, plain
from pipelines.progress import silent
from pipelines.warehouse import Clock, Session, Warehouse, machine_clock

RESOLVED = frozenset({"current", "inherited", "gone", "unconfirmed"})
"""Statuses of an ID that leads to one v3 ID."""

ANSWER_COLUMNS = (
    "line",
    "id",
    "v3_id",
    "role",
    "status",
    "since",
    "reason",
    "ids_of_the_person",
    "possible_v3_ids",
    "v3_district_id",
    "warning",
)
"""The columns that a report appends to those of the file."""

MERGE_COLUMNS = ("line", "id", "v3_id", "status", "person", "step", "action", "line_to_keep")
"""The columns that a merge list appends to those of the file."""

REASONS = {
    "legacy_id_replaced": "the user is in Clever in this role, with another legacy ID",
    "legacy_id_removed": "the user is in Clever in this role, without a legacy ID",
    "role_removed": "the user is in Clever, but no longer in this role",
    "is_a_v3_id": "already a v3 ID, of a user in Clever",
    "former_v3_id": "a former v3 ID: that user is gone, and the legacy IDs lead to this user",
    "through_gone_users": "its last user is gone, and the other legacy IDs of that user lead to this user",
    "archived": "the last user is gone from Clever",
    "migration_csv": "only a migration CSV has it; API v3 has not returned it",
    "v2.1": "only API v2.1 has it; API v3 has not returned it",
    "several_current_users": "it leads to several users in Clever: ask the district or Clever",
    "several_last_users": "it leads to several users, who are all gone: ask the district or Clever",
    "told_differently": "migration CSVs name several users, and API v3 returns none of them: revert the import that is wrong "
    "(clever-warehouse import-migration --list)",
    "held": "first seen in a snapshot that is on hold: approve or reject it (clever-warehouse holds)",
    "rejected": "seen only in a snapshot that was rejected (clever-warehouse holds)",
    "made_after_the_last_sync": "created after the last good sync (from the time embedded in the ID): sync again",
    "not_up_to_date": "not seen so far, and the last sync of a district did not succeed: fix that, and sync again "
    "(clever-warehouse status)",
    "malformed": "not a Clever ID (must be 24 hex characters); if a spreadsheet shortened it or shows it as 5.5E+23, "
    "export the column as text",
    "only_in_v2.1": "API v2.1 lists it, API v3 has no user with it (clever-warehouse verify-legacy)",
    "nothing_synced": "no district has been synced here yet",
    "never_seen": "never seen here: of a district that is not connected, or of a user who was gone before the first sync; "
    "Clever's migration CSVs may have it (clever-warehouse import-migration)",
    "district_not_connected": "its district is not connected here",
    "district_not_synced": "its district is connected, but no sync of it has succeeded yet",
    "gone_before_the_first_sync": "its district is synced, but has never shown it: the user was gone before the first sync, "
    "or the ID is of another district",
}
"""What each reason means, as reports show it."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link that the crosswalk has for an ID, as legacy ID or as v3 ID."""

    legacy_id: str
    user_id: str
    role: str
    district_id: str
    is_current: bool
    first_seen_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    why: str | None
    """Why it ended, or contradicted if only a migration CSV has it and API v3 returns another user."""
    source: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a legacy ID leads to."""

    user_id: str | None
    role: str | None
    district_id: str | None
    status: str
    since: datetime | None
    reason: str | None
    user_ids: Sequence[str] | None
    """The possible users, if the ID is ambiguous."""
    links: Sequence[Link]

    @property
    def is_resolved(self) -> bool:
        """Whether the id leads to one v3 id."""
        return self.status in RESOLVED


@dataclass(frozen=True, slots=True)
class Count:
    """Lines and IDs of a list with a status and a reason."""

    status: str
    reason: str | None
    lines: int
    ids: int


@dataclass(frozen=True, slots=True)
class ResolutionSummary:
    """Result of resolving a list of legacy IDs."""

    column: str
    counts: Sequence[Count]
    people_with_several_ids: int
    ids_of_these: int
    ids_in_another_district: int
    """IDs that lead to a user of another district than the list says."""
    lines_to_set: int
    """Lines with another ID than the v3 ID of the user to whom they lead."""
    lines_to_merge: int
    """Lines that are one person with other lines."""
    lines_left: int
    """Lines that lead to no single user, blank ones included."""

    @property
    def lines(self) -> int:
        """Lines of the list, empty ones included."""
        return sum(count.lines for count in self.counts)

    @property
    def ids(self) -> int:
        """Different ids of the list."""
        return sum(count.ids for count in self.counts if count.status != "empty")

    @property
    def resolved(self) -> int:
        """Different ids that lead to one v3 id."""
        return sum(count.ids for count in self.counts if count.status in RESOLVED)

    @property
    def coverage(self) -> float:
        """The share of the different ids that lead to one v3 id, in percent; 100 of an empty list."""
        return 100 * self.resolved / self.ids if self.ids else 100.0

    @property
    def is_whole(self) -> bool:
        """Whether every id leads to one v3 id."""
        return self.resolved == self.ids

    @property
    def is_migrated(self) -> bool:
        """Whether every line that leads to one user has that user's v3 ID, and no two lines are one person."""
        return not self.lines_to_set and not self.lines_to_merge


def resolve_one(warehouse: Warehouse, legacy_id: str) -> Resolution:
    """Resolve one legacy ID.

    Raises:
        WarehouseError: nothing is published yet.
    """
    with _opened(warehouse) as session:
        session.run("resolution/ask_one", legacy_id=legacy_id)
        user_id, role, district_id, status, since, reason, user_ids = next(
            iter(session.rows("resolution/one")), (None, None, None, "not_an_id", None, "malformed", None)
        )
        links = [Link(*row) for row in session.rows("resolution/links", legacy_id=legacy_id)]
    return Resolution(user_id, role, district_id, status, since, reason, user_ids, links)


def resolve_file(warehouse: Warehouse, file: Path, column: str | None, output: Path) -> ResolutionSummary:
    """Resolve the legacy IDs in a column of a CSV file; write the report to ``output``.

    The report has every row of the file, blank lines included, with all its columns and the answers behind them.
    Without a column the file must have only one. A column named district_id is used for the likely reasons.

    Raises:
        UnusableFileError: there is no such file or column, a line of the file cannot be read, or the report exists already.
        WarehouseError: nothing is published yet, or the report cannot be written.
    """
    with (
        _resolved(warehouse, file, column, output) as (session, source, width, summary),
        tempfile.TemporaryDirectory(prefix="clever-warehouse-") as folder,
    ):
        answers = Path(folder, "answers.csv")
        session.run("resolution/check", output=str(answers))
        _write_report(source, width, answers, output)
    return summary


@contextmanager
def _resolved(
    warehouse: Warehouse, file: Path, column: str | None, output: Path
) -> Iterator[tuple[Session, CsvFile, int, ResolutionSummary]]:
    """The answers to the lines of a file, in the table answers of a session, with the file and its width; ``output`` is a new file."""
    source = csv_file(file)
    if output.exists() and output.samefile(file):
        raise UnusableFileError(f"{output} is the list itself: name another file for the report.")
    position = _position(source.header, column, file)
    districts, _ = source.positions({"district_id": "district_id"})
    before = _stamp(file)
    with (
        _opened(warehouse) as session,
        new_file(output),
        tempfile.TemporaryDirectory(prefix="clever-warehouse-") as folder,
    ):
        requested = Path(folder, "asked.csv")
        width = source.extract([position, districts.get("district_id")], requested, blank_lines=True)
        session.run("resolution/read", file=str(requested))
        session.run("resolution/answer")
        (unmigrated,) = session.rows("resolution/unmigrated")
        counts = [Count(*row) for row in session.rows("resolution/summary")]
        ((people, ids),) = session.rows("resolution/people")
        ((elsewhere,),) = session.rows("resolution/warnings")
        yield (
            session,
            source,
            width,
            ResolutionSummary(source.header[position].strip(), counts, people, ids, elsewhere, *unmigrated),
        )
        if _stamp(file) != before:
            raise UnusableFileError(f"{file} was changed while it was read: run the command again.")


@dataclass(frozen=True, slots=True)
class MergeList:
    """Lines of a list that are one person with other lines."""

    summary: ResolutionSummary
    people: int
    """Persons with several lines."""
    lines: int
    """Lines of these persons."""


def list_merges(warehouse: Warehouse, file: Path, column: str | None, output: Path) -> MergeList:
    """Write the account merge list of a CSV file: its lines that are one person, in the order in which to merge.

    Each line has its own columns, then MERGE_STEPS. ``action`` is keep for the first line of a person and merge for those that
    are to be merged into it, step by step. Lines of ambiguous or unknown IDs are in no list.

    Raises:
        UnusableFileError: there is no such file or column, a line of the file cannot be read, or the output exists already.
        WarehouseError: nothing is published yet, or the output cannot be written.
    """
    with _resolved(warehouse, file, column, output) as (session, source, width, summary):
        steps = session.rows("resolution/merge_list")
        lines = {step[0] for step in steps}
        cells = {line: row for (line, row) in source.rows() if line in lines}
        with output.open("w", encoding="utf-8", newline="") as written:
            writer = csv.writer(written)
            writer.writerow(_header(source, width, MERGE_COLUMNS))
            writer.writerows([*padded(cells[step[0]], width), *step] for step in steps)
    return MergeList(summary, max((step[4] for step in steps), default=0), len(steps))


def _write_report(source: CsvFile, width: int, answers: Path, output: Path) -> None:
    """Put the answer of each row behind its cells."""
    header = _header(source, width, ANSWER_COLUMNS)
    with answers.open(encoding="utf-8", newline="") as lines, output.open("w", encoding="utf-8", newline="") as report:
        writer = csv.writer(report)
        writer.writerow(header)
        writer.writerows(
            [*padded(row, width), *answer] for (_, row), answer in zip(source.rows(), csv.reader(lines), strict=False)
        )


def _header(source: CsvFile, width: int, appended: Sequence[str]) -> list[str]:
    """The columns of a file, names for cells to the right of them, and those that are appended."""
    header = list(source.header)
    header += _unlike(header, [f"column_{number}" for number in range(len(header) + 1, width + 1)])
    return header + _unlike(header, appended)


def _unlike(header: Sequence[str], names: Sequence[str]) -> list[str]:
    """The names, with a number if the header already has them: role_2 next to a column role."""
    there = {plain(column) for column in header}
    return [
        next(name for name in chain([wanted], (f"{wanted}_{number}" for number in count(2))) if name not in there)
        for wanted in names
    ]


def _stamp(file: Path) -> tuple[int, int, int]:
    """What changes when a file is written to."""
    found = file.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def _opened(warehouse: Warehouse) -> Iterator[Session]:
    """The published file, read-only, with a place for what is asked."""
    connection = warehouse.reading()
    try:
        session = Session(connection, _nothing_to_publish, Clock(machine_clock, None, silent), warehouse.state)
        # A folder of its own: DuckDB gives what it spills the same names in each process, and a sync may be under way.
        session.execute("SET temp_directory = ?", "spill", [str(warehouse.state / f"spill-{os.getpid()}")])
        session.run("resolution/tables")
        yield session
    finally:
        connection.close()


def _nothing_to_publish(*, keep_former: bool, is_compacted: bool) -> NoReturn:  # noqa: ARG001 (who publishes says so)
    raise AssertionError


def _position(header: Sequence[str], column: str | None, file: Path) -> int:
    """Where the column of ids is."""
    if column is None and len(header) == 1:
        return 0
    columns = ", ".join(name.strip() for name in header)
    if column is None:
        raise UnusableFileError(f"{file} has several columns ({columns}): name the column of the IDs with --column.")
    found = [position for position, name in enumerate(header) if plain(name) == plain(column)]
    if not found:
        raise UnusableFileError(f"{file} has no column {column}; its columns are {columns}.")
    if len(found) > 1:
        places = " and ".join(str(position + 1) for position in found)
        raise UnusableFileError(
            f"{file} has the column {column} more than once (columns {places}): rename all but one."
        )
    return found[0]
