"""Which files make the warehouse, and how the published one comes to be: written elsewhere, then renamed into place."""

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

import duckdb

from pipelines import interruption
from pipelines.disk import digest_of, is_full, mentions_full_disk, sync_to_disk, umask
from pipelines.encryption import Files, Key
from pipelines.progress import Notice, Report, Waiting
from pipelines.warehouse import keys, lock, schema
from pipelines.warehouse.clock import Clock, MachineClock, machine_clock
from pipelines.warehouse.database import attach, copy_database, open_database
from pipelines.warehouse.erasing import erase, found_in
from pipelines.warehouse.errors import (
    DamagedError,
    DiskFullError,
    EncryptionError,
    ExportRefusedError,
    NothingPublishedError,
    NotPublishedError,
    OccupiedError,
    StatementError,
    UnreadableError,
    UnusableFolderError,
    WarehouseError,
    WorkDatabaseOpenError,
)
from pipelines.warehouse.present import Decidable, HeldSnapshot, Present, held_snapshots, present
from pipelines.warehouse.session import Session, translate_errors
from pipelines.warehouse.statements import statement

T = TypeVar("T")

Published = Callable[["Warehouse", Report], None]
"""What is to be done with a file that was just published."""

STORAGE = "v1.2.0"
"""The storage format of the files, whichever DuckDB writes them. DuckDB 1.3 opens newer ones too, but where a text column can be
NULL and they pack it as DICT_FSST, it reads NULL in every row.
"""

PRIVATE = 0o700
"""The mode of state/."""

LOOSE = 1.25
"""How many times as large as its last compact copy the work database may be: DuckDB reuses blocks that are free, but gives few of
them back.
"""

COARSEST_TIME = 2 * 10**9
"""The nanoseconds to which FAT rounds down the time of a file; no file system in use is coarser."""

KEPT_NAME = "%Y%m%dT%H%M%S.%fZ"
"""The name of a kept file, as a format of the instant at which it was published."""

FIRST = "first"
"""What the mark of a sync under way says if nothing was known before it; else a work database without a published file
beside it is all there is, and stays. The mark of a rollback has the name of the kept file instead."""


@dataclass(frozen=True, slots=True)
class PublishedState:
    """What operators are shown of what is published."""

    place: str
    """Where it is: the published file, or the lake without user and password."""
    bytes: int
    published_at: datetime


