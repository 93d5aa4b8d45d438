"""Faults of the sandbox: which requests they affect, and how.

Each fault is one that a client of Clever meets or must survive: the documented error codes (Clever docs: API Responses
and Error Messages), HTML on an unexpected path, broken connections, and lists that are not what they seem.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pipelines.sandbox.people import Record

ANY = "any"
"""Every role and no role."""

NO_ROLE = "none"
"""A request without a role, such as the bare /users."""


@dataclass(frozen=True, slots=True)
class Status:
    """Answer with a status and Clever's JSON message; a 429 has an empty body and a reset header."""

    code: int
    reset_after: float = 1.0
    """For 429: seconds from now that X-RateLimit-Reset names (rounded up to a whole second)."""


@dataclass(frozen=True, slots=True)
class Html:
    """Answer with a page of HTML and status 200, as a gateway or a login page would."""


@dataclass(frozen=True, slots=True)
class Garbled:
    """Answer 200 with the content type of JSON and a body that is not JSON."""


@dataclass(frozen=True, slots=True)
class Truncated:
    """Announce the whole body, send a share of it and close the connection."""

    share: float = 0.5


@dataclass(frozen=True, slots=True)
class Dropped:
    """Close the connection before any answer."""


@dataclass(frozen=True, slots=True)
class Slow:
    """Wait before the answer."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Let something happen at Clever before the answer is made, such as a person leaving between two pages."""

    change: Callable[[], object]


@dataclass(frozen=True, slots=True)
class CutChain:
    """Show the page without a next link, though records follow."""


@dataclass(frozen=True, slots=True)
class LoopingNext:
    """Let the next link lead to the same page again."""


@dataclass(frozen=True, slots=True)
class RepeatedRecord:
    """Show the first record of the list once more at the end of the page."""


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """Let the first record of the page belong to another district."""

    district_id: str = "ffffffffffffffffffffffff"


@dataclass(frozen=True, slots=True)
class WithoutId:
    """Leave the id out of the first record of the page."""


@dataclass(frozen=True, slots=True)
class WithoutData:
    """Leave `data` out of the envelope."""


@dataclass(frozen=True, slots=True)
class NullData:
    """Show null for `data` in the envelope."""


@dataclass(frozen=True, slots=True)
class ItemWithoutData:
    """Leave `data` out of the first element of the page."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Leave the first records of the page out: a role view then disagrees with /users."""

    records: int = 1


@dataclass(frozen=True, slots=True)
class Altered:
    """Change the decoded page in any way: the function gets the envelope and gives another."""

    change: Callable[[Record], Record]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Change the bytes of the answer in any way, for JSON that no encoder writes."""

    change: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Headers:
    """Send headers with other values; None leaves one out."""

    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class CappedPage:
    """Show fewer records than the limit that was asked for, with a next link."""

    records: int


@dataclass(frozen=True, slots=True)
class IgnoredRole:
    """Show the users of all roles, whichever role was asked for."""


BeforeAnswer = Status | Html | Garbled | Dropped
"""Effects that answer in place of the sandbox."""

OnTheWay = Truncated | Slow | Meanwhile | Rewritten | Headers
"""Effects that leave the decoded content as it is."""

OnItems = RepeatedRecord | ForeignRecord | WithoutId | ItemWithoutData | Withheld
"""Effects on the records of a page that has any."""

OnEnvelope = CutChain | LoopingNext | WithoutData | NullData | Altered
"""Effects on what is around the records."""

OnRequest = CappedPage | IgnoredRole
"""Effects on how a request for a list is understood."""

Effect = BeforeAnswer | OnTheWay | OnItems | OnEnvelope | OnRequest


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What faults know of a request."""

    district_id: str | None
    version: str
    stream: str
    role: str | None = None
    page: int = 1


@dataclass(slots=True)
class Fault:
    """One effect and the requests that it strikes."""

    effect: Effect
    district: str | None = None
    """Only requests with this district's token."""
    stream: str | None = None
    """Only this list: `users`, `schools`, `districts`, ..., v2.1's `students`, or `tokens` for /oauth/tokens."""
    role: str = ANY
    """Only this role view; `none` for the list without a role."""
    page: int | None = None
    """Only this page of the chain, counted from 1 in steps of the limit."""
    after: int = 0
    """How many matching requests pass before the first is struck."""
    times: int | None = None
    """How many requests are struck; None for ever."""
    version: str | None = None
    """Only this API version, such as v3.1."""
    struck: int = field(default=0, init=False)
    """How many requests were struck so far."""
    _passed: int = field(default=0, init=False)

    def matches(self, context: RequestContext) -> bool:
        """Return whether a request is one of those meant."""
        return (
            (self.district is None or self.district == context.district_id)
            and (self.stream is None or self.stream == context.stream)
            and self.role in {ANY, context.role or NO_ROLE}
            and (self.page is None or self.page == context.page)
            and (self.version is None or self.version == context.version)
        )

    def strikes(self, context: RequestContext) -> bool:
        """Count a request, and return whether it is affected."""
        if not self.matches(context) or (self.times is not None and self.struck >= self.times):
            return False
        if self._passed < self.after:
            self._passed += 1
            return False
        self.struck += 1
        return True


class Faults:
    """The faults in force; safe to change while requests are answered."""

    def __init__(self) -> None:
        """Start without any fault."""
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Fault]:
        """Go through the faults in force."""
        with self._lock:
            return iter(list(self._faults))

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force, and give it back so that `struck` can be read."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Behave well again."""
        with self._lock:
            self._faults.clear()

    def striking(self, context: RequestContext) -> list[Effect]:
        """Return the effects on one request, in the order in which they were put in force."""
        with self._lock:
            return [fault.effect for fault in self._faults if fault.strikes(context)]


def spoil(effect: Effect, envelope: Record, first_item: Record | None, self_uri: str) -> Record:
    """Apply an effect on the content to a decoded page.

    Args:
        effect: What to do; effects of other kinds leave the page as it is.
        envelope: The page, which is changed.
        first_item: The first item of the whole list, if the list has any.
        self_uri: The relative address of this page.
    """
    if isinstance(effect, OnItems):
        items = envelope["data"]
        if items:
            envelope["data"] = _spoiled_items(effect, items, first_item)
        return envelope
    match effect:
        case CutChain():
            envelope["links"] = [link for link in envelope["links"] if link["rel"] != "next"]
        case LoopingNext():
            links = [link for link in envelope["links"] if link["rel"] != "next"]
            envelope["links"] = [*links, {"rel": "next", "uri": self_uri}]
        case WithoutData():
            del envelope["data"]
        case NullData():
            envelope["data"] = None
        case Altered(change):
            return change(envelope)
        case _:
            pass
    return envelope


def _spoiled_items(effect: OnItems, items: list[Record], first_item: Record | None) -> list[Record]:
    first, rest = items[0], items[1:]
    match effect:
        case RepeatedRecord():
            return [*items, first_item or first]
        case ForeignRecord(district_id):
            return [first | {"data": first["data"] | {"district": district_id}}, *rest]
        case WithoutId():
            return [first | {"data": {key: value for key, value in first["data"].items() if key != "id"}}, *rest]
        case ItemWithoutData():
            return [{key: value for key, value in first.items() if key != "data"}, *rest]
        case Withheld(records):
            return items[records:]
