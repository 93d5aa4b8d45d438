"""What is recorded of syncs and decisions: runs, receipts, districts, and holds."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from pipelines.records import CATALOG
from pipelines.warehouse import counts
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
class Cursor:
    """Where the next sync of events of a district goes on."""

    event_id: str | None
    """The last event that the rows contain; None if there was none yet."""
    source: str
    """Host and API version that it is an event of."""
    records: Sequence[str]
    """Record types that are up to date with the event."""
    read_at: datetime
    """When it was known to be the newest."""


class Ledger:
    """The records of syncs in the work database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def applied(self, district_ids: Collection[str]) -> dict[str, tuple[str, dict[str, str]]]:
        """By district, the last full sync, and the digest of each feed in its read of which events have changed nothing since."""
        feeds = {stream.name: {stream.name, *(view.name for view in stream.views)} for stream in CATALOG.streams}
        touched = {
            district_id: set().union(*(feeds[record_type] for record_type in record_types))
            for district_id, record_types in self.followed(district_ids).items()
        }
        found: dict[str, tuple[str, dict[str, str]]] = {}
        for district_id, sync_id, feed, digest in self._session.rows("apply/applied", district_ids=list(district_ids)):
            digests = found.setdefault(district_id, (sync_id, {}))[1]
            if feed not in touched.get(district_id, ()):
                digests[feed] = digest
        return found

    def followed(self, district_ids: Collection[str]) -> dict[str, list[str]]:
        """The districts that were kept up to date by events since their last full sync, with the record types that events have changed."""
        return dict(self._session.rows("apply/since_full_sync", district_ids=list(district_ids)))

    def forget_missed(self, district_ids: Collection[str], observed_at: datetime) -> None:
        """Forget what events had missed of some districts, because they have missed nothing, and resolve its findings.

        Raises:
            StatementError: it is as it was.
        """
        with self._session.transaction():
            self._session.run("apply/forget_missed", district_ids=list(district_ids), observed_at=observed_at)

    def undecided(self) -> set[str]:
        """The districts of which a snapshot was held or rejected after the last sync that brought them up to date."""
        return {district_id for (district_id,) in self._session.rows("holds/undecided")}

    def cursors(self) -> dict[str, Cursor]:
        """By district, where its next sync of events goes on; a district without events is left out."""
        return {district_id: Cursor(*rest) for district_id, *rest in self._session.rows("apply/cursors")}

    def host(self) -> str | None:
        """The Clever host that the districts come from; None if no sync has recorded one."""
        found = self._session.rows("apply/host")
        return str(found[0][0]) if found else None

    def record_host(self, host: str, sync_id: str, recorded_at: datetime) -> None:
        """Record the Clever host that the districts come from, unless it is the recorded one.

        Raises:
            StatementError: it was not written.
        """
        if self.host() != host:
            row = {"sequence": self.sequence, "host": host, "sync_id": sync_id, "recorded_at": recorded_at}
            self._session.insert("sync.clever_hosts", [row])

    def record(
        self,
        *,
        runs: Collection[Mapping[str, Any]],
        receipts: Collection[Mapping[str, Any]],
        seen: Collection[str],
        connected: Collection[str],
        disconnected: Collection[str],
        not_shared: Mapping[str, Sequence[str]],
        events: Collection[Mapping[str, Any]],
        cursors: Mapping[str, Cursor | None],
        observed_at: datetime,
        seen_at: datetime | None = None,
    ) -> None:
        """Record the results of a sync: its runs, receipts and counts, the districts whose links were seen again, and those connected.

        ``not_shared`` has, for each district that was read, the streams that Clever refused as a whole; ``cursors``, for
        each that is up to date, where its next sync of events goes on, None if it has no events. ``seen_at`` is when Clever showed the
        links, if they are written long after that.

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
            refused = [",".join(streams) for streams in not_shared.values()]
            self._session.run("apply/not_shared", read=list(not_shared), refused=refused)
            self._session.insert("sync.runs", [{**run, "sequence": self.sequence} for run in runs])
            self._session.insert("sync.receipts", receipts)
            self._session.insert("sync.events", events)
            self._session.run(
                "apply/forget_cursors", district_ids=[each for each, cursor in cursors.items() if not cursor]
            )
            self._session.insert(
                "sync.event_cursors",
                [{"district_id": each, **asdict(cursor)} for each, cursor in cursors.items() if cursor],
            )
            applied = [run["district_id"] for run in runs if run["outcome"] == "applied"]
            counts.keep(self._session, applied=applied, seen=seen, observed_at=observed_at)

    def not_shared(self) -> dict[str, list[str]]:
        """By district, the streams that Clever refused as a whole in its latest read; a district without any is left out."""
        return dict(self._session.rows("apply/known_not_shared"))

    @cached_property
    def sequence(self) -> int:
        """The number of this sync: syncs are ordered by it, whatever the clock showed."""
        ((number,),) = self._session.rows("apply/sequence")
        return max(int(number), self._session.least_sequence)

    def decisions(self, district_ids: Collection[str]) -> dict[tuple[str, str], Decision]:
        """By district and digest, the latest decision on each snapshot that was ever held."""
        return {
            (district_id, digest): Decision(state, held_at, by, reason, is_applied)
            for district_id, digest, held_at, state, by, reason, is_applied in self._session.rows(
                "holds/decisions", district_ids=list(district_ids)
            )
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
                    why=hold["why"],
                    exceeded=msgspec.json.encode(hold["exceeded"]).decode(),
                    observed_at=observed_at,
                )

    def needed_landings(self, district_ids: Collection[str]) -> dict[str, set[str]]:
        """By district, the syncs whose landing is needed: of the current rows, and of snapshots that wait for a decision."""
        needed: dict[str, set[str]] = {}
        for district_id, sync_id in self._session.rows("holds/needed_landings", district_ids=list(district_ids)):
            needed.setdefault(district_id, set()).add(sync_id)
        return needed

    def waiting_landings(self, district_ids: Collection[str]) -> dict[str, set[str]]:
        """By district, the syncs whose landings belong to snapshots that wait for a decision or for a sync."""
        needed: dict[str, set[str]] = {}
        for district_id, sync_id in self._session.rows("holds/waiting_landings", district_ids=list(district_ids)):
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

    def records(self) -> dict[str, dict[str, int]]:
        """By district, how many people hold each role, and how many records and memberships there are of each other type."""
        found = self._session.rows("apply/people")
        counted = [stream.record_table.name for stream in CATALOG.record_streams[1:]]
        counted += [table.name for table in CATALOG.tables if table.is_membership]
        for name in counted:
            found += [
                (district_id, name, count)
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
