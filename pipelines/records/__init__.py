"""The record types of Clever, each declared once."""

from typing import Final

from pipelines.records.courses import COURSES
from pipelines.records.declare import (
    BOTH,
    DISTRICT_ID,
    V31,
    Catalog,
    Field,
    Kind,
    Lookup,
    LookupColumn,
    Stream,
    Table,
    Tier,
    Treatment,
    View,
)
from pipelines.records.districts import DISTRICTS
from pipelines.records.grades import GRADE_LOOKUP
from pipelines.records.home_languages import HOME_LANGUAGE_LOOKUP
from pipelines.records.resources import RESOURCE_COURSES, RESOURCES
from pipelines.records.schools import SCHOOLS
from pipelines.records.sections import SECTIONS
from pipelines.records.terms import TERMS
from pipelines.records.users import USERS

CATALOG: Final = Catalog(
    (USERS, DISTRICTS, SCHOOLS, COURSES, TERMS, SECTIONS, RESOURCES, RESOURCE_COURSES),
    (GRADE_LOOKUP, HOME_LANGUAGE_LOOKUP),
)
"""Every record type that is read from Clever, and the lookups of documented values."""

__all__ = [
    "BOTH",
    "CATALOG",
    "DISTRICT_ID",
    "V31",
    "Catalog",
    "Field",
    "Kind",
    "Lookup",
    "LookupColumn",
    "Stream",
    "Table",
    "Tier",
    "Treatment",
    "View",
]
