"""Which waiting snapshots are alike, and which of them a person means who approves several at once."""

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pipelines.sync.limits import Exceeded
from pipelines.warehouse import HeldSnapshot, UnknownHoldError

STEP: Final = 25
"""Percent: shares up to the same multiple of it are similar."""

SHORT: Final = 12
"""Digits of a digest that are shown to be copied."""

MIN_DIGITS: Final = 6
"""Digits of a digest that are enough to name a snapshot, if no other begins with them."""


@dataclass(frozen=True, slots=True)
class Group:
    """Held snapshots that exceed the same limits by similar shares."""

    kind: Sequence[str]
    """What they would do, one phrase per limit; empty if an earlier version held them, which did not record it."""
    snapshots: Mapping[str, HeldSnapshot]
    """By district."""

    @property
    def by_role(self) -> dict[str, dict[str, int]]:
        """What all of them together would change, by role and record type."""
        total: dict[str, dict[str, int]] = {}
        for snapshot in self.snapshots.values():
            for role, counts in snapshot.by_role.items():
                sums = total.setdefault(role, dict.fromkeys(counts, 0))
                for what, count in counts.items():
                    sums[what] = sums.get(what, 0) + count
        return total


@dataclass(frozen=True, slots=True)
class Filter:
    """What waiting snapshots have in common that are approved together; what is empty or None matches every one."""

    like: Sequence[str] = ()
    """First digits of digests: snapshots of the same group as one of these."""
    districts: Sequence[str] = ()
    only: Sequence[str] = ()
    """Roles, record types, and tables of memberships: snapshots that exceed the limits of no others."""
    max_archived_percent: float | None = None
    """The largest share that may be archived of what exceeds its limit."""
    max_changed_percent: float | None = None
    """The largest share that may be updated of what exceeds its limit."""


def exceeded(snapshot: HeldSnapshot) -> list[Exceeded]:
    """The limits that a snapshot exceeds; none if an earlier version held it."""
    return [Exceeded(**each) for each in snapshot.exceeded or ()]


def kind(snapshot: HeldSnapshot) -> tuple[str, ...]:
    """What a snapshot would do, one phrase per limit that it exceeds: the same for all that are alike.

    What nothing new replaces is told apart from what comes back under another ID.
    """
    phrases = []
    for each in exceeded(snapshot):
        phrase = f"{each.of} {each.change} up to {_up_to(each.percent)}%"
        if each.change == "archived":
            phrase += f", lost up to {_up_to(_lost(snapshot, each.of))}%"
        phrases.append(phrase)
    return tuple(phrases)


def largest_loss(snapshot: HeldSnapshot) -> str:
    """The role, record type or table of memberships that loses most, with how many percent: archived and replaced by nothing new."""
    percent, of = max(((_lost(snapshot, of), of) for of in snapshot.by_role), default=(0.0, ""))
    return f"{of} {percent:.1f}%" if percent else "none"


def references(held: Mapping[str, HeldSnapshot]) -> dict[str, str]:
    """By district, how a command names its snapshot: two districts that show nothing have the same digest."""
    digests = Counter(snapshot.digest for snapshot in held.values())
    return {
        district_id: snapshot.digest[:SHORT]
        if digests[snapshot.digest] == 1
        else f"{district_id} --digest {snapshot.digest[:SHORT]}"
        for district_id, snapshot in held.items()
    }


def _lost(snapshot: HeldSnapshot, of: str) -> float:
    """How many percent are archived and replaced by nothing new."""
    counts = snapshot.by_role[of]
    lost = max(0, counts["archived"] - counts["added"] - counts["restored"])
    return lost * 100 / counts["before"] if counts["before"] else 0.0


def _up_to(percent: float) -> int:
    return min(100, max(STEP, STEP * math.ceil(percent / STEP)))


def groups(held: Mapping[str, HeldSnapshot]) -> list[Group]:
    """The waiting snapshots in groups that are alike, the largest first; one of an earlier version is a group of its own."""
    found: dict[tuple[str, ...], dict[str, HeldSnapshot]] = {}
    for district_id, snapshot in sorted(held.items()):
        alike = kind(snapshot)
        found.setdefault(alike or (district_id,), {})[district_id] = snapshot
    return [
        Group(alike if next(iter(snapshots.values())).exceeded else (), snapshots)
        for alike, snapshots in sorted(found.items(), key=lambda group: (-len(group[1]), group[0]))
    ]


def select(held: Mapping[str, HeldSnapshot], chosen: Filter) -> dict[str, HeldSnapshot]:
    """By district, the waiting snapshots that a filter matches; never one of an earlier version, which is decided by itself.

    Raises:
        UnknownHoldError: a digest or a district names no waiting snapshot; or nothing matches.
    """
    kinds = {kind(snapshot) for begins in chosen.like for snapshot in _named(held, begins)}
    if unknown := [district_id for district_id in chosen.districts if district_id not in held]:
        message = f"No snapshot of district {', '.join(unknown)} waits for a decision, so nothing was changed."
        raise UnknownHoldError(message)
    found = {
        district_id: snapshot
        for district_id, snapshot in sorted(held.items())
        if snapshot.exceeded
        and (not kinds or kind(snapshot) in kinds)
        and (not chosen.districts or district_id in chosen.districts)
        and all(_is_allowed(each, chosen) for each in exceeded(snapshot))
    }
    if not found:
        message = (
            f"None of the {len(held):,} waiting snapshots matches, so nothing was changed. "
            "Run `clever-warehouse holds` to see what each exceeds."
        )
        raise UnknownHoldError(message)
    return found


def left_out(held: Mapping[str, HeldSnapshot]) -> str:
    """The sentence that names the snapshots which no filter selects, because an earlier version held them; empty if there is none."""
    found = sorted(district_id for district_id, snapshot in held.items() if not snapshot.exceeded)
    if not found:
        return ""
    return (
        f"An earlier version held the snapshots of {', '.join(found)} without recording which limits they exceed: approve or reject each "
        "individually, or sync again."
    )


def name(selected: Mapping[str, HeldSnapshot]) -> str:
    """What names a selection: a SHA-256 over its snapshots, so that no other is approved than was shown."""
    lines = sorted(f"{district_id} {snapshot.digest}\n" for district_id, snapshot in selected.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def digits(text: str) -> str:
    """The first digits of a digest, as digests are written.

    Raises:
        UnknownHoldError: they are too few to name a snapshot.
    """
    begins = text.strip().lower()
    if len(begins) < MIN_DIGITS:
        message = f"'{begins}' is too short: give at least {MIN_DIGITS} digits of the digest. Nothing was changed."
        raise UnknownHoldError(message)
    return begins


def _is_allowed(each: Exceeded, chosen: Filter) -> bool:
    most = chosen.max_archived_percent if each.change == "archived" else chosen.max_changed_percent
    return (not chosen.only or each.of in chosen.only) and (most is None or each.percent <= most)


def _named(held: Mapping[str, HeldSnapshot], begins: str) -> list[HeldSnapshot]:
    """The snapshots with the digest that begins so: several if several districts show the same."""
    begins = digits(begins)
    found = [snapshot for snapshot in held.values() if snapshot.digest.startswith(begins)]
    if len({snapshot.digest for snapshot in found}) != 1:
        what = "Several digests of waiting snapshots begin" if found else "No digest of a waiting snapshot begins"
        message = f"{what} with {begins}, so nothing was changed. Run `clever-warehouse holds` to see those that wait."
        raise UnknownHoldError(message)
    return found
