"""Which counts of people are shown: none of 1 to 4, and none from which one of 1 to 4 could be computed."""

from collections.abc import Collection, Sequence

SMALL = 5
"""The smallest number of people that is shown."""

WITHHELD = "*"
"""What is shown in place of a larger count, because a small one could be computed from it."""

_MARGIN = SMALL - 2
"""By how much hidden counts must be able to vary, so that each small one may be any of 1 to 4."""


def shown(count: int) -> str:
    """A number of people as the report shows it."""
    return f"<{SMALL}" if 0 < count < SMALL else f"{count:,}"


def hidden(counts: Sequence[int], others: Collection[int] = ()) -> set[int] | None:
    """Which counts of a line to hide if their sum is known, by position.

    These are the small ones and ``others``, and the smallest further one that is needed so that each small count may be any of 1 to 4
    for a reader who knows the sum, that a small count is at least 1 and at most 4, and that any other hidden one is at least 5.

    Returns None if hiding is not enough: the sum must not be known either.
    """
    chosen = {number for number, count in enumerate(counts) if 0 < count < SMALL}.union(others)
    if not chosen:
        return chosen
    small = [counts[number] for number in chosen if counts[number] < SMALL]
    large = [counts[number] for number in chosen if counts[number] >= SMALL]
    # The hidden counts together exceed the least they can be by `above`; without a large one they are `below` the most they can be.
    above = sum(small) - len(small) + sum(large) - SMALL * len(large)
    below = (SMALL - 1) * len(small) - sum(small)
    if len(chosen) > 1 and above >= _MARGIN and (large or below >= _MARGIN):
        return chosen
    needed = SMALL + max(0, _MARGIN - above)
    further = [number for number, count in enumerate(counts) if number not in chosen and count >= needed]
    return chosen | {min(further, key=lambda number: counts[number])} if further else None
