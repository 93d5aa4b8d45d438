"""Which assumptions about Clever cannot be checked by reading, and why."""

from collections.abc import Mapping
from typing import Final

UNCHECKABLE: Final[Mapping[str, str]] = {
    "REPLACED_TOKEN": "a token would have to be replaced, which is not read-only. A sync that meets a 401 fetches the token once more.",
    "UNCHANGED_WITHOUT_EVENTS": (
        "a record would have to change. `sync.events` counts what events have missed, and `sync.findings` lists it."
    ),
    "LIST_PER_RECORD": "a record would have to disappear while its list is read. A sync in which that happens reads the district again.",
    "RETRIED_STATUSES": "Clever would have to fail. A sync reports each wait with the status that it got.",
    "TOO_MANY_REQUESTS": "the allowance of a minute would have to be used up, which other programs with the same token need.",
}
"""Why, by the name of the assumption in pipelines/clever/assumptions.py."""
