"""What a page of records holds, without making an object of each record.

A page is {"data": [{"data": record, ...}, ...], "links": [{"rel": ..., "uri": ...}, ...]}. The records leave it as the
bytes that Clever sent, one a line; or nothing of them but their ids and districts.
"""

import codecs
import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import msgspec
import xxhash

from pipelines.clever.page_faults import DEEPEST, items, without_depths

_OPENING_BRACE = ord("{")
_CHUNK_BYTES = 65_536

LINES_FORM = 1
"""Increase this when the same body leads to other lines: lines of earlier versions are then not reused."""

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
"""Any escape of a JSON text; `half` if it is a surrogate, which means a character only together with another one."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one page."""

    lines: bytes
    """Each record on one line of JSON, ended by a newline: its bytes as Clever sent them, raw line breaks replaced by
    blanks; or only its id and its district."""
    count: int
    first_id: str | None
    """None on an empty page, like `last_id`."""
    last_id: str | None
    next_uris: tuple[str, ...]
    """The links with rel=next, without duplicates."""
    repaired: tuple[str, ...] = ()
    """Ids of the whole records in which half a surrogate pair was replaced by U+FFFD."""


class CutOffError(Exception):
    """The bytes are not JSON to their end: probably cut off on the way, so the page is worth asking for again."""


class ShapeError(Exception):
    """The bytes are JSON, but not of a page of records; the text says where, without any of the content."""


class TooDeepError(ShapeError):
    """The bytes are nested more deeply than can be read."""


class RecordError(ShapeError):
    """One record of a page cannot be used; the text says which and why, without any of its content but its id."""


class _Whole(msgspec.Struct, gc=False):
    data: msgspec.Raw


class _Ids(msgspec.Struct, gc=False):
    id: str | None = None
    district: str | None = None


class _OnlyIds(msgspec.Struct, gc=False):
    data: _Ids


class Link(msgspec.Struct, gc=False):
    """What a page leads to."""

    rel: str | None = None
    uri: str | None = None


class _Page(msgspec.Struct, Generic[T], gc=False):
    data: list[T]
    links: list[Link] | None = None


class _Identified(msgspec.Struct, gc=False):
    id: str


_page = msgspec.json.Decoder(_Page[_Whole])
_page_of_ids = msgspec.json.Decoder(_Page[_OnlyIds])
_ids = msgspec.json.Decoder(_Ids)
_identified = msgspec.json.Decoder(_Identified)
_lines = msgspec.json.Encoder()


def ids_and_districts(lines: bytes) -> list[tuple[str | None, str | None]]:
    """The ID and the district of each record of a page that was read for nothing else."""
    return [(record.id, record.district) for record in map(_ids.decode, lines.split(b"\n")[:-1])]


def list_record(record_id: str, district_id: str, name: str, items: Collection[str]) -> bytes:
    """The line of a record that is nothing but a list of IDs under a name."""
    return _lines.encode({"id": record_id, "district": district_id, name: items}) + b"\n"


def body_digest(body: bytes | bytearray) -> str:
    """What a body is known by: 128 bits of xxHash, which costs a fraction of parsing. No secret, and no proof against malice."""
    return xxhash.xxh3_128_hexdigest(body, seed=LINES_FORM)


def read_records(body: bytearray, *, only_ids: bool = False) -> Records:
    """Split a page's body into its records. Raises CutOffError, ShapeError, or RecordError if one record is at fault.

    Of whole records only the first and the last are looked into, for their ids; the others are checked when they are
    loaded. Half a surrogate pair, which is legal in JSON but is no text, is replaced. What is nested too deeply in a record is null.
    """
    try:
        return _split(body, only_ids=only_ids)
    except CutOffError:
        whole = _without_halves(body)
        if whole is None:
            raise
    except RecordError:
        raise
    except TooDeepError:
        if max((item.levels for item in items(body)), default=0) <= DEEPEST:
            raise
        return read_records(without_depths(body), only_ids=only_ids)
    except ShapeError as error:
        fault = _fault_of_a_record(body) or error
        raise fault from None
    records = read_records(whole, only_ids=only_ids)
    return records if only_ids else replace(records, repaired=_changed(body, whole, records.lines))


