"""Where landings lie and how long they are kept: ``<district>/<sync>/<read>``, the last applied and the one under way.

The streams of a read share its folder, because the folders of a few hundred districts would cost more than reading them.
"""

import re
import shutil
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from pipelines.encryption import PLAIN, Files, UndecryptableError
from pipelines.landing.stream import INDEX, RECEIPT, LandedStream, StreamLanding, receipt_in, with_hashes

UNFINISHED = "unfinished"
"""Name of the file that marks the landing of a sync that has not ended; it holds the source that is read."""

RESUMABLE_SECONDS = 6 * 60 * 60
"""Seconds for which an unfinished landing can be resumed, so that no sync publishes what Clever showed the day before."""


class Landing:
    """The folder of all landings."""

    def __init__(self, folder: Path, files: Files = PLAIN) -> None:
        self.folder = folder
        self._files = files

    def stream(
        self, district_id: str, sync_id: str, read: int, stream: str, *, is_hashed: bool = False
    ) -> StreamLanding:
        """The landing of one stream in the ``read``-th read of a district within a sync; its records can be landed with hashes."""
        folder = self._sync(district_id, sync_id) / f"read-{read}"
        of_earlier_version = folder / stream
        place = of_earlier_version if of_earlier_version.is_dir() else folder
        return StreamLanding(place, stream, self._files, is_hashed=is_hashed)

    def opening(self, district_id: str, sync_id: str, read: int) -> Path:
        """The file of what was known of a district when the ``read``-th read within a sync began."""
        return self._sync(district_id, sync_id) / f"opening-{read}.json"

    def land_events(self, district_id: str, sync_id: str, record_type: str, lines: bytes) -> tuple[Path, Path]:
        """Land the records of one type that events name, in place of an earlier try's; returns their file and that of their hashes."""
        folder = self._sync(district_id, sync_id) / "events"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{record_type}.ndjson"
        hashes = file.with_suffix(INDEX)
        content, listed = with_hashes(lines)
        self._files.write(file, content)
        self._files.write(hashes, listed)
        return file, hashes

    def attempts(self, district_id: str, sync_id: str) -> int:
        """How many reads of the district this sync has begun; 0 if none."""
        folder = self._sync(district_id, sync_id)
        return len(list(folder.glob("read-*"))) if folder.is_dir() else 0

    def landed(self, district_id: str, sync_id: str) -> dict[str, LandedStream]:
        """By stream, what the last read of a district within a sync has landed; a stream without a receipt is left out."""
        last = self._sync(district_id, sync_id) / f"read-{self.attempts(district_id, sync_id)}"
        # Earlier versions gave each stream a folder.
        files = [file for pattern in (f"*-{RECEIPT}", f"*/{RECEIPT}") for file in last.glob(pattern)]
        found = {file: receipt_in(file, self._files) for file in files}
        return {
            receipt.stream: LandedStream(file, receipt, self._files)
            for file, receipt in found.items()
            if receipt is not None
        }

    def begin(self, district_id: str, sync_id: str, source: str) -> None:
        """Mark the landing of a district as unfinished; one that is resumed keeps its mark."""
        folder = self._sync(district_id, sync_id)
        with suppress(OSError):  # it is marked already, or cannot be written: then it cannot be read either
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / UNFINISHED).open("x") as mark:
                mark.write(source)

    def finish(self, district_id: str, sync_id: str) -> None:
        """Remove the mark: the sync has ended, and no other sync resumes its landing."""
        if _can_be_landed(district_id):
            (self._sync(district_id, sync_id) / UNFINISHED).unlink(missing_ok=True)

    def resume(
        self, district_id: str, sync_id: str, source: str, ended: Collection[str], requested_anew: Collection[str]
    ) -> None:
        """Make the landing that an interrupted sync left of a district that of this sync, if it can be continued.

        It can if it was read from the same source within the last RESUMABLE_FOR seconds. The streams that verify the others are
        ``requested_anew``: a roster that has changed since then is found like one that changes during a read, because /users
        and the role views disagree, and the district is read again. ``ended`` are syncs that were recorded: one that was
        killed just afterwards has left its mark.
        """
        if not _can_be_landed(district_id) or self._sync(district_id, sync_id).exists():
            return
        marks = {
            mark: mark.stat().st_mtime
            for mark in (self.folder / district_id).glob(f"*/{UNFINISHED}")
            if mark.parent.name not in ended and mark.read_text() == source
        }
        youngest = max(marks, key=lambda mark: marks[mark], default=None)
        if youngest is not None and 0 <= time.time() - marks[youngest] <= RESUMABLE_SECONDS:
            self.move(district_id, youngest.parent.name, sync_id)
            for name in requested_anew:
                for file in self._sync(district_id, sync_id).glob(f"read-*/{name}-*"):
                    file.unlink()
                for folder in self._sync(district_id, sync_id).glob(f"read-*/{name}"):
                    shutil.rmtree(folder)  # of an earlier version

    def move(self, district_id: str, sync_id: str, to_sync_id: str) -> None:
        """Call the landing of one sync that of another, which has applied it."""
        self._sync(district_id, sync_id).replace(self._sync(district_id, to_sync_id))

    def keep(self, district_id: str, sync_ids: Collection[str]) -> None:
        """Remove every landing of the district but those of the named syncs."""
        if _can_be_landed(district_id):
            for folder in (self.folder / district_id).glob("*"):
                if folder.name not in sync_ids:
                    shutil.rmtree(folder, ignore_errors=True)

    def rekey(self, former: Sequence[Files]) -> int:
        """Keep every file as this landing keeps files, whichever of some former ways it was kept in; gives how many were changed.

        A file that can be read in none of these ways is removed: the next sync reads it again.
        """
        changed = 0
        for file in sorted(self.folder.rglob("*")):
            if file.suffix == ".partial":  # of a process that was killed
                file.unlink(missing_ok=True)
            if file.suffix not in {".ndjson", INDEX} and not file.name.endswith(RECEIPT):
                continue
            with suppress(UndecryptableError):
                self._files.read(file)
                continue
            content = _content(file, former)
            changed += 1
            if content is None:
                file.unlink()
            else:
                self._files.write(file, content)
        return changed

    def forget(self, district_id: str, sync_id: str) -> None:
        """Remove what one sync landed of a district, and leave all else."""
        if _can_be_landed(district_id):
            shutil.rmtree(self._sync(district_id, sync_id), ignore_errors=True)
            with suppress(OSError):  # other syncs have landed something there
                (self.folder / district_id).rmdir()

    def _sync(self, district_id: str, sync_id: str) -> Path:
        if not _can_be_landed(district_id):
            raise ValueError("A district id of other characters than letters, digits, - and _ cannot be landed.")
        return self.folder / district_id / sync_id


def _content(file: Path, ways: Sequence[Files]) -> bytes | None:
    """What a file holds that is kept in one of some ways; None if it is in none of them."""
    for files in ways:
        with suppress(UndecryptableError):
            return files.read(file)
    return None


def _can_be_landed(district_id: str) -> bool:
    """Whether an id, which is Clever's word or an option's, does not lead out of the folder."""
    return re.fullmatch(r"[0-9A-Za-z_-]+", district_id) is not None
