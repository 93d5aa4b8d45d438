"""The warehouse whose destination is a lake: a local copy is refreshed before a write, and what the write changed is committed."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.progress import Report, Waiting
from pipelines.warehouse import schema
from pipelines.warehouse.errors import NoFileError, NothingPublishedError
from pipelines.warehouse.lake import commits, layout
from pipelines.warehouse.lake.commit import Delivery, commit
from pipelines.warehouse.lake.lake import Lake
from pipelines.warehouse.lake.maintenance import maintain
from pipelines.warehouse.lake.part import WHOLE, Part
from pipelines.warehouse.lake.purging import forget, places
from pipelines.warehouse.lake.refresh import create_copy, refresh
from pipelines.warehouse.statements import statement
from pipelines.warehouse.store import STORAGE, PublishedState, Warehouse

INSTEAD = {
    "backup": "back up its PostgreSQL database and its storage together, or copy it into a file with `clever-warehouse migrate`",
    "restore": "restore its PostgreSQL database and its storage, or publish a file in it with `clever-warehouse migrate`",
}
"""What to do in the place of a command that works with a published file."""


WORKERS = "workers"
"""The folder of the copies that several workers have, each of its part of the districts."""


@dataclass(frozen=True, slots=True)
class State:
    """A state of a lake that a whole sync or decision left."""

    snapshot: int
    """DuckLake's number of it."""
    committed_at: datetime
    message: str
    """What left it, such as "sync 0b1c…"."""


