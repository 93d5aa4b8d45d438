"""How a person or a district is removed from everything that the warehouse keeps, and how it is shown that nothing is left.

The order makes a crash harmless: what is removed and searched for is collected first and kept until the end, every step can be
done again, and the receipt comes last.
"""

import hashlib
import re
import shutil
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
import msgspec

from pipelines.clever import hash_of
from pipelines.disk import sync_to_disk
from pipelines.encryption import Files, is_encrypted
from pipelines.progress import Notice, Report, Stage
from pipelines.sync.blocking import published_blocked_in
from pipelines.warehouse import Session, Warehouse, WarehouseError, heirs, keys
from pipelines.warehouse.database import is_encrypted as database_is_encrypted
from pipelines.warehouse.database import open_database
from pipelines.warehouse.erasing import DISTRICT, FEW, WORD, Subject, begin, found_in, subject_of
from pipelines.warehouse.session import translate_errors
from pipelines.warehouse.statements import statement

PURGES: Final = "purges"
"""The folder of receipts, in the folder of the warehouse."""

TOKEN: Final = re.compile(WORD.encode())
"""What a value looks like among other bytes."""

CHUNK: Final = 16 * 2**20
"""Bytes of a file that are searched at a time."""

OVERLAP: Final = 1_000
"""Bytes of a chunk that are searched with the next one, for a value that begins in one and ends in the other."""

MAGIC: Final = b"DUCK"
"""Bytes 8 to 11 of a DuckDB file."""


class UnknownSubjectError(WarehouseError):
    """The warehouse knows no such person or district; nothing was changed."""


class StillThereError(WarehouseError):
    """Something that was to be removed was found after the purge; the message names places, never a value."""


RemoveRuns = Callable[["Search"], int]
"""Removes what Dagster keeps of runs that name what is searched for; gives how many runs."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge did: its receipt, without anything of whom it was about."""

    purge_id: str
    purged_at: datetime
    kind: str
    subject: str
    """The keyed hash of the ID that was named."""
    is_blocked: bool
    rows: int = 0
    rows_by_table: dict[str, int] = field(default_factory=dict)
    links: int = 0
    kept_files: int = 0
    other_files: int = 0
    dagster_runs: int = 0
    searched_files: int = 0
    searched_bytes: int = 0


class Search:
    """The values that a purge removes, and where one of them is."""

    def __init__(self, purging: Path, files: Files) -> None:
        """With what was collected, and how the files of the warehouse are kept."""
        self._purging = purging
        self._files = files
        with open_database(purging, key=files.key, read_only=True) as connection:
            rows = connection.execute("SELECT value, is_telling FROM known_values").fetchall()
        self._telling = {value.encode() for value, is_telling in rows if is_telling}
        self._others = {value.encode() for value, is_telling in rows if not is_telling}
        are_few = len(rows) <= FEW
        self._few = [*self._telling, *(b'"%b"' % each for each in self._others)] if are_few else []

    def is_in(self, content: bytes) -> bool:
        """Whether some bytes contain one of the values.

        If they are few, an ID or e-mail address is found anywhere, and another value as a text of JSON, because it may be a word that
        others use; else only IDs and e-mail addresses are, as words. Columns of databases are compared besides.
        """
        lower = content.lower()
        return any(each in lower for each in self._few) or not self._telling.isdisjoint(TOKEN.findall(lower))

    def names(self, file: Path, path: str) -> bool:
        """Whether a file that can be made again may hold one of the values, also as a word, or has it in its name."""
        content = file.read_bytes() + path.encode()
        return self.is_in(content) or not self._others.isdisjoint(TOKEN.findall(content.lower()))

    def places_in(self, file: Path) -> list[str]:
        """Where a file holds one of the values: the file, and of a DuckDB file the columns, which may be compressed."""
        places = []
        with file.open("rb") as opened:
            start = before = opened.read(CHUNK)
            if is_encrypted(start):
                return [file.name] if self.is_in(self._files.read(file)) else []
            while before:
                if self.is_in(before):
                    places.append(file.name)
                    break
                following = opened.read(CHUNK)
                before = following and before[-OVERLAP:] + following
        if start[8:12] == MAGIC:
            with closing(self._opened(file)) as connection:
                places += [f"{file.name}: {column}" for column in found_in(connection, self._purging, self._files.key)]
        return places

    def _opened(self, database: Path) -> duckdb.DuckDBPyConnection:
        """A database of the folder; with a key, one that is not encrypted is somebody else's."""
        key = self._files.key if database_is_encrypted(database) else None
        return open_database(database, key=key, read_only=True)


