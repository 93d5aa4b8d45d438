"""How records become the bytes of a page: the envelope, its links, and the many ways of writing the same JSON."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pipelines.sandbox.people import Record

Link = tuple[str, str]
"""What a link leads to (self, next, prev) and its relative address."""

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Rendering:
    """A way of writing JSON; each is the same to a reader of JSON."""

    indent: bool = False
    """Spread over lines, with white space around every token."""

    escape: bool = False
    r"""Write every character outside ASCII as \uXXXX, and / as \/."""

    reorder: bool = False
    """Shuffle the keys of every object (Clever docs: field order is not fixed)."""

    links_first: bool = False
    """Write links before data."""

    @property
    def is_plain(self) -> bool:
        """Whether a page is simply its records put together."""
        return self == Rendering()

    def write(self, value: Record) -> bytes:
        """Write a page or another answer."""
        if self.links_first and "data" in value:
            value = {"links": value.get("links"), "data": value["data"]}
        if self.is_plain:
            return encode(value)
        if self.reorder:
            value = _shuffled(value, random.Random(0))
        text = json.dumps(
            value,
            ensure_ascii=self.escape,
            indent=4 if self.indent else None,
            separators=None if self.indent else (",", ":"),
        )
        return (text.replace("/", "\\/") if self.escape else text).encode()


def item_bytes(version: str, stream: str, record: Record) -> bytes:
    """Write one element of a list: the record below `data`, and its own address."""
    return b'{"data":' + encode(record) + f',"uri":"/{version}/{stream}/{record["id"]}"}}'.encode()


def record_of(item: bytes) -> Record:
    """Read the record back from an element of a list."""
    record: Record = decode(item)["data"]
    return record


def page_bytes(items: Sequence[bytes], links: Sequence[Link]) -> bytes:
    """Put written items together into a page."""
    written = encode([{"rel": rel, "uri": uri} for rel, uri in links])
    return b"".join((b'{"data":[', b",".join(items), b'],"links":', written, b"}"))


def _shuffled(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        rng.shuffle(keys)
        return {key: _shuffled(value[key], rng) for key in keys}
    if isinstance(value, list):
        return [_shuffled(element, rng) for element in value]
    return value
