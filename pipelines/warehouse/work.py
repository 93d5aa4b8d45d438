"""What one sync does in the work database: stage, prove, compare, apply, check, record."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from pipelines.warehouse import tables
from pipelines.warehouse.checks import checks
from pipelines.warehouse.errors import RecordError, StatementError
from pipelines.warehouse.heirs import find_heirs, place_told_links
from pipelines.warehouse.session import Session
from pipelines.warehouse.shape import Shape, fault, places, shape_of
from pipelines.warehouse.statements import FOLDER

KNOWN_FIELDS = FOLDER / "stage" / "known_fields.ndjson"
"""The fields that Clever's specs v3.0.yml and v3.1.yml know of a user: a part of a record a line, which together have each once."""

PROBES = tuple(sorted((FOLDER / "stage" / "probes").glob("*.ndjson")))
"""Records with a field that nobody knows, each at another place."""

ADDED_COLUMNS = frozenset({"filename", "known_fields"})
"""Columns of sql/stage/leniently.sql that are no fields of a record."""

COMPARED_TABLES = (tables.users, tables.user_roles)
"""The tables that are brought up to date by difference, each through the same statements."""


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
    """What a sync changes among the holders of one role in a district."""

    before: int
    """Holders before the sync."""
    counts: Counts

    def __add__(self, other: "RoleChange") -> "RoleChange":
        """What both together change."""
        return RoleChange(self.before + other.before, self.counts + other.counts)

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
    """Whether any row differs; also where nothing but last_modified does, which counts nobody."""
    by_role: Mapping[str, RoleChange] = field(default_factory=dict)
    archived: Archived = field(default_factory=Archived)


@dataclass(frozen=True, slots=True)
class Decision:
    """The latest word on a held snapshot."""

    state: str
    held_at: datetime
    by: str | None
    reason: str | None
    is_applied: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A snapshot that waits for a person's word."""

    digest: str
    why: str
    """Which limits it exceeds."""
    by_role: Mapping[str, Mapping[str, int]]
    """What it would change, by role, as sync.holds has it."""
    archived: int | None
    """How many people it would archive; None if an earlier version held it."""
    continuing: int | None
    """Of these, how many continue under other IDs."""
    held_since: str
    """Since when the district is held, over all snapshots since the last sync that brought it up to date."""


