"""What a staged snapshot changes in the tables, and how that is written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from pipelines.records import CATALOG, Stream, Table
from pipelines.warehouse import drift, tables
from pipelines.warehouse.errors import StatementError
from pipelines.warehouse.heirs import find_heirs, place_told_links
from pipelines.warehouse.session import Session
from pipelines.warehouse.staging import Staging

BEGINNING: Final = ("created", "updated", "restored")
"""The changes with which a version of a row begins."""
CHANGES: Final = (*BEGINNING, "archived", "refreshed")
"""How a row can differ; refreshed means that nothing but Clever's own times does."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people a sync found new, changed, gone and back."""

    added: int = 0
    updated: int = 0
    archived: int = 0
    restored: int = 0

    def __str__(self) -> str:
        """The counts in words that fit one person as well as many."""
        return f"{self.added} added, {self.updated} updated, {self.archived} archived, {self.restored} restored"

    def __add__(self, other: "Counts") -> "Counts":
        """How many both together found."""
        return Counts(
            self.added + other.added,
            self.updated + other.updated,
            self.archived + other.archived,
            self.restored + other.restored,
        )


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What a sync changes among the holders of one role, or the records of one other type, in a district."""

    before: int
    """Holders before the sync."""
    counts: Counts
    limited: int = 0
    """Of the updated, those with a change in a field that had values in the district before: only these count toward a hold."""
    lost: int | None = None
    """Of the archived memberships, those whose member stays: only these count toward a hold, as people who leave are counted themselves.
    None: all of the archived count."""

    def __add__(self, other: "RoleChange") -> "RoleChange":
        """What both together change."""
        return RoleChange(self.before + other.before, self.counts + other.counts, self.limited + other.limited)

    @property
    def unchanged(self) -> int:
        """Holders of whom nothing changed."""
        return self.before - self.counts.updated - self.counts.archived


@dataclass(frozen=True, slots=True)
class Archived:
    """The people of a district that a snapshot archives."""

    people: int = 0
    continuing: int = 0
    """Of these, how many continue under other IDs: the snapshot shows one of their legacy IDs at another user."""

    def __str__(self) -> str:
        """Say how many continue; empty if no one is archived."""
        if self.people == 0:
            return ""
        if self.people == 1:
            return f"The archived person {'continues' if self.continuing else 'does not continue'} under a new ID."
        continues = "continues under a new ID" if self.continuing == 1 else "continue under new IDs"
        return f"{self.continuing} of the {self.people} archived people {continues}."


@dataclass(frozen=True, slots=True)
class Difference:
    """What a staged snapshot of a district would change."""

    counts: Counts
    """People of any role or none."""
    changed: bool
    """Whether any row differs; also where nothing but Clever's own times do, which counts nobody."""
    by_role: Mapping[str, RoleChange] = field(default_factory=dict)
    archived: Archived = field(default_factory=Archived)