def purge(
    warehouse: Warehouse,
    subject: Subject,
    report: Report,
    *,
    is_blocked: bool = False,
    remove_runs: RemoveRuns = lambda _: 0,
    folders: Collection[Path] = (),
) -> Purged:
    """Remove a person or a district from everything that the warehouse keeps, search for what may be left, and store a receipt.

    A purge that was interrupted is ended first.

    Args:
        warehouse: From which.
        subject: Who or what.
        report: Told what is done.
        is_blocked: Whether syncs leave the person out from here on, although Clever shares the person.
        remove_runs: Removes what Dagster keeps.
        folders: Folders that are searched besides that of the warehouse.

    Raises:
        NothingPublishedError: nothing is published.
        UnknownSubjectError: the warehouse knows no such person or district; nothing was changed.
        StillThereError: something was found afterwards; the next purge or sync tries again.
        KeyFileError: people are blocked, and the key by which they are recognized is gone; nothing was changed.
        WarehouseError: the purge could not be ended; the next purge or sync goes on.
    """
    resume(warehouse, report, remove_runs=remove_runs, folders=folders)
    warehouse.require_published()
    published_blocked_in(warehouse)  # refuses without their key, before anything is begun
    with warehouse.held("purge", report):
        warehouse.begin(report)
        partial = warehouse.collecting
        _remove(partial)
        with translate_errors("the purge"):
            has_rows = begin(
                partial,
                replace(subject, is_blocked=is_blocked),
                [warehouse.published, *warehouse.kept_files()],
                warehouse.key,
            )
        is_known = has_rows or _is_landed(warehouse, subject)
        if not is_known and not is_blocked:
            _remove(partial)
            raise UnknownSubjectError(
                f"The warehouse has no {subject.kind} {subject.id}, so nothing was changed. Check the ID; a legacy ID leads to its v3 ID "
                "by `clever-warehouse resolve`."
            )
        partial.chmod(0o600)
        sync_to_disk(partial)
        partial.replace(warehouse.purging)
    return _end(warehouse, report, remove_runs, folders)


def _is_landed(warehouse: Warehouse, subject: Subject) -> bool:
    """Whether a landing names the subject, of whom no row was ever published."""
    needle = subject.id.encode()
    return (
        any(needle in _content(warehouse, file) for file in _files(warehouse.landing))
        or (warehouse.landing / subject.id).is_dir()
    )


def resume(
    warehouse: Warehouse,
    report: Report,
    *,
    remove_runs: RemoveRuns = lambda _: 0,
    folders: Collection[Path] = (),
) -> Purged | None:
    """End a purge that was interrupted; None if there is none.

    Raises:
        StillThereError: something was found afterwards.
        WarehouseError: the purge could not be ended.
    """
    if not warehouse.purging.exists():
        return None
    report(Notice("A purge was interrupted; it is ended first."))
    return _end(warehouse, report, remove_runs, folders)


def _end(warehouse: Warehouse, report: Report, remove_runs: RemoveRuns, folders: Collection[Path]) -> Purged:
    """Carry out the purge that was collected."""
    with translate_errors("the purge"):
        subject = subject_of(warehouse.purging, warehouse.key)
        search = Search(warehouse.purging, warehouse.files)
    warehouse.prepare()
    # With another key, whoever is blocked would come back.
    key = (
        keys.read(warehouse.purge_key) if published_blocked_in(warehouse) else keys.read_or_create(warehouse.purge_key)
    )
    purged = Purged(
        purge_id=str(uuid.uuid4()),
        purged_at=warehouse.now().astimezone(UTC),
        kind=subject.kind,
        subject=hash_of(subject.id, key),
        is_blocked=subject.is_blocked,
    )

    def run(session: Session) -> Purged:
        # All of it while nobody else can write: a sync in between would land the person again.
        report(Stage("removing from kept files"))
        done = replace(
            purged,
            kept_files=warehouse.purge_kept(warehouse.purging),
            other_files=_remove_files(warehouse, subject, search),
            dagster_runs=remove_runs(search),
        )
        report(Stage("removing from the warehouse"))
        done = _purge_rows(warehouse, session, done, key)
        warehouse.forget_states(report)
        report(Stage("searching"))
        return _searched(warehouse, search, done, folders)

    purged = warehouse.write(purged.purge_id, run, report)
    _store_receipt(warehouse, purged)
    _remove(warehouse.purging)
    return purged