class Work:
    """The work database during one sync."""

    _strict: ClassVar[bool | None] = None

    def __init__(self, session: Session) -> None:
        self._session = session
        session.run("stage/open")
        session.run("stage/shape")
        session.run("stage/known_fields", known_fields=str(KNOWN_FIELDS))
        session.run("stage/unknown_fields")

    def applied(self, district_ids: Collection[str]) -> dict[str, tuple[str, dict[str, str]]]:
        """By district, the sync that read its current rows, and the digest of each feed in that read."""
        found: dict[str, tuple[str, dict[str, str]]] = {}
        for district_id, sync_id, feed, digest in self._session.rows("apply/applied", district_ids=list(district_ids)):
            found.setdefault(district_id, (sync_id, {}))[1][feed] = digest
        return found

    def stage(self, pages: Iterable[tuple[Path, str, str | None]]) -> None:
        """Lay out landed pages: each a file, its district, and the role if it is a page of a role view.

        Raises:
            RecordError: a record has another shape than the columns expect; nothing of these pages is staged.
            StatementError: DuckDB could not; nothing of these pages is staged.
        """
        listed = list(pages)
        try:
            self._stage_either_way(listed)
        except StatementError:
            # Of several districts each is staged alone after this.
            if len({district_id for _, district_id, _ in listed}) == 1:
                self._refuse_misshapen(file for file, _, role in listed if role is None)
            raise

    def _stage_either_way(self, listed: Collection[tuple[Path, str, str | None]]) -> None:
        if self._is_strict():
            # Refused is a record with a field that nobody knows, or what is none: only the second is an error again.
            with suppress(StatementError):
                self._stage(listed, strictly=True)
                return
        self._stage(listed, strictly=False)

    def _is_strict(self) -> bool:
        """Whether this DuckDB refuses fields that nobody knows; it is tried once in a process."""
        if Work._strict is None:
            Work._strict = all(self._refuses(probe) for probe in PROBES)
        return Work._strict

    def _refuses(self, file: Path) -> bool:
        """Whether DuckDB refuses the fields of a file that nobody knows: 1.5 does, 2.0 passes over them, and neither promises it."""
        try:
            self._stage([(file, "nobody", None)], strictly=True)
        except StatementError:
            return True
        self.unstage(["nobody"])
        return False

    def _stage(self, pages: Collection[tuple[Path, str, str | None]], *, strictly: bool) -> None:
        users = [str(file) for file, _, role in pages if role is None]
        views = [str(file) for file, _, role in pages if role is not None]
        with self._session.transaction():
            self._session.insert(
                "staging.pages",
                [
                    {"filename": str(file), "district_id": district_id, "role": role}
                    for file, district_id, role in pages
                ],
            )
            if users:
                district_ids = {district_id for _, district_id, role in pages if role is None}
                self._session.run("stage/unseen_fields", district_ids=list(district_ids))
                if strictly:
                    ((macro,),) = self._session.rows("stage/known_fields_of")
                    self._session.execute(macro, "stage/known_fields_of")
                    self._session.run("stage/strictly", files=[str(KNOWN_FIELDS), *users])
                else:
                    self._session.run("stage/leniently", files=users)
                self._session.run("stage/users")
                if self._session.rows("stage/suspicious") != [(0,)] and self._are_misshapen(users):
                    raise StatementError("stage/misshapen: some records hold something else where text must be.")
                if not strictly or self._session.rows("stage/unlisted") != [(0,)]:
                    self._session.run("stage/leftovers", files=users)
            if views:
                self._session.run("stage/role_views", files=views)

    def _are_misshapen(self, users: Collection[str]) -> bool:
        """Whether DuckDB made text of something else in some records of /users."""
        found = self._session.rows(
            "stage/misshapen",
            id_places=places(self._shape, "id"),
            text_places=places(self._shape, "text"),
            files=list(users),
        )
        return found != [(0,)]

    def _refuse_misshapen(self, files: Iterable[Path]) -> None:
        """Look through a district's pages of /users for records of another shape.

        Raises:
            RecordError: there is one.
        """
        found = fault(files, self._shape)
        if found:
            raise RecordError(found)

    @cached_property
    def _shape(self) -> dict[str, Shape]:
        """What a record of /users must hold."""
        self._session.run("stage/leniently", files=[str(KNOWN_FIELDS)])
        columns = [column for column in self._session.types("records") if column[0] not in ADDED_COLUMNS]
        return shape_of(columns)

    def unstage(self, district_ids: Collection[str]) -> None:
        """Forget what was staged of some districts."""
        self._session.run("stage/forget", district_ids=list(district_ids))

    def unproven(self) -> dict[str, list[str]]:
        """By district, why what is staged of it cannot be believed; a district that is not named is proven."""
        reasons: dict[str, list[str]] = {}
        for district_id, reason in self._session.rows("prove/unproven"):
            reasons.setdefault(district_id, []).append(reason)
        return reasons

    def compare(self, district_ids: Collection[str]) -> dict[str, Difference]:
        """By district, what its staged snapshot would change; nothing is written.

        Raises:
            StatementError: DuckDB could not.
        """
        self._session.run("apply/batch", district_ids=list(district_ids))
        for table in COMPARED_TABLES:
            self._session.run("apply/compare", table)
        by_role: dict[str, dict[str, RoleChange]] = {district_id: {} for district_id in district_ids}
        for district_id, role, before, *counts in self._session.rows("apply/role_changes"):
            by_role[district_id][role] = RoleChange(before, Counts(*counts))
        counted = {
            district_id: (Counts(*counts), changed)
            for district_id, *counts, changed in self._session.rows("apply/counts")
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
            repaired: by district, the ids of the records whose text had to be repaired before it could be loaded.
            seen_at: when Clever showed it, if it is written long after that.

        Raises:
            StatementError: nothing was written.
        """
        with self._session.transaction():
            self._session.run(
                "apply/narrow",
                district_ids=list(district_ids),
                observed_at=observed_at,
                seen_at=seen_at or observed_at,
            )
            self._session.run("apply/fields")
            self._session.replace("sync.fields", "fields_of_batch")
            pairs = [
                (district_id, user_id) for district_id, user_ids in repaired.items() for user_id in sorted(user_ids)
            ]
            self._session.run(
                "apply/repaired_records",
                repaired_districts=[district_id for district_id, _ in pairs],
                repaired_users=[user_id for _, user_id in pairs],
            )
            self._session.run("apply/crosswalk")
            for table in COMPARED_TABLES:
                if "last_modified_at" in table.columns:
                    self._session.run("apply/touch", table)
                self._session.run("apply/apply", table)
            self._session.run("heirs/ids_of_batch")
            if self._session.rows("told/any") == [(True,)]:
                place_told_links(self._session)
            find_heirs(self._session)
            self._session.run("heirs/newcomers")
            for table, doubled in self._session.rows("apply/doubled"):
                if doubled:
                    message = (
                        f"{table} would have a row twice, which is an error of clever-warehouse: please report it."
                    )
                    raise StatementError(message)

    def keep_held_links(self, district_ids: Collection[str], observed_at: datetime) -> None:
        """Keep the links that staged snapshots show which are held or rejected: as seen, never as current.

        Raises:
            StatementError: nothing was written.
        """
        with self._session.transaction():
            self._session.run("holds/links", district_ids=list(district_ids), observed_at=observed_at)

    def clear(self) -> None:
        """Forget all that was staged and compared; nothing can be applied after this."""
        self._session.run("stage/close")

    def find(self, district_ids: Collection[str], observed_at: datetime) -> None:
        """Hold the rows against every data-quality rule and keep what is found in sync.findings.

        Raises:
            StatementError: the findings are as they were.
        """
        with self._session.transaction():
            self._session.insert(
                "sync.checks",
                [
                    {"check": check.name, "severity": check.severity, "description": check.description}
                    for check in checks()
                ],
            )
            self._session.run("apply/found")
            for check in checks():
                found = f"SELECT DISTINCT '{check.name}' AS \"check\", '{check.severity}' AS severity, * FROM ({check.query})"
                self._session.execute(f"INSERT INTO found BY NAME {found}", check.name)
            self._session.run("apply/findings", district_ids=list(district_ids), observed_at=observed_at)

    def record(
        self,
        *,
        runs: Collection[Mapping[str, Any]],
        receipts: Collection[Mapping[str, Any]],
        seen: Collection[str],
        connected: Collection[str],
        disconnected: Collection[str],
        observed_at: datetime,
        seen_at: datetime | None = None,
    ) -> None:
        """Keep what came of a sync: its runs and receipts, whose links were seen again, who is connected.

        ``seen_at`` is when Clever showed the links, if they are written long after that.

        Raises:
            StatementError: nothing of it was written.
        """
        with self._session.transaction():
            self._session.run(
                "apply/seen", district_ids=list(seen), observed_at=observed_at, seen_at=seen_at or observed_at
            )
            self._session.run("apply/districts", connected=list(connected), disconnected=list(disconnected))
            self._session.replace("sync.districts", "listed_districts")
            self._session.insert("sync.runs", [{**run, "sequence": self.sequence} for run in runs])
            self._session.insert("sync.receipts", receipts)

    @cached_property
    def sequence(self) -> int:
        """The number of this sync: syncs are ordered by it, whatever the clock showed."""
        ((number,),) = self._session.rows("apply/sequence")
        return int(number)

    def decisions(self, district_ids: Collection[str]) -> dict[tuple[str, str], Decision]:
        """By district and digest, the latest word on each snapshot that was ever held."""
        return {
            (district_id, digest): Decision(state, held_at, by, reason, is_applied)
            for district_id, digest, held_at, state, by, reason, is_applied in self._session.rows(
                "holds/known", district_ids=list(district_ids)
            )
        }

    def waiting(self) -> dict[str, Waiting]:
        """By district, the snapshot that waits for a person's word, whichever sync has held it."""
        return {
            district_id: Waiting(
                digest, why, msgspec.json.decode(by_role, type=dict[str, dict[str, int]]), archived, continuing, since
            )
            for district_id, digest, why, by_role, archived, continuing, since in self._session.rows("holds/open")
        }

    def settle_holds(
        self, up_to_date: Collection[str], held: Collection[Mapping[str, Any]], observed_at: datetime
    ) -> None:
        """Keep the snapshots that a sync holds, and close the holds that it has settled.

        Raises:
            StatementError: the holds are as they were.
        """
        with self._session.transaction():
            self._session.run("holds/taken", district_ids=list(up_to_date), observed_at=observed_at)
            self._session.run(
                "holds/settle",
                district_ids=list(up_to_date),
                held_districts=[str(hold["district_id"]) for hold in held],
                held_digests=[str(hold["digest"]) for hold in held],
            )
            known = self.decisions([str(hold["district_id"]) for hold in held])
            rows = []
            for hold in held:
                decision = known.get((str(hold["district_id"]), str(hold["digest"])))
                if decision is None or decision.state in {"released", "superseded"} or decision.is_applied:
                    rows.append(
                        {
                            **hold,
                            "held_at": observed_at,
                            "seen_at": observed_at,
                            "state": "held",
                            "sequence": self.sequence,
                        }
                    )
            self._session.insert("sync.holds", rows)
            for hold in held:
                self._session.run(
                    "holds/seen", district_id=hold["district_id"], digest=hold["digest"], sync_id=hold["sync_id"]
                )

    def needed_landings(self, district_ids: Collection[str]) -> dict[str, set[str]]:
        """By district, the syncs whose landing is needed: of the current rows, and of snapshots that wait for a word."""
        needed: dict[str, set[str]] = {}
        for district_id, sync_id in self._session.rows("holds/needed", district_ids=list(district_ids)):
            needed.setdefault(district_id, set()).add(sync_id)
        return needed

    def open_findings(self) -> dict[str, dict[str, int]]:
        """By rule and district, how many records break it now."""
        found: dict[str, dict[str, int]] = {}
        for check, district_id, count in self._session.rows("apply/open_findings"):
            found.setdefault(check, {})[district_id] = count
        return found

    def drift(self) -> dict[str, dict[str, int]]:
        """By what differs from Clever's specs or from before (kind and path), the records of each district that have it."""
        found: dict[str, dict[str, int]] = {}
        for what, district_id, records in self._session.rows("apply/drift"):
            found.setdefault(what, {})[district_id] = records
        return found

    def known_districts(self) -> dict[str, bool]:
        """Every district that Clever's token list ever showed, and whether it was connected at the last sync."""
        return dict(self._session.rows("apply/known_districts"))

    def rows(self) -> dict[str, int]:
        """How many rows each published table has."""
        return dict(self._session.rows("apply/rows"))

    def people(self) -> dict[str, dict[str, int]]:
        """By district, how many people hold each role."""
        found: dict[str, dict[str, int]] = {}
        for district_id, role, count in self._session.rows("apply/people"):
            found.setdefault(district_id, {})[role] = count
        return found
