"""Our app at Clever: the client, and the districts that have authorized the app, listed once."""

from collections.abc import Collection
from functools import cached_property
from typing import Final

from pipelines.clever import STREAMS, USERS, Clever, CleverError, Districts, Stream
from pipelines.records import CATALOG

DEFAULT_RECORDS: Final = tuple(declared.name for declared in CATALOG.streams if declared.is_default)
"""The record types that are read unless others are asked for."""


def streams_of(records: Collection[str]) -> tuple[Stream, ...]:
    """The lists that are read for some types of records, in the order of the catalog.

    Users are always among them, and with lists of single records also these records.

    Raises:
        ValueError: a name is not that of a record type.
    """
    known = [declared.name for declared in CATALOG.streams]
    if unknown := sorted(set(records).difference(known)):
        raise ValueError(f"{unknown[0]} is not a record type; these are: {', '.join(known)}")
    needed = {CATALOG.stream(name).per for name in records}
    return tuple(stream for stream in STREAMS if stream.record_type in {*records, *needed, USERS.name})


class CleverApp:
    """The client, what it reads and what it found; every use of one object sees the same districts."""

    def __init__(self, clever: Clever, records: Collection[str] = DEFAULT_RECORDS) -> None:
        """Read some types of records.

        Raises:
            ValueError: a name is not that of a record type.
        """
        self.clever = clever
        self.streams = streams_of(records)
        """The lists that are read, in the order of the catalog."""

    @property
    def districts(self) -> Districts:
        """The connected districts, as listed at the first access.

        Raises:
            CleverError: the districts could not be listed; the same error each time.
        """
        found = self._found
        if isinstance(found, CleverError):
            raise found
        return found

    @cached_property
    def _found(self) -> Districts | CleverError:
        try:
            return self.clever.districts()
        except CleverError as error:
            return error