class LakeWarehouse(Warehouse):
    """A warehouse in a lake.

    The folder on a local disk holds landings and a copy of some districts. It may be lost: the copy is made again from the lake, and
    what was landed is read again from Clever.
    """

    def __init__(self, folder: Path, lake: Lake, *, part: Part = WHOLE, snapshot_days: int = 7, **options: Any) -> None:
        """Describe a warehouse; nothing is opened or created yet.

        Args:
            folder: The folder on a local disk.
            lake: The lake.
            part: The districts that are written here.
            snapshot_days: For how many days each state of the lake can be read.
            options: As those of Warehouse.
        """
        self._snapshot_days = snapshot_days
        super().__init__(folder if part.is_whole else folder / WORKERS / str(part), keep_published=0, **options)
        self._lake = lake
        self.part = part
        # Of all workers at one place, so that a decision finds the snapshots of each.
        self.landing = folder.absolute() / "state" / "landing"
        self.published = self.state / "copy.duckdb"
        # Not the one of a file: the folder may have both after `clever-warehouse migrate`.
        self._work = self.state / "lake.duckdb"
        self._compact_size = self.state / "lake_compact_size"
        self._noted = self.state / "commits.json"
        self._sync_id = ""
        self._report: Report = _ignore

    @property
    def is_whole(self) -> bool:
        """Whether all districts are written here."""
        return self.part.is_whole

    def has(self, district_id: str) -> bool:
        """Whether a district is one of the part."""
        return self.part.has(district_id)

    def is_unsettled(self) -> bool:
        """Whether links are told that no sync has shown, or an ID is known in several districts.

        Raises:
            LakeError: the lake cannot be reached.
        """
        if not self.lake.is_created():
            return False
        with self.lake.connected(read_only=True) as connection, self.lake.translated():
            return connection.execute(statement("lake/unsettled")).fetchall() == [(True,)]

    def _least_sequence(self, sync_id: str) -> int:
        """The number that another worker has given to the same sync, or the next one."""
        if self.is_whole:
            return 1
        with self.lake.connected(read_only=True) as connection, self.lake.translated():
            ((number,),) = connection.execute(statement("lake/sequence"), [sync_id]).fetchall()
        return int(number)

    @property
    def lake(self) -> Lake:
        """The lake, with the key of the local files."""
        return replace(self._lake, key=self.key, spill=self._spill)

    @contextmanager
    def held(self, sync_id: str, report: Report) -> Iterator[None]:
        """The right to write the districts of the part, which one process has at a time, on whatever machine."""
        self._sync_id, self._report = sync_id, report
        with super().held(sync_id, report), self.held_in_lake(report):
            yield

    def held_in_lake(self, report: Report) -> AbstractContextManager[None]:
        """The right to write the districts of the part, without the lock of the folder; ``report`` is told of who is waited for."""

        def wait() -> None:
            report(Waiting("Another process is syncing districts of the same lake; waiting for it to finish"))

        return self.lake.held(self.part.buckets, wait)

    def begin(self, report: Report) -> None:
        """Bring the lake to the declared schema, and the local copy to the lake."""
        with layout.current(self.lake, self._clock, report, self._tell_of_waiting) as connection:
            if not self.published.exists():
                self._noted.unlink(missing_ok=True)
            create_copy(self.published, self.key, self._clock, report, STORAGE)
            if refresh(self.lake, connection, self.published, self._noted, self.part):
                self._remove(self._work)

    def take(self, file: Path, sync_id: str, report: Report) -> None:
        """Commit what a file has instead of what the local copy has, with the lake's locks held; the file stays.

        Raises:
            LakeError: not everything was committed; what was is whole districts.
        """
        self._sync_id, self._report = sync_id, report
        shutil.copyfile(file, self._finished)
        self._finished.chmod(0o600)
        try:
            self._put_in_place(self._finished, report, keep_former=False)
        finally:
            self._remove(self._finished)
        self._remove(self._work)

    def states(self) -> list[State]:
        """The states that a rollback can restore, newest first; the first one is the present state.

        Raises:
            LakeError: the lake cannot be reached.
            NothingPublishedError: no sync has committed anything yet.
        """
        with closing(self.reading()) as connection, self.lake.translated():
            rows = connection.execute(statement("lake/states")).fetchall()
        return [State(snapshot, committed_at, message) for snapshot, committed_at, message in rows]

    def roll_back_to(self, state: State, report: Report) -> None:
        """Commit what the lake was in an earlier state, with one more row in sync.rollbacks; the next write continues from it.

        Only what was committed since is read and written.

        Raises:
            LakeError: the lake cannot be reached, or the state is forgotten; nothing was changed.
        """
        self.prepare()
        name = f"rollback to {state.snapshot}"
        with self.held(name, report):
            self.begin(report)
            former = self.states()[0]
            noted = self._finished.with_suffix(".json")
            try:
                shutil.copyfile(self.published, self._finished)
                shutil.copyfile(self._noted, noted)
                with self.lake.connected(snapshot=state.snapshot) as connection:
                    refresh(self.lake, connection, self._finished, noted, self.part)
                self._record(self._finished, state.committed_at, former.committed_at, report)
                self._put_in_place(self._finished, report, keep_former=False)
            finally:
                self._remove(self._finished)
                noted.unlink(missing_ok=True)
            self._remove(self._work)
            self._after_publishing(report)

    def forget_states(self, report: Report) -> None:
        """Leave nothing in the lake but its current rows.

        Raises:
            LakeError: the lake cannot be reached, or a step failed.
        """
        self._report = report
        self._forget_copies_of_workers()
        gone = forget(self.lake, self._tell_of_waiting)
        known = commits.known(self._noted)
        commits.note(self._noted, {scope: commit_id for scope, commit_id in known.items() if scope not in gone})

    @contextmanager
    def at_rest(self, purpose: str, report: Report) -> Iterator[None]:
        """Hold the right to write, with nothing in the folder that can be made again."""
        with super().at_rest(purpose, report):
            self._forget_copies_of_workers()
            yield

    def _forget_copies_of_workers(self) -> None:
        """Remove what each worker makes again from the lake."""
        shutil.rmtree(self.folder / WORKERS, ignore_errors=True)

    def places_beside(self, is_in: Callable[[bytes], bool]) -> list[str]:
        """Where the lake holds something that a purge collected.

        Raises:
            LakeError: the lake cannot be reached.
        """
        return places(self.lake, is_in, self.purging)

    def maintain(self, report: Report) -> str:
        """Keep the lake small and fast; gives what was done, as a sentence.

        Raises:
            LakeError: the lake cannot be reached, or a step failed; those before it are done.
        """
        self.require_published()
        self._report = report
        return str(maintain(self.lake, self._snapshot_days, self._tell_of_waiting))

    def _put_in_place(self, finished: Path, report: Report, *, keep_former: bool) -> None:  # noqa: ARG002 (kept by the lake)
        known = commits.known(self._noted)
        delivery = Delivery(finished, self.published, known, self.part, self._sync_id, self._clock())
        committed = commit(self.lake, delivery, self._tell_of_waiting)
        # The file that says which commits the copy has is never ahead of it.
        commits.note(self._noted, {scope: commit_id for scope, commit_id in known.items() if scope not in committed})
        finished.replace(self.published)
        commits.note(self._noted, known | committed)

    def _tell_of_waiting(self) -> None:
        self._report(Waiting("Another process is committing to the lake; waiting for it to finish"))

    def require_published(self) -> None:
        """Refuse to go on before a sync has committed anything.

        Raises:
            LakeError: the lake cannot be reached.
            NothingPublishedError: no sync has committed anything yet.
        """
        self.reading().close()

    def state_of_published(self) -> PublishedState:
        """Where the lake is, how large its current files are, and when a sync last committed."""
        self.require_published()
        size, committed_at = self.lake.size()
        return PublishedState(f"{self.lake.name[0].upper()}{self.lake.name[1:]}", size, committed_at)

    def require_file(self, command: str) -> None:
        """Refuse what can only be done with a published file.

        Raises:
            NoFileError: always.
        """
        raise NoFileError(command, INSTEAD[command])

    @property
    def mode_of_published(self) -> int:
        """What is written to the folder is for the user who runs this: the lake's readers are elsewhere."""
        return 0o600

    def publication(self) -> tuple[int, int] | None:
        """What changes with each commit: the number of the lake's latest snapshot; None if there is none."""
        snapshot = self.lake.snapshot()
        return None if snapshot is None else (snapshot, 0)

    def reading(self) -> duckdb.DuckDBPyConnection:
        """A read-only connection to the lake: whatever is committed meanwhile, all of its queries see the same.

        Raises:
            LakeError: the lake cannot be reached.
            NewerSchemaError: a newer version of clever-warehouse wrote the lake.
            NothingPublishedError: no sync has committed anything yet.
            OlderSchemaError: an earlier version of clever-warehouse wrote the lake.
        """
        if not self.lake.is_created():
            raise self._nothing_published()
        connection = self.lake.open(read_only=True)
        try:
            with self.lake.translated():
                connection.execute("BEGIN")
                schema.require_current(connection)
                found = connection.execute("FROM delivery.commits WHERE sync_id IS NOT NULL LIMIT 1").fetchall()
            self._require_commit(found)
        except BaseException:
            connection.close()
            raise
        return connection

    def _require_commit(self, found: Sequence[object]) -> None:
        if not found:
            raise self._nothing_published()

    def _nothing_published(self) -> NothingPublishedError:
        return NothingPublishedError(f"There is nothing in {self.lake.name} yet: run `clever-warehouse sync` first.")


def _ignore(_: object) -> None:
    """Receive what nobody waits for."""
