"""Where landings lie and how long they are kept: ``<district>/<sync>/<read>/<feed>``, the last applied and the one under way."""

import shutil
from collections.abc import Collection
from pathlib import Path

from pipelines.landing.feed import FeedLanding


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

    def move(self, district_id: str, sync_id: str, to_sync_id: str) -> None:
        """Call the landing of one sync that of another, which has applied it."""
        self._sync(district_id, sync_id).replace(self._sync(district_id, to_sync_id))

    def keep(self, district_id: str, sync_ids: Collection[str]) -> None:
        """Remove every landing of the district but those of the named syncs."""
        for folder in (self.folder / district_id).glob("*"):
            if folder.name not in sync_ids:
                shutil.rmtree(folder, ignore_errors=True)

    def _sync(self, district_id: str, sync_id: str) -> Path:
        return self.folder / district_id / sync_id
