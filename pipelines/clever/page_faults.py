"""Which record of a page is at fault: looked for only after a page was refused, because it takes longer than reading.

Nothing here recurses, so a record may be nested as deeply as it likes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_STRING: Final = rb'"(?:[^"\\]++|\\.)*+"'
_TOKEN: Final = re.compile(rb"[\s,:]*+(" + _STRING + rb'|[\[\]{}]|[^\s"\[\]{},:]++)', re.DOTALL)
_BRACKET: Final = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+([\[\]{}])", re.DOTALL)

_OPENING: Final = frozenset({b"{", b"["})
_CLOSING: Final = frozenset({b"}", b"]"})

DEEPEST: Final = 300
"""Levels of a record that are kept; the libraries that read it take more, but none says how many."""

AROUND_A_RECORD: Final = 3
"""Levels of a page around each record: {"data": [{"data": record}]}."""

_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
"""An id that may be shown. Any other text in its place may be personal data."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a page."""

    number: int
    """Position on the page, from 1."""
    record: bytes | None
    """The item's record; None if its `data` is missing or no object."""
    levels: int
    """How deeply the record is nested; 1 if its fields hold plain values only."""

    @property
    def name(self) -> str:
        """How a message names the record: by its id, or by its position if it has none that can be shown."""
        ids = (value[1:-1].decode(errors="replace") for key, value, _ in _values(self.record or b"") if key == b'"id"')
        return next(
            (f"record {text}" for text in ids if _ID.fullmatch(text)), f"record number {self.number} of the page"
        )


def items(body: bytes | bytearray) -> Iterator[Item]:
    """Yield the items of a page in order. The body must be JSON."""
    for page_key, listed, _ in _values(body):
        if page_key == b'"data"' and listed.startswith(b"["):
            for number, (_, item, _) in enumerate(_values(listed), start=1):
                yield next(
                    (
                        Item(number, record, levels)
                        for key, record, levels in _values(item)
                        if key == b'"data"' and record.startswith(b"{")
                    ),
                    Item(number, None, 0),
                )


def without_depths(body: bytes | bytearray) -> bytearray:
    """Return a page with null for what is nested more than DEEPEST levels deep in its records. The body must be JSON."""
    kept = bytearray()
    copied = depth = 0
    cut_at: int | None = None
    for bracket in _BRACKET.finditer(body):
        if bracket[1] in _OPENING:
            depth += 1
            if depth > AROUND_A_RECORD + DEEPEST and cut_at is None:
                cut_at = depth
                kept += body[copied : bracket.start(1)] + b"null"
        else:
            if depth == cut_at:
                cut_at, copied = None, bracket.end()
            depth -= 1
    return kept + body[copied:]


def _values(container: bytes | bytearray) -> Iterator[tuple[bytes | None, bytes, int]]:
    """Yield key (None in a list), text and levels of each value of an object or list; nothing of another value."""
    first = _TOKEN.match(container)
    if first is None or first[1] not in _OPENING:
        return
    end = first.end()
    while (token := _TOKEN.match(container, end)) and token[1] not in _CLOSING:
        key = None
        if first[1] == b"{":
            key, token = token[1], _TOKEN.match(container, token.end())
            if token is None:
                return
        start, end, levels = token.start(1), token.end(), 0
        if token[1] in _OPENING:
            end, levels = _end(container, start)
        yield key, bytes(container[start:end]), levels


def _end(body: bytes | bytearray, start: int) -> tuple[int, int]:
    """Return where the object or list that begins at an offset ends, and how many levels it has."""
    depth = levels = 0
    for bracket in _BRACKET.finditer(body, start):
        depth += 1 if bracket[1] in _OPENING else -1
        levels = max(levels, depth)
        if depth == 0:
            return bracket.end(), levels
    raise ValueError("a body that is not JSON has no values")
