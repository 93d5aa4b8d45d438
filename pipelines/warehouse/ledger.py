"""What is recorded of syncs and decisions: runs, receipts, districts, and holds."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from pipelines.records import CATALOG
from pipelines.warehouse import tables
from pipelines.warehouse.session import Session


@dataclass(frozen=True, slots=True)
class Decision:
    """The latest decision on a held snapshot."""

    state: str
    held_at: datetime
    by: str | None
    reason: str | None
    is_applied: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A snapshot that waits for approval or rejection."""

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


class Ledger:
    """The records of syncs in the work database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def applied(self, district_ids: Collection[str]) -> dict[str, tuple[str, dict[str, str]]]:
        """By district, the sync that read its current rows, and the digest of each feed in that read."""
        found: dict[str, tuple[str, dict[str, str]]] = {}
        for district_id, sync_id, feed, digest in self._session.rows("apply/applied", district_ids=list(district_ids)):
            found.setdefault(district_id, (sync_id, {}))[1][feed] = digest
        return found

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
        """Record the results of a sync: its runs and receipts, the districts whose links were seen again, and those that are connected.

        ``seen_at`` is when Clever showed the links, if they are written long after that.

        Raises:
            StatementError: nothing of it was written.
        """
        with self._session.transaction():
            self._session.run(
                "apply/last_seen", district_ids=list(seen), observed_at=observed_at, seen_at=seen_at or observed_at
            )
            self._session.run(
                "apply/districts", connected=list(connected), disconnected=list(disconnected), observed_at=observed_at
            )
            self._session.replace("sync.districts", "listed_districts")
            self._session.insert("sync.runs", [{**run, "sequence": self.sequence} for run in runs])
            self._session.insert("sync.receipts", receipts)

    @cached_property
    def sequence(self) -> int:
        """The number of this sync: syncs are ordered by it, whatever the clock showed."""
        ((number,),) = self._session.rows("apply/sequence")
        return int(number)

    def decisions(self, district_ids: Collection[str]) -> dict[tuple[str, str], Decision]:
        """By district and digest, the latest decision on each snapshot that was ever held."""
        return {
            (district_id, digest): Decision(state, held_at, by, reason, is_applied)
            for district_id, digest, held_at, state, by, reason, is_applied in self._session.rows(
                "holds/decisions", district_ids=list(district_ids)
            )
        }

    def waiting(self) -> dict[str, Waiting]:
        """By district, the snapshot that waits for approval or rejection, whichever sync has held it."""
        return {
            district_id: Waiting(
                digest, why, msgspec.json.decode(by_role, type=dict[str, dict[str, int]]), archived, continuing, since
            )
            for district_id, digest, why, by_role, archived, continuing, since in self._session.rows("holds/pending")
        }

    def settle_holds(
        self, up_to_date: Collection[str], held: Collection[Mapping[str, Any]], observed_at: datetime
    ) -> None:
        """Record the snapshots that a sync holds, and close the holds that it has settled.

        Raises:
            StatementError: the holds are as they were.
        """
        with self._session.transaction():
            self._session.run("holds/mark_applied", district_ids=list(up_to_date), observed_at=observed_at)
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
                    "holds/read_again",
                    district_id=hold["district_id"],
                    digest=hold["digest"],
                    sync_id=hold["sync_id"],
                    observed_at=observed_at,
                )

    def needed_landings(self, district_ids: Collection[str]) -> dict[str, set[str]]:
        """By district, the syncs whose landing is needed: of the current rows, and of snapshots that wait for a decision."""
        needed: dict[str, set[str]] = {}
        for district_id, sync_id in self._session.rows("holds/needed_landings", district_ids=list(district_ids)):
            needed.setdefault(district_id, set()).add(sync_id)
        return needed

    def known_districts(self) -> dict[str, bool]:
        """Every district that Clever's token list ever showed, and whether it was connected at the last sync."""
        return dict(self._session.rows("apply/known_districts"))

    def keep_held_links(self, district_ids: Collection[str], observed_at: datetime) -> None:
        """Keep the links that staged snapshots show which are held or rejected: as seen, never as current.

        Raises:
            StatementError: nothing was written.
        """
        with self._session.transaction():
            self._session.run("holds/held_links", district_ids=list(district_ids), observed_at=observed_at)

    def rows(self) -> dict[str, int]:
        """How many rows each published table has."""
        return dict(self._session.fetch(_counts_of_rows(), "shown/rows"))

    def people(self) -> dict[str, dict[str, int]]:
        """By district, how many people hold each role."""
        return _by_district(self._session.rows("apply/people"))

    def records(self) -> dict[str, dict[str, int]]:
        """By district, how many people hold each role, and how many records each stream has that is not of people."""
        found = self._session.rows("apply/people")
        for stream in CATALOG.streams[1:]:
            name = stream.record_table.name
            found += [
                (district_id, stream.name, count)
                for district_id, count in self._session.fetch(
                    f"SELECT district_id, count(*) FROM {name} GROUP BY district_id ORDER BY district_id",
                    "shown/records",
                )
            ]
        return _by_district(found)


def _by_district(rows: Iterable[tuple[Any, ...]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for district_id, name, count in rows:
        found.setdefault(district_id, {})[name] = count
    return found


def _counts_of_rows() -> str:
    return " UNION ALL ".join(f"SELECT '{table.name}', count(*) FROM {table.name}" for table in tables.assets())
