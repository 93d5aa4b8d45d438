"""Where landings lie and how long they are kept: ``<district>/<sync>/<read>/<feed>``, the last applied and the one under way."""

import re
import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from pipelines.landing.feed import FeedLanding, LandedFeed, receipt_in


class Landing:
    """The folder of all landings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def feed(self, district_id: str, sync_id: str, read: int, feed: str) -> FeedLanding:
        """The landing of one feed in the ``read``-th read of a district within a sync."""
        return FeedLanding(self._sync(district_id, sync_id) / f"read-{read}" / feed, feed)

    def attempts(self, district_id: str, sync_id: str) -> int:
        """How many reads of the district this sync has begun; 0 if none."""
        folder = self._sync(district_id, sync_id)
        return len(list(folder.glob("read-*"))) if folder.is_dir() else 0

    def landed(self, district_id: str, sync_id: str) -> dict[str, LandedFeed]:
        """By feed, what the last read of a district within a sync has landed; a feed without a receipt is left out."""
        last = self._sync(district_id, sync_id) / f"read-{self.attempts(district_id, sync_id)}"
        found = {folder: receipt_in(folder) for folder in last.glob("*")}
        return {folder.name: LandedFeed(folder, receipt) for folder, receipt in found.items() if receipt is not None}

    def move(self, district_id: str, sync_id: str, to_sync_id: str) -> None:
        """Call the landing of one sync that of another, which has applied it."""
        self._sync(district_id, sync_id).replace(self._sync(district_id, to_sync_id))

    def keep(self, district_id: str, sync_ids: Collection[str]) -> None:
        """Remove every landing of the district but those of the named syncs."""
        if _can_be_landed(district_id):
            for folder in (self.folder / district_id).glob("*"):
                if folder.name not in sync_ids:
                    shutil.rmtree(folder, ignore_errors=True)

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


def _can_be_landed(district_id: str) -> bool:
    """Whether an id, which is Clever's word or an option's, does not lead out of the folder."""
    return re.fullmatch(r"[0-9A-Za-z_-]+", district_id) is not None