def _searched(warehouse: Warehouse, search: Search, purged: Purged, folders: Collection[Path]) -> Purged:
    """Search every file for what should be gone."""
    listed = (file for folder in (warehouse.folder, *folders) for file in _files(folder))
    searched = [file for file in dict.fromkeys(listed) if file != warehouse.purging]
    named = [file.name for file in searched if search.is_in(_named(file, warehouse).encode())]
    places = [*named, *(place for file in searched for place in search.places_in(file))]
    if found := [*places, *warehouse.places_beside(search.is_in)]:
        raise StillThereError(
            f"The purge removed {purged.rows:,} rows, but the search found what should be gone in: {'; '.join(found[:10])}. Remove these "
            "files, or report this as an error of clever-warehouse; then run `clever-warehouse purge --resume`."
        )
    return replace(purged, searched_files=len(searched), searched_bytes=sum(file.stat().st_size for file in searched))


def _purge_rows(warehouse: Warehouse, session: Session, purged: Purged, key: bytes) -> Purged:
    """Remove the rows from the work database, record it there, and publish."""
    by_table = session.erase(warehouse.purging)
    with open_database(warehouse.purging, key=warehouse.key, read_only=True) as connection:
        ids = [value for (value,) in connection.execute("SELECT value FROM ids").fetchall()]
    done = replace(
        purged,
        rows=sum(by_table.values()),
        rows_by_table=by_table,
        links=by_table.get("main.legacy_id_crosswalk", 0),
    )
    with session.transaction():
        for name in (*heirs.OF_ALL_IDS, "purge/evaluate_all"):
            session.execute(statement(name), name)
        session.insert(
            "sync.purges", [{name: value for name, value in asdict(done).items() if not name.startswith("searched")}]
        )
        if purged.is_blocked:
            session.insert(
                "sync.blocked", [{"id_hash": hash_of(each, key), "blocked_at": purged.purged_at} for each in ids]
            )
    session.publish(keep_former=False, is_compacted=True)
    return done


def _remove_files(warehouse: Warehouse, subject: Subject, search: Search) -> int:
    """Remove the landings of the districts that showed the subject, and every other file of ours that names it."""
    removed = 0
    copies = [file for file in warehouse.folder.glob("warehouse_*.duckdb") if file != warehouse.published]
    # The next publication makes the copies again.
    for file in (*copies, *warehouse.state.glob("*.damaged*")):
        file.unlink()
        removed += 1
    for folder in sorted(warehouse.landing.glob("*")):
        files = list(_files(folder))
        if (subject.kind == DISTRICT and folder.name == subject.id) or any(
            search.is_in(_content(warehouse, file)) for file in files
        ):
            shutil.rmtree(folder)
            removed += len(files)
    for name in ("reports", "exports"):
        for file in _files(warehouse.folder / name):
            # A Parquet file is compressed: what it holds cannot be seen, and an export can be made again.
            if file.suffix == ".parquet" or search.names(file, _named(file, warehouse)):
                file.unlink()
                removed += 1
    return removed


def _content(warehouse: Warehouse, file: Path) -> bytes:
    """What a file of a landing holds; those without records are never encrypted."""
    content = file.read_bytes()
    return warehouse.files.read(file) if is_encrypted(content) else content


def _named(file: Path, warehouse: Warehouse) -> str:
    """The name of a file and of its folders, below that of the warehouse."""
    below = file.relative_to(warehouse.folder) if file.is_relative_to(warehouse.folder) else Path(file.name)
    return str(below)


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink())


def _store_receipt(warehouse: Warehouse, purged: Purged) -> Path:
    """Write the receipt with its digest: what was removed, when, and what was searched."""
    folder = warehouse.folder / PURGES
    folder.mkdir(exist_ok=True)
    content = msgspec.json.encode(asdict(purged))
    digest = hashlib.sha256(content).hexdigest()
    file = folder / f"purge-{purged.purged_at:%Y%m%dT%H%M%S.%fZ}.json"
    file.write_bytes(msgspec.json.format(msgspec.json.encode({"receipt": msgspec.Raw(content), "sha256": digest})))
    sync_to_disk(file)
    return file


def _remove(database: Path) -> None:
    for file in (database, database.with_name(f"{database.name}.wal")):
        file.unlink(missing_ok=True)
