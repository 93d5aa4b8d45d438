"""What of a record fits its columns, and what a warehouse keeps in `extra`, worked out in plain Python.

A record is parsed so that a field that occurs twice shows: its value is then `Repeated`. `fit` takes everything that no
column can hold out of an object, and puts it into an `extra`. Which fields have columns is said in user_fields.py and
school_fields.py.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tests.expected.values import Record, read_date, read_instant


class Repeated(NamedTuple):
    """The values of a field that occurs more than once in an object."""

    values: tuple[Any, ...]


EXTRA = "extra of the item"
"""The name under which an item of a list has its `extra`."""


def parse(text: str | bytes) -> Any:
    """Parse JSON; a field that occurs more than once becomes `Repeated`."""
    return json.loads(text, object_pairs_hook=_object)


def fit(sent: Record, known: "Known") -> tuple[Record, Record]:
    """Split an object, as `parse` gives it.

    Returns:
        What fits: whole numbers and booleans in place of texts are texts, and the objects in lists of objects have their
        `extra` under EXTRA. Then the `extra`, which is empty if everything fits.
    """
    extra: Record = {}
    return dict(_fitting(sent, known, extra)), extra


def is_empty(value: Any) -> bool:
    """Return whether a value is as good as none: null, or an empty text."""
    return value is None or value == ""


def canonical(value: Any) -> str | None:
    """Write JSON so that equal is equal, whatever the order of names; True is not 1 here."""
    return None if value is None else json.dumps(_sorted(value))


def as_text(value: Any) -> str | None:
    """Return what a text column keeps; None if it cannot keep the value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def as_id(value: Any) -> str | None:
    """Return what a column of Clever's IDs keeps: texts only."""
    return value if isinstance(value, str) else None


def as_boolean(value: Any) -> bool | None:
    """Return what a boolean column keeps."""
    return value if isinstance(value, bool) else None


def as_object(value: Any) -> Record | None:
    """Return what a column for a district's own fields keeps."""
    return value if isinstance(value, dict) else None


def as_date(value: Any) -> str | None:
    """Return what a date column can read."""
    text = as_text(value)
    return None if text is None or (text and read_date(text) is None) else text


def as_instant(value: Any) -> str | None:
    """Return what a column for instants can read."""
    return value if isinstance(value, str) and (not value or read_instant(value)) else None


class ListOf(NamedTuple):
    """The place of a field that holds a list."""

    item: "Callable[[Any], Any] | dict[str, Any]"


NOT_KEPT = object()
"""The place of a field that is known, and that neither a column nor an `extra` of this object keeps."""

Known = Mapping[str, Any]
"""By name, what keeps the value of a field: a function that gives None for what it cannot keep, a dict of the names of an object,
a list of one of these, or NOT_KEPT."""


def _object(pairs: list[tuple[str, Any]]) -> Record:
    found: dict[str, list[Any]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else Repeated(tuple(values)) for name, values in found.items()}


def _sorted(value: Any) -> Any:
    match value:
        case Repeated(values):
            return {"more than once": sorted(json.dumps(_sorted(each)) for each in values)}
        case dict():
            return {name: _sorted(value[name]) for name in sorted(value)}
        case list():
            return [_sorted(each) for each in value]
        case _:
            return value


def _fitting(sent: Record, known: Known, extra: Record, within: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Go through what fits of an object; the rest goes into an `extra`."""
    for name, value in sent.items():
        place = known.get(name)
        if place is NOT_KEPT:
            continue
        if place is None or isinstance(value, Repeated):
            _keep(extra, (*within, name), value)
        elif is_empty(value):
            continue
        elif isinstance(place, ListOf):
            kept = _fitting_items(value, place, extra, (*within, name))
            if kept is not None:
                yield name, kept
        elif isinstance(place, dict):
            if isinstance(value, dict):
                yield name, dict(_fitting(value, place, extra, (*within, name)))
            else:
                _keep(extra, (*within, name), value)
        elif (fitting := place(value)) is None:
            text = as_text(value) if place is as_date else None
            _keep(extra, (*within, name), value if text is None else text)
        else:
            yield name, fitting


def _fitting_items(value: Any, place: ListOf, extra: Record, path: tuple[str, ...]) -> list[Any] | None:
    """Return the items of a list that fit; if there are others, the whole list goes into an `extra`, too."""
    if not isinstance(value, list):
        _keep(extra, path, value)
        return None
    items = [item for item in value if item is not None]
    if isinstance(place.item, dict):
        kept: list[Any] = []
        for item in items:
            if isinstance(item, dict):
                extra_of_item: Record = {}
                fitting = dict(_fitting(item, place.item, extra_of_item))
                kept.append({**fitting, EXTRA: extra_of_item} if extra_of_item else fitting)
    else:
        kept = [fitting for item in items if (fitting := place.item(item)) is not None]
    if len(kept) < len(items):
        _keep(extra, path, value)
    return kept


def _keep(extra: Record, path: tuple[str, ...], value: Any) -> None:
    """Put a value into an `extra` under its own names, unless it is as good as none."""
    if isinstance(value, Repeated):
        values = tuple(each for each in value.values if not is_empty(each))
        value = values[0] if len(values) == 1 else Repeated(values) if values else None
    if not is_empty(value):
        for step in path[:-1]:
            extra = extra.setdefault(step, {})
        extra[path[-1]] = value