class Warehouse:
    """The folder of a warehouse: ``warehouse.duckdb`` for analysts, ``state/`` for nobody but us."""

    def __init__(
        self,
        folder: Path,
        *,
        memory_limit: str = "1GB",
        keep_published: int = 3,
        keep_published_days: int = 7,
        history_days: int = 0,
        keeps_landings: bool = True,
        published_mode: int | None = None,
        published_group: str | None = None,
        accepts_host_change: bool = False,
        key_file: Path | None = None,
        clock: MachineClock = machine_clock,
        on_published: Published | None = None,
    ) -> None:
        """Describe a warehouse; nothing is opened or created yet.

        Args:
            folder: The folder, which need not exist yet.
            memory_limit: Memory that DuckDB may use before it spills to disk.
            keep_published: How many of the files that were published before are kept; with 0, none is.
            keep_published_days: For how many days before today the last file of each is kept as well.
            history_days: For how many days the past versions of rows are kept; with 0, for ever.
            keeps_landings: Whether the landing of the last sync of a district is kept, so that the next one is faster.
            published_mode: The mode of published files; 0440 without what the umask takes away if None.
            published_group: The group of published files; the one that the system gives them if None.
            accepts_host_change: Whether a sync may read from another Clever host than the districts come from.
            key_file: The file of the key that encrypts the folder; it is created with the first sync. None keeps the folder plain.
            clock: The time of the machine.
            on_published: Called after each publication and rollback, while no other process can publish. It must not raise.
        """
        self.folder = folder.absolute()
        self.published = self.folder / "warehouse.duckdb"
        self.state = self.folder / "state"
        self.landing = self.state / "landing"
        self.runs = self.state / "runs"
        self.purge_key = self.state / "purge.key"
        """The key of the hashes by which purged people are known."""
        self.purging = self.state / "purging.duckdb"
        """What a purge under way removes and searches for; there is none between purges."""
        self.collecting = self.state / "collecting.duckdb"
        """The same until it is complete."""
        self._work = self.state / "work.duckdb"
        self._unfinished = self.state / "unfinished"
        self._copy = self.state / "work.partial"
        self._compact_size = self.state / "compact_size"
        self._finished = self.state / "publishing.duckdb"
        self._spill = self.state / "spill"
        self._scratch = self.state / "scratch"
        self.kept = self.state / "published"
        self._keep_published = keep_published
        self._keep_published_days = keep_published_days
        self.history_days = history_days
        self.keeps_landings = keeps_landings
        self._published_mode = published_mode
        self._published_group = published_group
        self.memory_limit = memory_limit
        self.accepts_host_change = accepts_host_change
        self.key_file = key_file
        self._clock = clock
        self._on_published = on_published

    @cached_property
    def key(self) -> Key | None:
        """What encrypts the folder; None if it is plain.

        Raises:
            KeyFileError: the key cannot be used, or its change was interrupted.
        """
        if self.key_file is None:
            return None
        keys.require_elsewhere(self.key_file, self.folder)
        keys.require_settled(self.key_file)
        return keys.encryption_key(self.key_file)

    @property
    def files(self) -> Files:
        """Reads and writes what the folder holds besides databases."""
        return Files(self.key)

    @translate_errors("the warehouse")
    def write(self, sync_id: str, run: Callable[[Session], T], report: Report) -> T:
        """Run what writes and publishes, with the work database opened under the lock; gives what it gives.

        If the work database proves damaged, it is made again from the published file and ``run`` is called once more.
        An older database is migrated first, in one transaction. ``report`` receives a notice of each of these, and of a writer
        that is waited for.

        Raises:
            UnusableFolderError: the folder cannot hold a warehouse.
            WorkDatabaseOpenError: another program holds the work database open.
            DamagedError: what was made again is damaged too.
            NewerSchemaError: a newer version of clever-warehouse wrote the warehouse.
            DiskFullError: there was no room for what was to be written; nothing was changed.
        """
        self.prepare()
        if stat.S_IMODE(self.state.stat().st_mode) != PRIVATE:
            report(
                Notice(
                    f"Other users may be able to read {self.state}, which holds personal data: its file system keeps no "
                    "permissions. Mount it so that only the user who runs this can read it."
                )
            )
        with self.held(sync_id, report):
            self.begin(report)
            try:
                return self._run(sync_id, run, report)
            except DamagedError:
                report(Notice("The work database is damaged; it is created again from the published file."))
                self._set_work_aside()
                return self._run(sync_id, run, report)

    def prepare(self) -> None:
        """Make the folder, if there is none yet, with its private part, and try whether it can hold a warehouse.

        Raises:
            UnusableFolderError: it cannot.
            KeyFileError: it is to be encrypted, and its key cannot be created.
            DiskFullError: there is no room.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.state.mkdir(mode=PRIVATE, exist_ok=True)
            _set_mode(self.state, PRIVATE)
            lock.require(self.state)
        except OSError as error:
            if is_full(error):
                raise DiskFullError from None
            reason = "it is a file" if isinstance(error, FileExistsError) else error.strerror
            message = (
                f"The folder {self.folder} cannot hold the warehouse ({reason}): set CLEVER_WAREHOUSE_DIR to a folder that the "
                "user who runs this may write to."
            )
            raise UnusableFolderError(message) from None
        if self.key_file is not None and not self.key_file.exists() and self._is_empty:
            keys.require_elsewhere(self.key_file, self.folder)
            keys.create(self.key_file)

    @property
    def _is_empty(self) -> bool:
        """Whether the folder holds nothing of anybody yet."""
        return not any(path.exists() for path in (self.published, self._work, self.kept, self.landing))

    @property
    def is_former_kept(self) -> bool:
        """Whether a file that is replaced is kept for rollbacks."""
        return self._keep_published > 0

    def held(self, sync_id: str, report: Report) -> AbstractContextManager[None]:
        """The right to write and to publish, which one process has at a time; ``report`` is told of one that is waited for."""
        return lock.held(
            self.state / "lock",
            sync_id,
            lambda holder: report(Waiting(f"{holder}; waiting for it to finish")),
        )

    @property
    def is_whole(self) -> bool:
        """Whether all districts are written here; else only those that ``has`` gives."""
        return True

    def has(self, district_id: str) -> bool:  # noqa: ARG002 (all of them)
        """Whether a district is written here, and not by another worker."""
        return True

    def is_unsettled(self) -> bool:
        """Whether the rows of a district may say something that only the rows of others tell, and that several workers left out."""
        return False

    def _least_sequence(self, sync_id: str) -> int:  # noqa: ARG002 (all syncs are known here)
        """The smallest number that a sync may have."""
        return 1

    def begin(self, report: Report) -> None:
        """What a destination other than a file does before anything is read or written, while no other process can write."""

    def _run(self, sync_id: str, run: Callable[[Session], T], report: Report) -> T:
        self._remove_unfinished()
        is_first = not self._work.exists() and not self.published.exists()
        self._unfinished.write_text(FIRST if is_first else "")
        try:
            with translate_errors("the work database"), closing(self._open()) as connection:
                with self._opening(), interruption.on_interrupt(connection.interrupt):
                    is_migrated = schema.ensure(connection, self._clock, report)
                connection.execute("ATTACH ':memory:' AS staging")
                clock = Clock(self._clock, schema.latest_instant(connection), report)
                session = Session(
                    connection,
                    partial(self._publish, report, is_migrated=is_migrated),
                    clock,
                    self._scratch,
                    self.files,
                    is_complete=self.is_whole or not self.is_unsettled(),
                    least_sequence=self._least_sequence(sync_id),
                )
                with interruption.on_interrupt(session.interrupt):
                    done = run(session)
        except DiskFullError:
            # What was being written is of no use to anybody, and somebody else needs the room.
            self._remove_unfinished()
            raise
        if is_first and not self.published.exists():
            # A preview of an empty warehouse: a work database that nothing was published of knows nothing.
            self._remove(self._work)
        self._unfinished.unlink()
        return done

    def _remove_unfinished(self) -> None:
        """Remove what somebody left who did not come to an end: what is published is known to be whole, the rest is not."""
        shutil.rmtree(self._spill, ignore_errors=True)
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._copy.unlink(missing_ok=True)
        self._remove(self._finished)
        self._remove(self.collecting)
        for unfinished in self.state.glob("*.duckdb.partial"):
            self._remove(unfinished)
            shutil.rmtree(unfinished.with_suffix(".spill"), ignore_errors=True)
        self._remove_restored()
        if self._unfinished.exists() and (self.published.exists() or self._unfinished.read_text() == FIRST):
            self._remove(self._work)

    def reading(self) -> duckdb.DuckDBPyConnection:
        """A read-only connection to the published file, with the same limit of memory as one that writes.

        Raises:
            NothingPublishedError: no sync has published a file yet.
            NewerSchemaError: a newer version of clever-warehouse wrote the file.
            OlderSchemaError: an earlier version of clever-warehouse wrote the file.
            UnreadableError: the published file cannot be opened.
        """
        self.require_published()
        try:
            connection = open_database(
                self.published, key=self.key, read_only=True, settings={"memory_limit": self.memory_limit}
            )
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0] if isinstance(error, duckdb.IOException) else type(error).__name__
            message = f"{self.published} cannot be opened ({reason}): check that it is whole, and that you may read it."
            raise UnreadableError(message) from None
        try:
            schema.require_current(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def require_published(self) -> None:
        """Refuse to go on without a published file.

        Raises:
            NothingPublishedError: no sync has published a file yet.
        """
        if not self.published.exists():
            message = f"There is no {self.published} yet: run `clever-warehouse sync` first."
            raise NothingPublishedError(message)

    def now(self) -> datetime:
        """The time of the machine."""
        return self._clock()

    def publication(self) -> tuple[int, int] | None:
        """What changes with each publication: inode and time of the published file; None if nothing is published."""
        try:
            found = self.published.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns

    def state_of_published(self) -> PublishedState:
        """Where the published data are, how large, and since when.

        Raises:
            WarehouseError: nothing is published, or it cannot be read.
        """
        self.require_published()
        found = self.published.stat()
        return PublishedState(str(self.published), found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    @property
    def mode_of_published(self) -> int:
        """Who may read the published file; what is written beside it may be read by no one else."""
        return self.published.stat().st_mode

    def require_file(self, command: str) -> None:
        """Refuse what can only be done with a published file, where another destination is set.

        Raises:
            NoFileError: there is no such file.
        """

    def present(self) -> Present:
        """What the published file says now.

        Raises:
            WarehouseError: nothing is published, or it cannot be read.
        """
        with translate_errors("the published file"), closing(self.reading()) as connection:
            return present(connection, self._clock())

    def decidable(self) -> list[Decidable]:
        """The snapshots that can be approved.

        Raises:
            WarehouseError: nothing is published, or it cannot be read.
        """
        with translate_errors("the published file"), closing(self.reading()) as connection:
            return [Decidable(*row) for row in connection.execute(statement("holds/decidable")).fetchall()]

    def held_snapshots(self) -> dict[str, HeldSnapshot]:
        """By district, the snapshot that waits for a decision.

        Raises:
            WarehouseError: nothing is published, or it cannot be read.
        """
        with translate_errors("the published file"), closing(self.reading()) as connection:
            return held_snapshots(connection)

    def district_names(self) -> dict[str, str]:
        """The names of districts by ID, as published; empty if nothing is published, or it cannot be read."""
        try:
            with closing(self.reading()) as connection:
                return dict(connection.execute(statement("shown/district_names")).fetchall())
        except (WarehouseError, duckdb.Error):
            return {}

    def clever_host(self) -> str | None:
        """The Clever host that the published districts come from.

        None if nothing is published, it cannot be read, or no sync has recorded a host, as in a file of an earlier version.
        """
        try:
            with closing(self.reading()) as connection:
                row = connection.execute(statement("apply/host")).fetchone()
        except (WarehouseError, duckdb.Error):
            return None
        return None if row is None else str(row[0])

    def new_report(self, name: str) -> Path:
        """A file of reports/ that is not there yet, named by the time.

        Raises:
            ExportRefusedError: the folder is encrypted, and a report is not.
        """
        self._refuse_plain("A report", "--report or --output")
        return self.folder / "reports" / f"{name}-{self._clock():%Y%m%dT%H%M%S.%fZ}.csv"

    def new_export(self) -> Path:
        """A folder of exports/ that is not there yet, named by the time.

        Raises:
            ExportRefusedError: the folder is encrypted, and an export is not.
        """
        self._refuse_plain("An export", "--to")
        return self.folder / "exports" / f"{self._clock():%Y%m%dT%H%M%S.%fZ}"

    def _refuse_plain(self, what: str, option: str) -> None:
        """Refuse to write a plain file into an encrypted folder unasked."""
        if self.key_file is not None:
            message = (
                f"{what} is not encrypted, so none is written in the encrypted folder of the warehouse: run the command with {option}, "
                "and name a place elsewhere."
            )
            raise ExportRefusedError(message)

    def _open(self) -> duckdb.DuckDBPyConnection:
        """The work database; made from the published file if it is missing."""
        if not self._work.exists():
            self._rebuild()
        try:
            with self._opening():
                return self._connect()
        except EncryptionError:
            if not self.published.exists():
                raise
            # If the key opens the published file, the work database is of no use: its header is damaged, or it has another key.
            open_database(self.published, key=self.key, read_only=True).close()
            raise DamagedError("The work database is damaged.") from None

    @contextmanager
    def _opening(self) -> Iterator[None]:
        """What keeps the work database from being opened, as our own error."""
        try:
            yield
        except duckdb.Error as error:
            interruption.check()
            if "Could not set lock" in str(error):
                message = (
                    f"Another program holds {self._work} open: close it there; analysts open {self.published} instead."
                )
                raise WorkDatabaseOpenError(message) from None
            if mentions_full_disk(str(error)):
                raise
            raise DamagedError("The work database is damaged.") from None

    def _set_work_aside(self) -> None:
        """Give a damaged work database another name, so that it is made again from the published file."""
        with suppress(FileNotFoundError):
            self._work.replace(self._work.with_suffix(".damaged"))
        self._remove(self._work)

    def _connect(self) -> duckdb.DuckDBPyConnection:
        return self._connect_to(self._work)

    def _connect_to(self, file: Path) -> duckdb.DuckDBPyConnection:
        return open_database(
            file,
            key=self.key,
            settings={
                "memory_limit": self.memory_limit,
                "temp_directory": str(self._spill),
                "preserve_insertion_order": False,
                # Only publishing writes a checkpoint: with less, DuckDB goes through all that is staged at every commit.
                "checkpoint_threshold": "1TB",
                "storage_compatibility_version": STORAGE,
            },
        )

    def _rebuild(self) -> None:
        """The work database as it was last published, or none if nothing was."""
        self._remove(self._work)
        self._compact_size.unlink(missing_ok=True)
        if self.published.exists():
            shutil.copyfile(self.published, self._copy)
            _set_mode(self._copy, 0o600)
            self._copy.replace(self._work)

    def _compact(self) -> None:
        """Replace the closed work database by a compact copy, if it has grown too much since it was one.

        How large a copy would be is known only by making one. A first work database is as compact as a copy, and nothing that the
        warehouse keeps is ever less than it was: so what is not too large beside the last copy is not too large beside a new one.
        """
        size = self._work.stat().st_size
        compact_size = 0
        with suppress(FileNotFoundError, ValueError):  # a sync that was killed may leave an empty file
            compact_size = int(self._compact_size.read_text())
        if size <= LOOSE * compact_size:
            return
        if self.published.exists() or compact_size:
            self._copy_compactly(self._work, self._copy)
            _set_mode(self._copy, 0o600)
            self._copy.replace(self._work)
            size = self._work.stat().st_size
        self._compact_size.write_text(str(size))

    def _copy_compactly(self, source: Path, file: Path) -> None:
        """Copy all tables, rows in their order, views, macros and comments of a closed database into a new file."""
        settings = {"memory_limit": self.memory_limit, "temp_directory": str(self._spill)}
        copy_database(source, file, self.key, self.key, STORAGE, settings)

    def _publish(self, report: Report, *, keep_former: bool, is_migrated: bool, is_compacted: bool) -> None:
        """Put a finished copy of the closed work database in the place of the published file.

        The last file of an older schema is kept, because an earlier version of clever-warehouse can go on from it; but not one from
        which something was just removed for good, for which ``is_compacted`` is set.

        Raises:
            NotPublishedError: the published file stays as it is.
        """
        if is_compacted:
            self._compact_size.unlink(missing_ok=True)
        self._compact()
        try:
            with self._placing():
                shutil.copyfile(self._work, self._finished)
                self._open_to_readers(self._finished)
                self._date(self._finished)
                sync_to_disk(self._finished)
                keeps = keep_former or (is_migrated and not is_compacted)
                self._put_in_place(self._finished, report, keep_former=keeps)
        finally:
            self._finished.unlink(missing_ok=True)
        self._forget_oldest()
        self._after_publishing(report)

    def put_beside(self, place: Path, build: Callable[[Path], None], *, is_plain: bool = False) -> None:
        """Build a file in the private part of the folder, and put it in its place by one rename.

        Args:
            place: Where it goes.
            build: Writes the file, which must not exist yet.
            is_plain: Whether it is plain although the folder is encrypted: then it is built next to its place, and not in the folder.

        Raises:
            NotPublishedError: it could not be put there; what is there is unchanged.
            DiskFullError: there is no room; what is there is unchanged.
            UnusableFolderError: the folder cannot hold a warehouse.
        """
        self.prepare()
        unfinished = self.state / f"{place.name}.partial"
        elsewhere = ExitStack()
        try:
            with self._placing(place):
                if is_plain:
                    private = tempfile.TemporaryDirectory(dir=place.parent, prefix=".clever-warehouse-")
                    unfinished = Path(elsewhere.enter_context(private), unfinished.name)
                self._remove(unfinished)
                build(unfinished)
                self._open_to_readers(unfinished)
                sync_to_disk(unfinished)
                interruption.check()
                _move(unfinished, place)
                with suppress(OSError):
                    sync_to_disk(place.parent)
        finally:
            self._remove(unfinished)
            shutil.rmtree(unfinished.with_suffix(".spill"), ignore_errors=True)
            elsewhere.close()

    def _open_to_readers(self, file: Path) -> None:
        """Say who may read a file that is about to be published.

        Raises:
            NotPublishedError: the group is not known here, or the user who runs this is not in it.
        """
        if self._published_group is not None:
            try:
                shutil.chown(file, group=self._published_group)
            except (LookupError, OSError):
                message = (
                    f"{file.name} could not be given to the group {self._published_group} (CLEVER_PUBLISHED_GROUP), so nothing was "
                    "published: name a group that exists on this machine and that the user who runs this belongs to."
                )
                raise NotPublishedError(message) from None
        _set_mode(file, 0o440 & ~umask() if self._published_mode is None else self._published_mode)

    def _after_publishing(self, report: Report) -> None:
        if self._on_published:
            self._on_published(self, report)

    def _date(self, file: Path) -> None:
        """Give a file the time at which it is published, later than that of every file before: kept files are ordered by it."""
        former = [self.published] if self.published.exists() else []
        latest = max((each.stat().st_mtime_ns for each in (*former, *self.kept.glob("*.duckdb"))), default=0)
        instant = round(self._clock().timestamp() * 1e6) * 1000
        with suppress(PermissionError):  # of a file system that does not let times be set
            for later in (max(instant, latest + 1000), latest + COARSEST_TIME):
                os.utime(file, ns=(later, later))
                if file.stat().st_mtime_ns > latest:
                    return

    @property
    def _place(self) -> Path:
        """Where the published file is: a symbolic link stays, and what it leads to is replaced."""
        return Path(os.path.realpath(self.published)) if self.published.is_symlink() else self.published

    def _put_in_place(self, finished: Path, report: Report, *, keep_former: bool) -> None:
        """Make a finished file that is on disk the published one, by one rename.

        A file of the log of changes beside the published file can only be an analyst's, who opened the old file for
        writing; it would not fit the new file, so it goes.

        Raises:
            Interrupted: the process is to stop; from here on it goes to the end.
        """
        interruption.check()
        if keep_former and self.is_former_kept and self.published.exists():
            self._keep_former(report)
        for opened in {self.published, self._place}:
            opened.with_name(f"{opened.name}.wal").unlink(missing_ok=True)
        _move(finished, self._place)
        # The file is in its place, and some file systems cannot do this with a folder.
        with suppress(OSError):
            sync_to_disk(self._place.parent)

    def _keep_former(self, report: Report) -> None:
        """Keep the published file for rollbacks; if that is not possible, say so and go on."""
        try:
            self.kept.mkdir(exist_ok=True)
            _link_or_copy(self._place, self._kept_name())
        except OSError as error:
            report(
                Notice(
                    f"The former published file could not be kept in {self.kept} ({error.strerror}): "
                    "`clever-warehouse rollback` cannot restore it. Everything else continues."
                )
            )

    def _kept_name(self) -> Path:
        """What the published file is called when it is kept."""
        return self.kept / f"{_modified_at(self.published):{KEPT_NAME}}.duckdb"

    @contextmanager
    def _placing(self, target: Path | None = None) -> Iterator[None]:
        """What keeps a file, the published one if none is named, from being put in place, in a sentence; a full disk as such."""
        try:
            yield
        except OSError as error:
            if is_full(error):
                raise
            if error.errno == errno.EBUSY:
                problem = "it is mounted as a single file. Mount the folder that holds it instead"
            else:
                problem = f"{error.strerror}. Fix that, and run the command again"
            place = "" if target or self._place == self.published else f" (a link to {self._place})"
            message = (
                f"{target or self.published}{place} could not be replaced, and what it holds is unchanged: {problem}."
            )
            raise NotPublishedError(message) from None

    def _forget_oldest(self) -> None:
        """Remove the kept files, except the newest ones, and the last one of today and of each of some days before.

        Several syncs a day would otherwise leave only files of the last hours, and an error that is noticed the next day could
        not be rolled back. Days are those of UTC.
        """
        files = self.kept_files()
        kept = set(files[: self._keep_published])
        if self._keep_published:
            oldest = self._clock().astimezone(UTC).date() - timedelta(days=self._keep_published_days)
            last_of_day = {_published_at(file).date(): file for file in reversed(files)}
            kept.update(file for day, file in last_of_day.items() if day >= oldest)
        for file in files:
            if file not in kept:
                file.unlink()

    def kept_files(self) -> list[Path]:
        """The files that were published before, newest first.

        One that is the published file itself was left by a process that was killed between keeping it and replacing it, or by a
        rollback that was killed between publishing a copy of it and removing it.
        """
        return [
            file
            for file in sorted(self.kept.glob("*.duckdb"), reverse=True)
            if not (self.published.exists() and (file.samefile(self.published) or self._is_restored(file)))
        ]

    def purge_kept(self, purging: Path) -> int:
        """Remove what a purge collected from the kept files, each of which is made anew; gives from how many.

        Raises:
            UnreadableError: a kept file is damaged.
            DiskFullError: there is no room for a copy; the files that were done stay done.
        """
        purged = 0
        for file in sorted(self.kept.glob("*.duckdb")):
            try:
                with (
                    translate_errors(file.name),
                    closing(open_database(file, key=self.key, read_only=True)) as connection,
                ):
                    names_somebody = bool(found_in(connection, purging, self.key))
                if names_somebody:
                    with translate_errors(file.name):
                        self._purge_file(file, purging)
                    purged += 1
            except DamagedError:
                message = f"Nothing could be removed from {file}, which is damaged. Delete it, then run `clever-warehouse purge --resume`."
                raise UnreadableError(message) from None
        return purged

    def _purge_file(self, file: Path, purging: Path) -> None:
        """Put a compact copy without what a purge collected in the place of a file, with its mode and time."""
        try:
            self._remove(self._finished)
            shutil.copyfile(file, self._finished)
            _set_mode(self._finished, 0o600)
            with closing(self._connect_to(self._finished)) as connection:
                erase(connection, purging, self.key)
                connection.execute("CHECKPOINT")
            self._copy.unlink(missing_ok=True)
            self._copy_compactly(self._finished, self._copy)
            with suppress(OSError):  # of a file system that keeps no modes
                shutil.copystat(file, self._copy)
            sync_to_disk(self._copy)
            self._copy.replace(file)
        finally:
            self._remove(self._finished)
            self._copy.unlink(missing_ok=True)

    @contextmanager
    def at_rest(self, purpose: str, report: Report) -> Iterator[None]:
        """Hold the right to write while the block runs, with no unfinished file in the folder, nor a work database that can be made again.

        Raises:
            UnusableFolderError: the folder cannot hold a warehouse.
        """
        self.prepare()
        with self.held(purpose, report):
            self._remove_unfinished()
            if self.published.exists():
                self._remove(self._work)
            yield

    @property
    def databases(self) -> list[Path]:
        """Every database of the folder, of which none is unfinished."""
        copies = (file for file in self.folder.glob("warehouse_*.duckdb") if file != self.published)
        files = (self._place, *self.kept.glob("*.duckdb"), *copies, self.purging, self._work)
        return [file for file in files if file.exists()]

    @translate_errors("the change of the key")
    def rekey(self, database: Path, former: Key | None, key: Key | None) -> None:
        """Put a copy of a database with another key in its place by one rename, with its mode and time.

        Args:
            database: One of ``databases``, while the folder is ``at_rest``.
            former: Its key; None if it is plain.
            key: The key of the copy; None makes it plain.

        Raises:
            NotPublishedError: the copy could not be put in place; what is there is unchanged.
            DiskFullError: there is no room; what is there is unchanged.
        """
        settings = {"memory_limit": self.memory_limit, "temp_directory": str(self._spill)}
        try:
            with self._placing(database):
                copy_database(database, self._finished, former, key, STORAGE, settings)
                self._open_to_readers(self._finished)
                with suppress(OSError):  # of a file system that keeps no modes
                    shutil.copystat(database, self._finished)
                sync_to_disk(self._finished)
                _move(self._finished, database)
                with suppress(OSError):
                    sync_to_disk(database.parent)
        finally:
            self._remove(self._finished)

    def _is_restored(self, file: Path) -> bool:
        """Whether a rollback that was killed has published a copy of a kept file: both have the same date then."""
        return (
            self._unfinished.exists()
            and self._unfinished.read_text() == file.name
            and self.published.exists()
            and file.stat().st_mtime_ns == self.published.stat().st_mtime_ns
        )

    def _remove_restored(self) -> None:
        """Remove the kept file that a rollback has published a copy of, if the rollback was killed before it could."""
        for file in self.kept.glob("*.duckdb"):
            if self._is_restored(file):
                file.unlink()

    @translate_errors("the warehouse")
    def roll_back(self, to: Path, report: Report) -> None:
        """Publish a file that was published before, by one rename; the next ``write`` continues from it.

        What is published is a copy of the kept file with one more row in sync.rollbacks; the kept file is removed. If the row
        cannot be written, the kept file itself is published. ``report`` receives a notice of that, and of a writer that is waited for.

        Raises:
            NothingPublishedError: there is no such file.
            NotPublishedError: the published file stays as it is.
            UnreadableError: the kept file is damaged; the published file stays as it is.
            DiskFullError: the published file stays as it is.
        """
        with self.held(f"rollback to {to.stem}", report):
            if not to.exists():
                raise NothingPublishedError(f"There is no {to} to restore.")
            self._remove_restored()
            # From here on the work database counts as unfinished: the next sync continues from the published file, whether that
            # is the former one or the restored one.
            self._unfinished.write_text(to.name)
            try:
                with self._placing():
                    restored = self._finished if self._copy_with_record(to, report) else to
                    if restored == to:
                        self._require_no_blocks(to)
                    self._date(restored)
                    if restored != to:
                        sync_to_disk(restored)
                        _copy_date(restored, to)
                    self._put_in_place(restored, report, keep_former=True)
            finally:
                self._remove(self._finished)
            to.unlink(missing_ok=True)
            self._remove(self._work)
            self._unfinished.unlink()
            self._forget_oldest()
            self._after_publishing(report)

    def _copy_with_record(self, to: Path, report: Report) -> bool:
        """Make a finished file of a kept one, with a row in sync.rollbacks; gives whether that was possible."""
        try:
            with (
                translate_errors("the kept file"),
                closing(open_database(to, key=self.key, read_only=True)) as connection,
            ):
                found = schema.version(connection)
        except (DamagedError, StatementError):
            raise self._cannot_restore(to) from None
        if found != schema.VERSION:
            problem = f"another version of clever-warehouse wrote it (schema version {found}) and must still be able to read it"
        else:
            try:
                with translate_errors("the rollback"):
                    shutil.copyfile(to, self._finished)
                    _set_mode(self._finished, 0o600)
                    self._record_rollback(_published_at(to), report)
            except DiskFullError:
                problem = "the disk has no room for a copy of it"
            except DamagedError:
                raise self._cannot_restore(to) from None
            except StatementError as error:
                problem = str(error).rstrip(".")
            else:
                self._open_to_readers(self._finished)
                return True
        self._remove(self._finished)
        report(
            Notice(
                f"The rollback is not recorded in the restored file ({problem}), so `clever-warehouse status` does not show it. "
                "Everything else continues."
            )
        )
        return False

    def _cannot_restore(self, to: Path) -> UnreadableError:
        return UnreadableError(
            f"{to} is damaged or not a DuckDB file, so it was not restored. {self.published} is unchanged. Restore another file "
            "with `clever-warehouse rollback --to FILE`."
        )

    def _record_rollback(self, restored_from: datetime, report: Report) -> None:
        """Insert the row of a rollback or restore into the finished copy of a file that was published at an instant."""
        undone_from = _modified_at(self.published) if self.published.exists() else None
        self._record(self._finished, restored_from, undone_from, report)

    def _record(self, file: Path, restored_from: datetime, undone_from: datetime | None, report: Report) -> None:
        """Insert the row of a rollback into a file that is about to be published."""
        with closing(self._connect_to(file)) as connection:
            schema.ensure(connection, self._clock, report)
            clock = Clock(self._clock, schema.latest_instant(connection), report)
            connection.execute(
                "INSERT INTO sync.rollbacks (rolled_back_at, restored_from, undone_from) VALUES (?, ?, ?)",
                [clock.now(), restored_from, undone_from],
            )
            if self._blocks():
                attach(connection, self.published, "replaced", self.key)
                connection.execute(statement("purge/carry"))
                connection.execute("DETACH replaced")
            connection.execute("CHECKPOINT")

    def _blocks(self) -> bool:
        """Whether the published file, or the local copy of a lake, has the record of a purge: a rollback must not undo one."""
        if not self.published.exists():
            return False
        with closing(open_database(self.published, key=self.key, read_only=True)) as connection:
            try:
                found = connection.execute(statement("purge/any")).fetchall()
            except duckdb.CatalogException:
                return False  # an earlier version wrote it, which had no purge
        return found == [(True,)]

    def _require_no_blocks(self, file: Path) -> None:
        """Refuse to publish a file that cannot be changed where it would undo a purge.

        Raises:
            NotPublishedError: it would; the published file stays as it is.
        """
        if self._blocks():
            message = (
                f"{file} was not restored, because people were purged since, and the record of that could not be written into it: a sync "
                "would bring those back who are blocked. Restore a newer file."
            )
            raise NotPublishedError(message)

    @translate_errors("the warehouse")
    def restore(
        self, backup: Path, sha256: str, published_at: datetime, report: Report, *, replace: bool = False
    ) -> Path | None:
        """Publish a copy of a file from elsewhere, by one rename; the next ``write`` continues from it.

        The copy gets one more row in sync.rollbacks, unless an earlier version of clever-warehouse wrote the file: the next
        ``write`` migrates that one. ``report`` receives a notice of a writer that is waited for.

        Args:
            backup: The file, which has been read and found whole.
            sha256: Its digest then.
            published_at: When it had been published.
            report: Receives notices.
            replace: Whether a published file may be replaced; it is kept for rollbacks.

        Returns:
            The kept file that was replaced; None if there was none or it could not be kept.

        Raises:
            OccupiedError: the warehouse is not empty and may not be replaced; nothing was changed.
            UnreadableError: the copy differs from the file that was found whole; nothing was changed.
            UnusableFolderError: the folder cannot hold a warehouse.
            NotPublishedError: the copy could not be put in place; nothing was changed.
            DiskFullError: there is no room for the copy; nothing was changed.
        """
        self.prepare()
        with self.held(f"restore of {backup.name}", report):
            self._remove_unfinished()
            self.require_restorable(replace=replace)
            former = self._kept_name() if self.published.exists() else None
            # From here on a work database counts as unfinished, as in a rollback.
            self._unfinished.write_text("")
            try:
                with self._placing():
                    shutil.copyfile(backup, self._finished)
                    _set_mode(self._finished, 0o600)
                    sync_to_disk(self._finished)
                    if digest_of(self._finished) != sha256:
                        raise UnreadableError(f"{backup} changed while it was restored. Nothing was changed.")
                    with closing(open_database(self._finished, key=self.key, read_only=True)) as connection:
                        found = schema.version(connection)
                    if found == schema.VERSION:
                        self._record_rollback(published_at, report)
                    else:
                        self._require_no_blocks(backup)
                    self._open_to_readers(self._finished)
                    self._date(self._finished)
                    sync_to_disk(self._finished)
                    self._put_in_place(self._finished, report, keep_former=True)
            finally:
                self._remove(self._finished)
            self._remove(self._work)
            self._unfinished.unlink()
            self._forget_oldest()
        return former if former and former.exists() else None

    def require_restorable(self, *, replace: bool) -> None:
        """Refuse to restore a file where that would lose what the warehouse has.

        Raises:
            OccupiedError: there is a published file and it may not be replaced, or a work database that was not published.
        """
        if self.published.exists():
            if not replace:
                kept = "the present file is kept for `clever-warehouse rollback`"
                if not self.is_former_kept:
                    kept = "the present file is not kept, because CLEVER_KEEP_PUBLISHED is 0"
                message = (
                    f"{self.published} exists, so nothing was restored. Use --replace to replace it ({kept}), or set "
                    "CLEVER_WAREHOUSE_DIR to another folder."
                )
                raise OccupiedError(message)
        elif self._work.exists() and not (self._unfinished.exists() and self._unfinished.read_text() == FIRST):
            message = (
                f"{self.published} is missing, but {self._work} has what it had, so nothing was restored. Run "
                "`clever-warehouse sync`, which publishes it again, or delete that file first."
            )
            raise OccupiedError(message)

    def forget_work(self) -> None:
        """Remove the work database, so that the next write begins with a copy of the published file."""
        self._remove(self._work)

    def forget_states(self, report: Report) -> None:
        """Leave nothing of what was deleted in a destination other than a file, which is made anew."""

    def places_beside(self, is_in: Callable[[bytes], bool]) -> list[str]:  # noqa: ARG002 (a lake's)
        """Where a destination outside of the folder holds something that a purge collected."""
        return []

    def maintain(self, report: Report) -> str:  # noqa: ARG002 (a lake's)
        """Keep what is published small and fast; gives what was done, as a sentence."""
        return "The warehouse is a file, which every sync keeps compact: there was nothing to do."

    def _remove(self, database: Path) -> None:
        for file in (database, database.with_name(f"{database.name}.wal")):
            with suppress(FileNotFoundError):
                file.unlink()


def _link_or_copy(source: Path, place: Path) -> None:
    """Give a file another name, unless that name is taken; a copy where the file system has no hard links."""
    if place.exists():
        return
    try:
        os.link(source, place)
    except OSError:
        _copy(source, place)


def _move(source: Path, place: Path) -> None:
    """Rename a file; by way of a copy where the place is on another file system."""
    try:
        source.replace(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(source, place)
        source.unlink()


def _copy(source: Path, place: Path) -> None:
    """Copy a file with its mode and its time; at its place it is whole and on disk, or not there."""
    copy = place.with_name(f".{place.name}.partial")
    copy.unlink(missing_ok=True)
    try:
        copy.touch(mode=0o600)
        shutil.copyfile(source, copy)
        with suppress(OSError):  # of a file system that keeps no modes
            shutil.copystat(source, copy)
        sync_to_disk(copy)
        copy.replace(place)
    finally:
        copy.unlink(missing_ok=True)


def _published_at(kept: Path) -> datetime:
    """When a kept file was published."""
    try:
        return datetime.strptime(kept.stem, KEPT_NAME).replace(tzinfo=UTC)
    except ValueError:  # a file that has another name than ours
        return _modified_at(kept)


def _modified_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _copy_date(source: Path, target: Path) -> None:
    """Give a file the time of another, where the file system lets times be set."""
    modified = source.stat().st_mtime_ns
    with suppress(PermissionError):
        os.utime(target, ns=(modified, modified))


def _set_mode(path: Path, mode: int) -> None:
    """Say who may read and write a file, where the file system can keep that."""
    with suppress(OSError):
        path.chmod(mode)
