"""What this package takes for granted about Clever: every fact that its code relies on, with the source it comes from.

"Inferred" marks what no public source of Clever says outright: look here first when a real district answers
differently. Facts that are a number or a word are constants; the others are ways of working. `clever-warehouse doctor`
checks each of them, or says why it cannot be checked (pipelines/operations/doctor/).
"""

from collections.abc import Mapping
from typing import Final

WAYS_OF_WORKING: Final[Mapping[str, str]] = {
    "ENVELOPE": (
        'A list is {"data": [{"data": record, ...}, ...], "links": [{"rel", "uri"}, ...]}, keys in any order; unknown keys are '
        "ignored (envelopes.py). Clever docs: OpenAPI file v3.0; the `uri` next to `data` is observed only."
    ),
    "NO_LINKS": (
        "A list without `links` has no next page, like one whose links hold no next (envelopes.py). Inferred: the specification "
        "marks nothing as required."
    ),
    "NEXT_LINK": (
        "A next link is a path that begins with the API version; its cursor stays as Clever made it (links.py). Clever docs: "
        "Pagination and Response Limits."
    ),
    "OTHER_LIMIT": (
        "Another `limit` in a next link changes the size of that page and nothing else; used to ask for less after 413 or timeouts "
        "(links.py). Inferred: paging goes by ID, not by offset."
    ),
    "OWN_RECORDS": (
        "A token reaches the records of its own district only (sync/reading.py). Clever docs: Clever API Overview."
    ),
    "ROLE_FILTER": (
        "`/users?role=` lists every user who holds the role, and no other; used to verify `/users` (streams.py). Clever docs: "
        "Initializing and Syncing Data."
    ),
    "REPLACED_TOKEN": (
        "A district's token may be replaced while it is held: after a 401 it is fetched once more by the district's ID, and the "
        "request is made once more (client.py). Inferred: Clever resets leaked tokens (Clever docs: Security), and states no expiry."
    ),
    "NEWEST_TOKEN": (
        "Of two tokens of one district, the one with the later `created` is in force (districts.py). Inferred: a token is made each "
        "time a district authorizes the app (Clever docs: Clever API Overview)."
    ),
    "UNCHANGED_WITHOUT_EVENTS": (
        "As long as the newest event of a district is the same, none of its records has changed (sync/bracket.py). Inferred: Clever "
        "documents no event for attendance, the links of resources, and its LMS fields, and says nothing of how late an event may come. "
        "The links of resources are therefore read twice."
    ),
    "LIST_PER_RECORD": (
        "A list that each record of another list has is shared or not as a whole; 403 or 404 for some of them means that these records "
        "are gone (client.py). Inferred: scopes are those of an endpoint, and 404 is documented for what was deleted."
    ),
    "EVENTS_AFTER_ID": (
        "Events after an ID are all events that came later, each with the whole record (sync/events.py). Clever docs: Updating Data "
        "with Events; what a merge or split of users tells is not documented."
    ),
}
"""Facts that are no number or word, by name."""

PAGE_LIMIT: Final = 10_000
"""Records requested per page; Clever refuses more with 413. Used for every first request.
Clever docs: API Responses and Error Messages; Pagination and Response Limits."""

EVENTS_PAGE_LIMIT: Final = 1_000
"""Events requested per page. Inferred: the general limit is 10,000, and one public client holds 1,000 for the limit of events."""

NEWEST: Final = "ending_before=last&limit=1"
"""The query that asks for the last record of a list. Inferred: three public clients ask for the newest event so; no specification of
Clever has it."""

MIN_PAGE_LIMIT: Final = 100
"""Where halving a page's limit ends. Inferred: 100 is what Clever's engineers name as the default, so it cannot be too
large."""

MAX_CONSECUTIVE_EMPTY_PAGES: Final = 100
"""More empty pages than this in a row, each with yet another next link, are no chain that ends. Inferred: the
documentation knows empty pages only behind the last record."""

REQUESTS_PER_MINUTE: Final = 1200
"""Requests that one token may make in a minute. Clever docs: Responses & Errors."""

RATE_LIMIT_SECONDS: Final = 60.0
"""Seconds after which the allowance is complete again. A fixed window, whose beginning is not known: so no 60 seconds,
wherever they begin, may hold more requests than the allowance. Clever docs: Responses & Errors."""

REMAINING_HEADER: Final = "X-RateLimit-Remaining"
"""Requests left in the window under way. Clever docs: Responses & Errors."""

RESET_HEADER: Final = "X-RateLimit-Reset"
"""When the window ends, as a Unix time in seconds, by the clock of the response's Date header. Clever docs: Responses &
Errors; which clock is inferred."""

MAX_RESET_SECONDS: Final = 90.0
"""Seconds from the response; a later reset cannot be the end of a minute and is ignored. Inferred from the window of
a minute, and half as much again for clocks that differ."""

RETRIED_STATUSES: Final = frozenset({500, 502, 503, 504})
"""Failures of Clever that may pass. Clever docs: Responses & Errors; 504 is inferred (load balancers send it)."""

TOO_MANY_REQUESTS: Final = 429
"""The status over the allowance; its body is empty. Clever docs: Responses & Errors."""

TOO_LARGE: Final = 413
"""The status for a limit over the maximum. Clever docs: API Responses and Error Messages."""

UNSHARED_STATUSES: Final = frozenset({403, 404})
"""Statuses of a list when the app lacks Secure Sync or the scope of the list, or the district shares nothing of it. 404:
Clever docs, Responses & Errors ("not available: wrong token, unshared, or deleted"); 403 is inferred."""

WITHDRAWN_STATUSES: Final = frozenset({404, 410})
"""Statuses of a list of an old API version once Clever no longer serves it. Inferred: v2.1's contacts are deprecated
since 31 July 2025 (Clever docs: Concept Guide), and no page says how they respond then."""

TOKENS_PATH: Final = "/oauth/tokens"
"""Where the app's tokens are listed, on the OAuth host, with the client id and secret as Basic auth. Clever docs: Build
a District Roster Sync; Onboarding Districts."""

OWNER_TYPE: Final = "district"
"""The only owner type that can be listed; a token of any other owner is ignored. Clever docs: reference of
/oauth/tokens."""

DISTRICTS_PATH: Final = "/districts"
"""Shows the token's own district, also without Secure Sync. Clever docs: Clever API Overview."""
