"""To whom the parts of a district report that they change."""

from collections.abc import Sequence
from typing import Protocol


class Watcher(Protocol):
    """Compares what is shown before and after each change."""

    def before(self, stream: str, record_id: str) -> None:
        """Note that a record is about to change, to come, or to go."""

    def before_all(self, streams: Sequence[str]) -> None:
        """Note that any records of these lists are about to change."""

    def after(self) -> None:
        """Note that the change is complete."""
