"""How fields of a record are set by dotted names."""

from collections.abc import Mapping
from typing import Any

from pipelines.sandbox.people import Record


def set_fields(record: Record, fields: Mapping[str, Any]) -> None:
    """Set fields of a record; a dotted name leads inside (`roles.student.grade`), `...` takes the field away.

    Unknown fields, unlisted values and roles unheard of are set like any other.
    """
    for path, value in fields.items():
        *way, last = path.split(".")
        inside = record
        for step in way:
            if not isinstance(inside.get(step), dict):
                inside[step] = {}
            inside = inside[step]
        if value is ...:
            inside.pop(last, None)
        else:
            inside[last] = value