class Differences:
    """The differences between staged snapshots and the tables, during one sync."""

    def __init__(self, session: Session, staging: Staging) -> None:
        self._session = session
        self._staging = staging
        self._changes: Mapping[str, Mapping[str, int]] = {}
        """By table, how many rows of the compared districts changed in each way; a table without any is left out."""
        self.changed_tables: set[str] = set()
        """The tables in which any row differs from what was compared so far, of whatever district."""
        self._compared: frozenset[str] = frozenset()
        self._streams: Sequence[Stream] = ()
        """The streams that were compared: those staged of any district, and users always. In the tables of others nothing differs."""
        session.run("compare/leaves")

    def compare(self, staged: Mapping[str, Collection[str]], by_events: Collection[str] = ()) -> dict[str, Difference]:
        """By district, what its staged snapshot would change; nothing is written.

        ``staged`` says which streams were staged of each district. The rows of other streams do not differ. Of the districts
        ``by_events``, the records that events name were staged, and not all that Clever shows.

        Raises:
            StatementError: DuckDB could not.
        """
        district_ids = list(staged)
        self._session.run("compare/batch", district_ids=district_ids)
        self._session.run("compare/shown")
        users, *others = CATALOG.streams
        self._streams = [
            users,
            *(stream for stream in others if any(stream.name in streams for streams in staged.values())),
        ]
        whole, incremental = self._find_concerned(staged, by_events)
        self._compared = frozenset(district_ids)
        for each in self._tables:
            self._session.run("compare/kept", each)
            if not whole:
                self._session.run("compare/kept_few", each)
            self._session.run("compare/compare", each)
        self._changes = self._counted()
        if updated := self._with("updated"):
            for each in updated:
                self._session.run("compare/reordered", each)
            self._changes = self._counted()
        for stream in self._streams:
            for declared in stream.tables:
                if stream.name in whole or (stream.name in incremental and declared.name in self._changes):
                    statement = drift.counts_of_fields(
                        stream, declared, is_whole=stream.name in whole, is_incremental=stream.name in incremental
                    )
                    self._session.execute(statement, "compare/counts_of_fields")
        self.changed_tables.update(self._changes)
        self._session.execute(_detail_differences(), "compare/detail_differences")
        self._leave_out_what_appeared()
        self._session.execute(_changed_districts(self._tables), "compare/changed_districts")
        by_role = self._changes_by_role(district_ids)
        counted = {
            district_id: (Counts(*counts), changed)
            for district_id, *counts, changed in self._session.rows("compare/counts")
        }
        # A sync that archives no one, such as a first one, does not pay for this.
        is_archiving = any(counts.archived for counts, _ in counted.values())
        continuing = dict(self._session.rows("apply/continuing")) if is_archiving else {}
        return {
            district_id: Difference(
                counts, changed, by_role[district_id], Archived(counts.archived, continuing.get(district_id, 0))
            )
            for district_id, (counts, changed) in counted.items()
        }

    def _find_concerned(
        self, staged: Mapping[str, Collection[str]], by_events: Collection[str]
    ) -> tuple[set[str], set[str]]:
        """Find which records may differ; returns the streams staged whole in some district, and those of which only new records were."""
        whole, incremental = set(), set()
        for stream in self._streams:
            of_stream = {district_id for district_id, streams in staged.items() if stream.name in streams}
            new_only = of_stream & self._staging.incremental(stream)
            if new_only:
                incremental.add(stream.name)
            if of_stream != new_only:
                whole.add(stream.name)
            self._session.run(
                "compare/concerned",
                stream,
                staged=sorted(of_stream),
                incremental=sorted(new_only),
                by_events=sorted(by_events),
            )
        return whole, incremental

    def _changes_by_role(self, district_ids: Collection[str]) -> dict[str, dict[str, RoleChange]]:
        """By district, what would change among the holders of each role, and among the records and memberships of each other type."""
        found = self._session.rows("compare/role_changes")
        memberships = [table for stream in self._streams for table in stream.tables if table.is_membership]
        for stream in self._streams[1:]:
            if stream.has_record_table:
                found += self._session.fetch(_changes_of_records(stream), "compare/changes_of_records")
        for table in memberships:
            found += self._session.fetch(_changes_of_memberships(table), "compare/changes_of_memberships")
        if others := [stream for stream in CATALOG.streams if stream not in self._streams]:
            found += self._session.fetch(_unchanged(others), "compare/unchanged")
        by_role: dict[str, dict[str, RoleChange]] = {district_id: {} for district_id in district_ids}
        for district_id, role, before, added, updated, archived, restored, limited in found:
            by_role[district_id][role] = RoleChange(before, Counts(added, updated, archived, restored), limited)
        for table in memberships:
            statement = _lost_memberships(table, self._streams)
            for district_id, lost in self._session.fetch(statement, "compare/lost_memberships"):
                by_role[district_id][table.name] = replace(by_role[district_id][table.name], lost=lost)
        # Roles first, then the types as they are declared: a district reads the same whatever else was compared beside it.
        names = [stream.name for stream in CATALOG.record_streams]
        names += [table.name for table in CATALOG.tables if table.is_membership]
        order = {name: number for number, name in enumerate(names)}
        return {
            district_id: dict(sorted(changes.items(), key=lambda change: order.get(change[0], -1)))
            for district_id, changes in by_role.items()
        }

    def _leave_out_what_appeared(self) -> None:
        """Mark the rows in which only fields changed that had no value in the district before: they count toward no hold."""
        self._session.run("compare/appeared")
        appeared: dict[str, list[str]] = {}
        for table_name, column in self._session.rows("compare/appeared_columns"):
            appeared.setdefault(table_name, []).append(column)
        for name, columns in appeared.items():
            for text in drift.uncounted(CATALOG.table(name), columns):
                self._session.execute(text, "compare/uncounted")
        if any(role_of(table) and table.id_column in appeared.get(table.name, ()) for table in CATALOG.tables):
            self._session.run("compare/uncounted_roles")

    def students(self, district_ids: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """By district, what its compared snapshot would do to students: one object per school and grade, as sync.holds has it."""
        found = self._session.rows("holds/students", district_ids=list(district_ids))
        return {district_id: msgspec.json.decode(students) for district_id, students in found}

    def find_missed(self, district_ids: Collection[str], followed: Mapping[str, Collection[str]]) -> dict[str, int]:
        """Record which of the records that differ no event has named, and count them by district.

        Args:
            district_ids: the compared districts.
            followed: those of them whose events are staged, each with the record types that events kept up to date until then.

        Raises:
            StatementError: nothing was written.
        """
        with self._session.transaction():
            self._session.execute(_changed_records(self._streams), "compare/changed_records")
            pairs = [(district_id, stream) for district_id, streams in followed.items() for stream in sorted(streams)]
            self._session.run(
                "apply/missed_by_events",
                district_ids=list(district_ids),
                followed_districts=[district_id for district_id, _ in pairs],
                followed_streams=[stream for _, stream in pairs],
            )
        missed = dict(self._session.rows("apply/count_missed", followed=list(followed)))
        return {district_id: missed.get(district_id, 0) for district_id in followed}

    def apply(
        self,
        district_ids: Collection[str],
        observed_at: datetime,
        repaired: Mapping[str, Collection[str]],
        *,
        seen_at: datetime | None = None,
    ) -> None:
        """Write the differences of some of the compared districts, in one transaction.

        Args:
            district_ids: the districts to write.
            observed_at: the instant of what is written.
            repaired: by district, the IDs of the records whose text had to be repaired before it could be loaded.
            seen_at: when Clever showed it, if it is written long after that.

        Raises:
            StatementError: nothing was written.
        """
        with self._session.transaction():
            self._session.run("apply/narrow_batch", district_ids=list(district_ids))
            if self._compared.difference(district_ids):
                for table in self._with(*CHANGES):
                    self._session.run("apply/set_aside", table)
            pairs = [
                (district_id, user_id) for district_id, user_ids in repaired.items() for user_id in sorted(user_ids)
            ]
            self._session.run(
                "apply/repaired_records",
                repaired_districts=[district_id for district_id, _ in pairs],
                repaired_users=[user_id for _, user_id in pairs],
            )
            self._session.run("apply/crosswalk", observed_at=observed_at, seen_at=seen_at or observed_at)
            self._write_rows(observed_at)
            for stream in self._streams:
                self._session.run("apply/lines", stream, form=self._staging.form(stream))
            drift.record(self._session, observed_at, self._streams)
            self._session.run("heirs/ids_of_batch")
            if self._session.is_complete and self._session.rows("imports/any") == [(True,)]:
                place_told_links(self._session)
            find_heirs(self._session)
            self._session.run("heirs/newcomers")
            self._check_keys()

    def _write_rows(self, observed_at: datetime) -> None:
        for table in self._with("refreshed"):
            if table.info["operational"]:
                self._session.run("apply/operational", table)
        for table in self._with("updated", "archived"):
            self._session.run("apply/ended", table, observed_at=observed_at)
        for table in self._with("restored"):
            self._session.run("apply/restored", table, observed_at=observed_at)
        for table in self._with(*BEGINNING):
            self._session.run("apply/begun", table, observed_at=observed_at)

    def _check_keys(self) -> None:
        """Raise StatementError if a table has a row twice: where rows were replaced, and in lists, whose rows are only ever new."""
        lists = [table for table in self._with("created") if table.info["is_list"]]
        for table in dict.fromkeys([*self._with("updated", "restored"), *lists]):
            ((repeated,),) = self._session.rows("apply/repeated_keys", table)
            if repeated:
                message = (
                    f"{table.name} would have a row twice, which is an error of clever-warehouse: please report it."
                )
                raise StatementError(message)

    def _counted(self) -> Mapping[str, Mapping[str, int]]:
        selects = [
            f"SELECT '{table.name}', change, count(*) FROM {table.name}_difference GROUP BY change"
            for table in self._tables
        ]
        counted: dict[str, dict[str, int]] = {}
        for name, change, number in self._session.fetch(" UNION ALL ".join(selects), "compare/changes"):
            counted.setdefault(name, {})[change] = number
        return counted

    def _with(self, *changes: str) -> list[sa.Table]:
        """The tables in which rows changed in one of some ways."""
        return [table for table in self._tables if self._changes.get(table.name, {}).keys() & set(changes)]

    @property
    def _tables(self) -> list[sa.Table]:
        """The tables of the compared streams, and those that follow from them, in the order they were declared."""
        others = {table.name for stream in CATALOG.streams if stream not in self._streams for table in stream.tables}
        return [table for table in tables.with_history() if table.name not in others]

    def close(self) -> None:
        """Remove what was compared; nothing can be applied after this."""
        names = [table.name for table in tables.with_history()]
        of_tables = [name for table in names for name in (f"{table}_difference", f"kept_rows_{table}")]
        for name in (*of_tables, *TEMPORARY):
            self._session.execute(f"DROP TABLE IF EXISTS {name}", "compare/close")


TEMPORARY = (
    "begun_links",
    "former_links",
    "kept_links",
    "gone_links",
    "ended_links",
    "remaining_holders",
    "received_links",
    "concerned_users",
    "concerned_roles",
    "identities",
    "restored_users",
    "restored_links",
    "archived_legacy_ids",
    "field_counts",
    "appeared",
)
"""Tables that exist while a difference is applied."""


def role_of(table: Table) -> str | None:
    """The role whose object holds the rows of a table: "student" for "roles.student.enrollments[]"; None if there is none."""
    parts = table.path.split(".")
    return parts[1].removesuffix("[]") if parts[0] == "roles" and len(parts) > 1 else None


def _detail_differences() -> str:
    """The statement that makes a view of all changes in the tables of roles: whose, in which role, and whether they count.

    In a new district everybody is new, and nothing else needs to be known.
    """
    selects = [
        f"SELECT district_id, \"{table.id_column}\" AS user_id, '{role}' AS role, change, {table.is_list} AS is_list, is_counted "
        f"FROM {table.name}_difference WHERE change <> 'refreshed' AND district_id IN (SELECT district_id FROM former_districts)"
        for table in CATALOG.tables
        if (role := role_of(table))
    ]
    return f"CREATE OR REPLACE TEMP VIEW detail_differences AS {' UNION ALL '.join(selects)}"


def _changed_districts(compared: Sequence[sa.Table]) -> str:
    """The statement that makes a table of the districts in which any row of the compared tables differs."""
    selects = [f"SELECT DISTINCT district_id FROM {table.name}_difference" for table in compared]
    return f"CREATE OR REPLACE TEMP TABLE changed_districts AS {' UNION '.join(selects)}"


def _changed_records(streams: Sequence[Stream]) -> str:
    """The statement that makes a view of all records of the compared streams in which something differs but Clever's own times."""
    selects = [
        f"SELECT '{stream.name}' AS stream, district_id, \"{table.id_column}\" AS record_id FROM {table.name}_difference "
        "WHERE change <> 'refreshed'"
        for stream in streams
        for table in stream.tables
    ]
    return f"CREATE OR REPLACE TEMP VIEW changed_records AS {' UNION ALL '.join(selects)}"


def _changes_of_records(stream: Stream) -> str:
    """The statement that counts by district what differs among the records of a stream: in their own table or in a table of their lists.

    Memberships are counted by themselves: a few students who leave change most sections, and that is no mass change of sections.
    """
    table = stream.record_table
    lists = [
        f"SELECT district_id, \"{each.id_column}\" AS record_id, is_counted FROM {each.name}_difference WHERE change <> 'refreshed'"
        for each in stream.tables[1:]
        if not each.is_membership
    ]
    own = (
        f'SELECT district_id, "{table.id_column}" AS record_id, change, is_counted FROM {table.name}_difference '
        "WHERE change <> 'refreshed'"
    )
    others = (
        " UNION ALL ".join(lists) or "SELECT NULL AS district_id, NULL AS record_id, false AS is_counted WHERE false"
    )
    return f"""
        WITH own AS ({own}),
        others AS (SELECT district_id, record_id, bool_or(is_counted) AS is_counted FROM ({others}) GROUP BY ALL),
        changes AS (
            SELECT own.district_id, own.change, own.is_counted OR coalesce(others.is_counted, false) AS is_counted
            FROM own LEFT JOIN others USING (district_id, record_id)
            UNION ALL
            SELECT district_id, 'updated', is_counted FROM others ANTI JOIN own USING (district_id, record_id)
        ),
        held AS (
            SELECT district_id, count(*) AS before FROM {table.name} SEMI JOIN batch USING (district_id) GROUP BY district_id
        ),
        {_counted(stream.name, "changes")}"""


def _changes_of_memberships(table: Table) -> str:
    """The statement that counts by district which memberships begin and end: sections may lose their students and stay themselves."""
    return f"""
        WITH held AS (
            SELECT district_id, count(*) AS before FROM {table.name} SEMI JOIN batch USING (district_id) GROUP BY district_id
        ),
        {_counted(table.name, f"{table.name}_difference")}"""


def _unchanged(streams: Sequence[Stream]) -> str:
    """The statement that counts by district the records and memberships of streams that were not compared: none of them changed."""
    counted = [
        table
        for stream in streams
        for table in stream.tables
        if table.is_membership or (stream.has_record_table and table is stream.record_table)
    ]
    selects = [
        f"SELECT district_id, '{table.name}', count(*), 0, 0, 0, 0, 0 FROM {table.name} SEMI JOIN batch USING (district_id) "
        "GROUP BY district_id"
        for table in counted
    ]
    return " UNION ALL ".join(selects) + " ORDER BY ALL"


def _lost_memberships(table: Table, streams: Sequence[Stream]) -> str:
    """The statement that counts, by district in which memberships end, those that end although the member stays."""
    members = " OR ".join(f'gone.record_id = ended."{field.column}"' for field in table.fields if field.kind.is_sent)
    gone = [
        f'SELECT district_id, "{stream.record_table.id_column}" AS record_id FROM {stream.record_table.name}_difference '
        "WHERE change = 'archived'"
        for stream in streams
        if stream.has_record_table and stream.record_table.own_id
    ]
    return f"""
        SELECT ended.district_id, count(*) FILTER (gone.record_id IS NULL)
        FROM {table.name}_difference AS ended
        LEFT JOIN ({" UNION ".join(gone)}) AS gone ON gone.district_id = ended.district_id AND ({members})
        WHERE ended.change = 'archived'
        GROUP BY ended.district_id"""


def _counted(name: str, changes: str) -> str:
    """The rest of a statement that counts changes, where ``held`` is how many records there were."""
    return f"""counted AS (
            SELECT
                district_id,
                count(*) FILTER (change = 'created') AS added,
                count(*) FILTER (change = 'updated') AS updated,
                count(*) FILTER (change = 'archived') AS archived,
                count(*) FILTER (change = 'restored') AS restored,
                count(*) FILTER (change = 'updated' AND is_counted) AS limited
            FROM {changes} GROUP BY district_id
        )
        SELECT district_id, '{name}', coalesce(before, 0), coalesce(added, 0), coalesce(updated, 0), coalesce(archived, 0),
            coalesce(restored, 0), coalesce(limited, 0)
        FROM held FULL JOIN counted USING (district_id) ORDER BY district_id"""
