"""How districts are named to people: by their name and ID, wherever a sentence has the ID alone."""

import re
from collections.abc import Mapping

from pipelines.warehouse import Warehouse

_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])")
_COMMAND = re.compile(r"(`[^`]*`)")


def named(district_id: str, names: Mapping[str, str]) -> str:
    """A district for a sentence: "Maplewood Unified (60dd05805c85d78458000000)"; the ID alone if the name is not known."""
    return f"{names[district_id]} ({district_id})" if district_id in names else district_id


class DistrictNames:
    """The names of the districts in the published file; a district that Clever has not shown yet goes by its ID."""

    def __init__(self, warehouse: Warehouse) -> None:
        """Look them up."""
        self._warehouse = warehouse
        self._names: Mapping[str, str] = {}
        self.refresh()

    def refresh(self) -> None:
        """Look the names up again, because a sync has published since."""
        self._names = self._warehouse.district_names()

    def get(self, district_id: str) -> str | None:
        """The name of a district; None if it is not known."""
        return self._names.get(district_id)

    def named(self, district_id: str) -> str:
        """A district for a sentence."""
        return named(district_id, self._names)

    def in_text(self, text: str) -> str:
        """Sentences with the name before each ID of a district. What is between backticks is to be copied, and stays."""
        parts = _COMMAND.split(text)
        parts[::2] = [_ID.sub(lambda found: self.named(found[0]), part) for part in parts[::2]]
        return "".join(parts)