def _without_halves(body: bytearray) -> bytearray | None:
    """Return the body with U+FFFD for each half of a surrogate pair, as long as it was; None if it has no such half."""
    whole, _ = _ESCAPE.subn(lambda escape: rb"\ufffd" if escape["half"] else escape[0], body)
    return None if whole == body else bytearray(whole)


def _changed(before: bytearray, after: bytearray, lines: bytes) -> tuple[str, ...]:
    """Return the ids of the records, one per line, that differ in two bodies of the same length."""
    before, after = _on_one_line(before), _on_one_line(after)
    ids = []
    end = 0
    for line in lines[:-1].split(b"\n"):
        start = after.index(line, end)
        end = start + len(line)
        if before[start:end] != line:
            with suppress(ShapeError):  # a record without an id fails its district when it is loaded
                ids.append(decode(_identified, line).id)
    return tuple(ids)


def _on_one_line(body: bytearray) -> bytearray:
    # A raw line break is white space in JSON: inside a string it is always written as an escape.
    return body.replace(b"\n", b" ").replace(b"\r", b" ") if b"\n" in body or b"\r" in body else body


def _split(body: bytearray, *, only_ids: bool) -> Records:
    if only_ids:
        some = decode(_page_of_ids, body)
        return _records(some.links, _lines.encode_lines([item.data for item in some.data]), len(some.data))
    if not _is_utf8(body):
        raise CutOffError
    page = decode(_page, _on_one_line(body))
    raws = [item.data for item in page.data]
    if raws and {memoryview(raw)[0] for raw in raws} != {_OPENING_BRACE}:
        raise ShapeError("the `data` of an item is not an object")
    return _records(page.links, b"\n".join([*raws, b""]), len(raws))


def _fault_of_a_record(body: bytearray) -> RecordError | None:
    """Find the record for which a page was refused; None if it was not for a record."""
    for item in items(body):
        if item.record is None:
            return RecordError(f"the `data` of {item.name} is missing or not an object")
        try:
            decode(_ids, item.record)
        except ShapeError as error:
            return RecordError(f"`{str(error).rpartition('`$.')[2]} of {item.name} is not text")
    return None


def _records(links: Collection[Link] | None, lines: bytes, count: int) -> Records:
    return Records(
        lines=lines,
        count=count,
        first_id=_id(lines[: lines.index(b"\n")], 1) if count else None,
        last_id=_id(lines[lines.rfind(b"\n", 0, -1) + 1 :], count) if count else None,
        next_uris=next_uris(links or ()),
    )


def next_uris(links: Collection[Link]) -> tuple[str, ...]:
    """Return the links with rel=next, without duplicates. Raises ShapeError if one has no address."""
    uris = [link.uri for link in links if link.rel == "next"]
    if not all(uris):
        raise ShapeError("a next link has no `uri`")
    return tuple(dict.fromkeys(uri for uri in uris if uri))


def decode(decoder: msgspec.json.Decoder[T], body: bytes | bytearray) -> T:
    """Decode JSON of a known shape. Raises CutOffError or ShapeError, whose texts hold nothing of the body."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        # Names types and places, such as "Expected `array`, got `null` - at `$.data`", and no values.
        raise ShapeError(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise CutOffError from None
    except RecursionError:
        raise TooDeepError("it is nested too deeply to read") from None


def decode_repaired(decoder: msgspec.json.Decoder[T], body: bytearray) -> T:
    """Decode JSON of a known shape; half a surrogate pair is read as U+FFFD. Raises CutOffError or ShapeError."""
    try:
        return decode(decoder, body)
    except CutOffError:
        whole = _without_halves(body)
        if whole is None:
            raise
    return decode(decoder, whole)


def _id(record: bytes, number: int) -> str:
    try:
        found = decode(_identified, record).id
    except ShapeError:
        found = ""
    if not found:
        raise RecordError(f"record number {number} of the page has no id that is text")
    return found


def _is_utf8(body: bytearray) -> bool:
    # Piece by piece, because one string of the whole body would cost more than all else that is done to a page. The
    # response is given as a value, because the error of the codec carries the bytes with it. A character that is cut off
    # at the very end is left to the JSON decoder.
    if body.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(body)
    try:
        for start in range(0, len(view), _CHUNK_BYTES):
            decoder.decode(view[start : start + _CHUNK_BYTES])
    except UnicodeDecodeError:
        return False
    return True
