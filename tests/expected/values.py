"""How a value is read out of a record: what is absent, null, or empty is None, and so is a date or instant that cannot be read."""

import datetime as dt
import re
from typing import Any

Record = dict[str, Any]


def object_in(holder: Record, field: str) -> Record:
    """Return an object inside another; empty if it is null or absent."""
    return holder.get(field) or {}


def objects_in(holder: Record | None, field: str) -> list[Record]:
    """Return the objects of a list; none if the list is null or absent, and no null ones."""
    return [each for each in (holder or {}).get(field) or [] if each is not None]


def text(holder: Record, field: str) -> str | None:
    """Return a text as sent; None if it is null, absent, or empty."""
    return holder.get(field) or None


def texts(holder: Record, field: str) -> list[str]:
    """Return the different texts of a list in order, without null and empty ones."""
    return sorted({each for each in holder.get(field) or [] if each})


_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


def date(holder: Record, field: str) -> dt.date | None:
    """Return a date of an object; None if there is none that can be read."""
    return read_date(text(holder, field) or "")


def read_date(written: str) -> dt.date | None:
    """Return a date written YYYY-MM-DD, also at the beginning of a datetime, or M/D/YYYY; None if it is neither."""
    if found := _YEAR_FIRST.fullmatch(written[:10]):
        year, month, day = found.groups()
    elif found := _MONTH_FIRST.fullmatch(written):
        month, day, year = found.groups()
    else:
        return None
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def instant(holder: Record, field: str) -> dt.datetime | None:
    """Return an instant of an object in UTC; None if there is none that can be read."""
    return read_instant(text(holder, field) or "")


def read_instant(written: str) -> dt.datetime | None:
    """Return an instant in UTC; without a time zone it is one of UTC; None if it is not written in ISO 8601."""
    try:
        found = dt.datetime.fromisoformat(written)
    except ValueError:
        return None
    return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)
