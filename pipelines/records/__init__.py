"""The record types of Clever, each declared once."""

from typing import Final

from pipelines.records.declare import (
    BOTH,
    V31,
    Catalog,
    Field,
    Kind,
    Lookup,
    LookupColumn,
    Stream,
    Table,
    Tier,
    View,
)
from pipelines.records.grades import GRADE_LOOKUP
from pipelines.records.home_languages import HOME_LANGUAGE_LOOKUP
from pipelines.records.users import USERS

CATALOG: Final = Catalog((USERS,), (GRADE_LOOKUP, HOME_LANGUAGE_LOOKUP))
"""Every record type that is read from Clever, and the lookups of documented values."""

__all__ = [
    "BOTH",
    "CATALOG",
    "V31",
    "Catalog",
    "Field",
    "Kind",
    "Lookup",
    "LookupColumn",
    "Stream",
    "Table",
    "Tier",
    "View",
]
