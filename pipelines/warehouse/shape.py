"""What is wrong with a record of API v2.1 whose fields are not of the expected types: checked only after DuckDB refused one.

DuckDB refuses a text where an object must be, and its message quotes the record. It makes text of a list where text must be.
"""

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pipelines.encryption import PLAIN, Files

Text = Literal["id", "text"]
"""What a field may hold that is neither object nor list:

- id: text; also of instants.
- text: text, or a whole number or boolean, which is kept as exactly the text that Clever sent.
"""

Shape = Text | list["Shape"] | dict[str, "Shape"]
"""What a value must hold: an object of named fields (others may be there), a list of items, or a text."""

LARGEST: Final = 16 << 20
"""Bytes that DuckDB reads of one record at the most."""

_WHOLE_NUMBERS: Final = range(-(1 << 63), 1 << 64)
"""Numbers that DuckDB keeps exactly."""

_SHOWN_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
"""An id that may be shown. Any other text in its place may be personal data."""


class _Object(list[tuple[str, Any]]):
    """The fields of a JSON object, one that occurs twice included."""


def fault(pages: Iterable[Path], shape: Mapping[str, Shape], files: Files = PLAIN) -> str | None:
    """Return a sentence about the first record of another shape in landed pages, and how many there are; None if there is none."""
    first = None
    count = 0
    for page, file in enumerate(pages, start=1):
        for number, line in enumerate(io.BytesIO(files.read(file)), start=1):
            found = _fault_of(line, dict(shape))
            if found is not None:
                count += 1
                first = first or f"{_name(line, number, page)} cannot be loaded: {found}"
    if first is None:
        return None
    more = f", nor can {count - 1:,} more" if count > 1 else ""
    return f"{first}{more}. Report this to Clever: until it is fixed, the data of this district stays as it is."


def _fault_of(line: bytes, shape: dict[str, Shape]) -> str | None:
    if len(line) > LARGEST:
        return f"it holds {len(line) / (1 << 20):,.0f} MB, and {LARGEST >> 20} MB are the most"
    try:
        record = json.loads(line, object_pairs_hook=_Object)
    except (ValueError, RecursionError):
        return None
    if not dict(record).get("id"):
        return "it has no `id`"
    return next(_faults(record, shape, ""), None)


def _faults(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """Yield what is wrong with a value: where, what is there and what must be, never the value."""
    expected = "an object" if isinstance(shape, dict) else "a list" if isinstance(shape, list) else "text"
    if value is None:
        return
    if _kind(value) != expected:
        if not (shape == "text" and isinstance(value, int) and value in _WHOLE_NUMBERS):
            yield f"`{path}` holds {_kind(value)} instead of {expected}"
    elif isinstance(shape, dict):
        names = [name for name, _ in value]
        for name, inner in value:
            at = f"{path}.{name}".removeprefix(".")
            if name in shape and names.count(name) > 1:
                yield f"`{at}` occurs more than once"
            elif name in shape:
                yield from _faults(inner, shape[name], at)
    elif isinstance(shape, list):
        for item in value:
            yield from _faults(item, shape[0], f"{path}[]")


def _kind(value: Any) -> str:
    match value:
        case _Object():
            return "an object"
        case list():
            return "a list"
        case str():
            return "text"
        case bool():
            return "a boolean"
        case int():
            return "a number"
        case _:
            return "a number with a fraction or exponent"


def _name(line: bytes, number: int, page: int) -> str:
    """Return how a message names a record: by its id, or by its position if it has none that can be shown."""
    try:
        record_id = json.loads(line).get("id")
    except (ValueError, RecursionError):
        record_id = None
    if isinstance(record_id, str) and _SHOWN_ID.fullmatch(record_id):
        return f"record {record_id}"
    return f"record number {number} of page {page}"
