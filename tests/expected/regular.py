"""What of a record fits its columns, and what a warehouse keeps in `extra`, worked out in plain Python.

A record is parsed so that a field that occurs twice shows: its value is then `Repeated`. `split` takes everything that no
column can hold out of a record, and puts it into the `extra` of the table row that it belongs to.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tests.expected.roles import read_date, read_instant

Record = dict[str, Any]


class Repeated(NamedTuple):
    """The values of a field that occurs more than once in an object."""

    values: tuple[Any, ...]


class Split(NamedTuple):
    """A record that fits, and the `extra` of the rows that it becomes."""

    record: Record
    """Without what no column holds; whole numbers and booleans in place of texts are texts. The objects in lists of objects have
    their `extra` under EXTRA."""
    extra: dict[str | None, Record]
    """By role; None for the record itself. Empty if there is nothing."""


EXTRA = "extra of the item"
"""The name under which an item of a list has its `extra`."""


def parse(text: str | bytes) -> Any:
    """Parse JSON; a field that occurs more than once becomes `Repeated`."""
    return json.loads(text, object_pairs_hook=_object)


def canonical(value: Any) -> str | None:
    """Write JSON so that equal is equal, whatever the order of names; True is not 1 here."""
    return None if value is None else json.dumps(_sorted(value))


def split(sent: Record) -> Split:
    """Split a record of `/users` as `parse` gives it."""
    extra: Record = {}
    record = dict(_fitting(sent, _RECORD, extra))
    extras: dict[str | None, Record] = {None: extra}
    roles = {}
    for role, held in (sent.get("roles") or {}).items():
        if role not in _ROLES:
            if not _is_empty(held):
                extra.setdefault("roles", {})[role] = held
        elif held is not None:
            extras[role] = {}
            roles[role] = dict(_fitting(held, _ROLES[role], extras[role]))
    return Split({**record, "roles": roles}, extras)


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


def _is_empty(value: Any) -> bool:
    """Return whether a value is as good as none: null, or an empty text."""
    return value is None or value == ""


def _text(value: Any) -> str | None:
    """Return what a text column keeps; None if it cannot keep the value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _truth_value(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _own_object(value: Any) -> Record | None:
    return value if isinstance(value, dict) else None


def _date(value: Any) -> str | None:
    text = _text(value)
    return None if text is None or (text and read_date(text) is None) else text


def _instant(value: Any) -> str | None:
    return value if isinstance(value, str) and (not value or read_instant(value)) else None


class _List(NamedTuple):
    item: "Callable[[Any], Any] | dict[str, Any]"


Known = Mapping[str, Any]
"""By name, what keeps the value of a field: a function that gives None for what it cannot keep, a dict of the names of an object,
or a list of one of these."""

_NAME = {"first": _text, "middle": _text, "last": _text}
_CREDENTIALS = {"district_username": _text}
_RECORD: Known = {
    "id": _id,
    "district": _id,
    "created": _instant,
    "last_modified": _instant,
    "email": _text,
    "name": _NAME,
    "lms_status": {"synced_in_lms": _truth_value},
    "roles": {},
}
_ROLES: Mapping[str, Known] = {
    "student": {
        "legacy_id": _id,
        "school": _id,
        "schools": _List(_id),
        "created": _instant,
        "last_modified": _instant,
        "dob": _date,
        "credentials": _CREDENTIALS,
        "location": dict.fromkeys(("address", "city", "state", "zip", "lat", "lon"), _text),
        "disability": dict.fromkeys(("disability_status", "disability_code", "disability_type"), _text),
        "preferred_name": _NAME,
        "enrollments": _List({"school": _id, "start_date": _date, "end_date": _date}),
        "ext": _own_object,
        **dict.fromkeys(
            (
                *("sis_id", "student_number", "state_id", "grade", "graduation_year", "gender", "race"),
                *(
                    "hispanic_ethnicity",
                    "ell_status",
                    "gifted_status",
                    "section_504_status",
                    "frl_status",
                    "iep_status",
                ),
                *("home_language", "home_language_code"),
            ),
            _text,
        ),
    },
    "teacher": {
        "legacy_id": _id,
        "school": _id,
        "schools": _List(_id),
        "district": _id,
        "created": _instant,
        "last_modified": _instant,
        "credentials": _CREDENTIALS,
        "name": _NAME,
        "ext": _own_object,
        **dict.fromkeys(("sis_id", "teacher_number", "state_id", "title"), _text),
    },
    "staff": {
        "legacy_id": _id,
        "schools": _List(_id),
        "roles": _List(_text),
        "credentials": _CREDENTIALS,
        "ext": _own_object,
        **dict.fromkeys(("staff_id", "department", "title"), _text),
    },
    "district_admin": {"legacy_id": _id, "title": _text},
    "contact": {
        "legacy_id": _id,
        "student_relationships": _List({"student": _id, "relationship": _text, "type": _text}),
        **dict.fromkeys(("sis_id", "phone", "phone_type"), _text),
    },
}


def _fitting(sent: Record, known: Known, extra: Record, within: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Go through what fits of an object; the rest goes into an `extra`."""
    for name, value in sent.items():
        place = known.get(name)
        if name == "roles" and place == {}:
            continue
        if place is None or isinstance(value, Repeated):
            _keep(extra, (*within, name), value)
        elif _is_empty(value):
            continue
        elif isinstance(place, _List):
            kept = _fitting_items(value, place, extra, (*within, name))
            if kept is not None:
                yield name, kept
        elif isinstance(place, dict):
            if isinstance(value, dict):
                yield name, dict(_fitting(value, place, extra, (*within, name)))
            else:
                _keep(extra, (*within, name), value)
        elif (fitting := place(value)) is None:
            text = _text(value) if place is _date else None
            _keep(extra, (*within, name), value if text is None else text)
        else:
            yield name, fitting


def _fitting_items(value: Any, place: _List, extra: Record, path: tuple[str, ...]) -> list[Any] | None:
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
        values = tuple(each for each in value.values if not _is_empty(each))
        value = values[0] if len(values) == 1 else Repeated(values) if values else None
    if not _is_empty(value):
        for step in path[:-1]:
            extra = extra.setdefault(step, {})
        extra[path[-1]] = value
