"""Our app at Clever: the client, and the districts that have authorized the app, listed once."""

from functools import cached_property

from pipelines.clever import Clever, CleverError, Districts


class CleverApp:
    """The client and what it found; every use of one object sees the same districts."""

    def __init__(self, clever: Clever) -> None:
        self.clever = clever

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
