"""How landed pages become staged rows, and why a read cannot be believed."""

import io
import re
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import duckdb

from pipelines import interruption
from pipelines.records import CATALOG, Stream
from pipelines.warehouse import scan, schema
from pipelines.warehouse.errors import RecordError, StatementError
from pipelines.warehouse.irregular import Regular
from pipelines.warehouse.session import Session

HASH: Final = "XXH3 64"
"""The algorithm of the hashes by which records are recognized."""


class Page(NamedTuple):
    """A landed page."""

    file: Path
    district_id: str
    stream: str
    """The stream of its records."""
    role: str | None = None
    """The role, if it is a page of a role view."""
    hashes: Path | None = None
    """The list of the hashes of its records: on each line the byte at which one begins, a comma, and the hash; None if there is none."""


class Staging:
    """The staging tables during one sync."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._numbers = count()
        self._incremental: dict[str, set[str]] = {}
        session.run("stage/tables")
        for text in scan.definitions(CATALOG):
            session.execute(text, "stage/tables")
        session.run("stage/user_roles")
        session.run("verify/known_records")

    def form(self, stream: Stream) -> str:
        """How the hashes of a stream's records are computed and what is made of the records: if it differs, all are staged."""
        return self._forms[stream.name]

    @cached_property
    def _forms(self) -> Mapping[str, str]:
        made = {
            stream.name: sha256(
                repr((scan.scan(stream), scan.definitions(CATALOG), scan.inserts(stream))).encode()
            ).hexdigest()
            for stream in CATALOG.streams
        }
        return {
            name: f"{HASH}, DuckDB {duckdb.__version__}, schema {schema.VERSION}, records {digest[:16]}"
            for name, digest in made.items()
        }

    def incremental(self, stream: Stream) -> set[str]:
        """The districts of which only new records of a stream are staged."""
        if stream.name not in self._incremental:
            found = self._session.rows("stage/incremental", stream=stream.name, form=self.form(stream))
            self._incremental[stream.name] = {district_id for (district_id,) in found}
        return self._incremental[stream.name]

    def stage(self, pages: Iterable[Page]) -> None:
        """Stage landed pages.

        Raises:
            RecordError: a record cannot be loaded; nothing of these pages is staged.
            StatementError: DuckDB could not; nothing of these pages is staged.
        """
        listed = list(pages)
        self._enter((page.file, page) for page in listed)
        views = [self._session.location(page.file) for page in listed if page.role is not None]
        scanned = {
            stream: self._scan(stream, [page for page in listed if page.role is None and page.stream == stream.name])
            for stream in CATALOG.streams
        }
        with self._session.transaction():
            for stream, is_scanned in scanned.items():
                if is_scanned:
                    for table, text in scan.inserts(stream).items():
                        self._session.execute(text.replace("scanned", f"scanned_{stream.name}"), f"stage/{table}")
                    self._session.execute(f"DROP TABLE scanned_{stream.name}", "stage/scan")
            if views:
                self._session.run("stage/role_views", files=views)
        with suppress(OSError):  # of a statement that failed
            self._session.scratch.rmdir()

    def _scan(self, stream: Stream, pages: Sequence[Page]) -> bool:
        """Scan those records of some pages that are new; returns whether there is any."""
        if not pages:
            return False
        try:
            chosen = self._new_lines(stream, pages)
            files = {}
            faults: dict[str, list[str]] = {}
            for number, page in enumerate(pages, start=1):
                interruption.check()
                if chosen.get(page.file) != []:
                    file = self._regular(stream, page, number, chosen.get(page.file), faults, every=False)
                    files[file] = page
            _raise_first(faults)
            self._enter((file, page) for file, page in files.items() if file != page.file)
            if not files:
                return False
            try:
                self._run_scan(stream, files)
            except StatementError:
                # What a glance at the records does not show, such as a field that occurs twice.
                rewritten = {}
                for number, page in enumerate(pages, start=1):
                    if chosen.get(page.file) != []:
                        file = self._regular(stream, page, number, chosen.get(page.file), faults, every=True)
                        rewritten[file] = page
                _raise_first(faults)
                self._enter((file, page) for file, page in rewritten.items() if file != page.file)
                self._run_scan(stream, rewritten)
        finally:
            shutil.rmtree(self._session.scratch, ignore_errors=True)
        return True

    def _run_scan(self, stream: Stream, files: Iterable[Path]) -> None:
        self._session.set(files=[self._session.location(file) for file in files])
        self._session.execute(scan.scan(stream).replace("scanned", f"scanned_{stream.name}"), "stage/scan")

    def _new_lines(self, stream: Stream, pages: Sequence[Page]) -> Mapping[Path, Sequence[int] | None]:
        """By page of a district whose records can be recognized, where in the file each new record begins; None if all are new."""
        hashes = {page.hashes: page for page in pages if page.hashes and page.district_id in self.incremental(stream)}
        if not hashes:
            return {}
        self._enter(hashes.items())
        located = {self._session.location(listed): page.file for listed, page in hashes.items()}
        self._session.run("stage/hashes", files=list(located), stream=stream.name)
        new: dict[Path, Sequence[int] | None] = {page.file: [] for page in hashes.values()}
        for location, starts in self._session.rows("stage/new_lines"):
            new[located[location]] = starts
        return new

    def _regular(
        self,
        stream: Stream,
        page: Page,
        number: int,
        chosen: Sequence[int] | None,
        faults: dict[str, list[str]],
        *,
        every: bool,
    ) -> Path:
        """The file of a page's chosen records, all of them regular: the page itself if it is that."""
        regular = self._regulars[stream.name]
        kept = self._lines(page.file, chosen)
        is_changed = chosen is not None
        for place, line in enumerate(kept):
            if every or not regular.is_regular(line):
                try:
                    rewritten = (None if every else regular.with_json_as_text(line)) or regular.rewrite(line)
                except RecordError as error:
                    where = (
                        place if chosen is None else self._session.files.read(page.file)[: chosen[place]].count(b"\n")
                    )
                    faults.setdefault(page.district_id, []).append(
                        re.sub(r"^A record\b", f"The record on line {where + 1} of page {number}", str(error))
                    )
                    continue
                is_changed = is_changed or rewritten != line
                kept[place] = rewritten
        if not is_changed:
            return page.file
        self._session.scratch.mkdir(exist_ok=True)
        file = self._session.scratch / f"{next(self._numbers)}.ndjson"
        self._session.files.write(file, b"\n".join([*kept, b""]))
        return file

    def _lines(self, file: Path, starts: Sequence[int] | None) -> list[bytes]:
        """The lines of a page that begin at some bytes, or all."""
        if starts is None:
            return self._session.files.read(file)[:-1].split(b"\n")
        if self._session.files.key is None:
            with file.open("rb") as page:
                return _lines_at(page, starts)
        return _lines_at(io.BytesIO(self._session.files.read(file)), starts)

    @cached_property
    def _regulars(self) -> Mapping[str, Regular]:
        return {stream.name: Regular(stream) for stream in CATALOG.streams}

    def _enter(self, files: Iterable[tuple[Path, Page]]) -> None:
        """Enter which district the records of some files are of."""
        rows = [
            {"filename": self._session.location(file), "district_id": page.district_id, "role": page.role}
            for file, page in files
        ]
        self._session.insert("staging.pages", rows)

    def delete(self, deleted: Iterable[tuple[str, str, str]]) -> None:
        """Stage that records are deleted: of each its stream, district and ID."""
        self._list_records("staging.deleted_records", deleted)

    def note_events(self, named: Iterable[tuple[str, str, str]]) -> None:
        """Note which records events have named: of each its stream, district and ID."""
        self._list_records("staging.named_by_events", named)

    def _list_records(self, table: str, listed: Iterable[tuple[str, str, str]]) -> None:
        rows = [dict(zip(("stream", "district_id", "record_id"), each, strict=True)) for each in listed]
        self._session.insert(table, rows)

    def unstage(self, district_ids: Collection[str]) -> None:
        """Remove what was staged of some districts."""
        self._session.set(district_ids=list(district_ids))
        for table in (
            "pages",
            "lines",
            "deleted_records",
            "named_by_events",
            "role_views",
            *(table.name for stream in CATALOG.streams for table in stream.staged_tables),
        ):
            self._session.execute(
                f"DELETE FROM staging.{table} WHERE district_id IN (SELECT unnest(getvariable('district_ids')))",
                "stage/unstage",
            )

    def unverified(self, *, by_events: bool = False) -> dict[str, list[str]]:
        """By district, why what is staged of it cannot be believed; a district that is not named is verified.

        What is staged ``by_events`` is no list of everybody, which the role views would have to agree with.
        """
        found = [] if by_events else self._session.rows("verify/role_views")
        for stream in CATALOG.streams:
            found += self._session.rows("verify/records", stream)
        reasons: dict[str, list[str]] = {}
        for district_id, reason in sorted(found):
            reasons.setdefault(district_id, []).append(reason)
        return reasons

    def close(self) -> None:
        """Give back the memory that staged rows take."""
        self._session.execute("DETACH staging", "stage/close")
        self._session.execute("ATTACH ':memory:' AS staging", "stage/close")


def _lines_at(page: BinaryIO, starts: Iterable[int]) -> list[bytes]:
    """The lines of a page that begin at some bytes: where one record changed, the others are not read."""
    lines = []
    for start in starts:
        page.seek(start)
        lines.append(page.readline()[:-1])
    return lines


def _raise_first(faults: Mapping[str, Sequence[str]]) -> None:
    """Raise what is wrong with records that cannot be loaded, if there are any."""
    for sentences in faults.values():
        others = len(sentences) - 1
        more = (
            "" if not others else f" {others:,} more {'record' if others == 1 else 'records'} cannot be loaded either."
        )
        raise RecordError(
            f"{sentences[0]}{more} Report this to Clever: until it is fixed, the data of this district stays as it is."
        )
