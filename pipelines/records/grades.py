"""The grades of Clever, in the order in which they are sorted.

Clever documents 21 grades for students, schools, and sections. Its own files list them from the youngest students to the oldest,
followed by the two that have no place in that order: Ungraded and Other.
"""

from dataclasses import astuple, dataclass
from typing import Final

from pipelines.records.declare import Lookup, LookupColumn


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade."""

    grade: str
    """Clever's value, as it is in the columns of the warehouse."""
    sort_order: int
    """Its place among the grades, from 1. As text, "10" would come before "2"."""
    label: str
    """Its name for people."""


GRADE_LEVELS: Final = (
    Grade("InfantToddler", 1, "Infant or toddler"),
    Grade("Preschool", 2, "Preschool"),
    Grade("PreKindergarten", 3, "Prekindergarten"),
    Grade("TransitionalKindergarten", 4, "Transitional kindergarten"),
    Grade("Kindergarten", 5, "Kindergarten"),
    Grade("1", 6, "Grade 1"),
    Grade("2", 7, "Grade 2"),
    Grade("3", 8, "Grade 3"),
    Grade("4", 9, "Grade 4"),
    Grade("5", 10, "Grade 5"),
    Grade("6", 11, "Grade 6"),
    Grade("7", 12, "Grade 7"),
    Grade("8", 13, "Grade 8"),
    Grade("9", 14, "Grade 9"),
    Grade("10", 15, "Grade 10"),
    Grade("11", 16, "Grade 11"),
    Grade("12", 17, "Grade 12"),
    Grade("13", 18, "Grade 13"),
    Grade("PostGraduate", 19, "Postgraduate"),
    Grade("Ungraded", 20, "Ungraded"),
    Grade("Other", 21, "Other"),
)

GRADE_LOOKUP: Final = Lookup(
    "grades",
    "One row per grade that Clever documents, in sort order.",
    columns=(
        LookupColumn("grade", "Clever's value, as in the columns with grades."),
        LookupColumn("sort_order", "Place among the grades, from 1: sort by it, because as text 10 comes before 2."),
        LookupColumn("label", "Name of the grade for reports, such as Grade 10."),
    ),
    rows=tuple(astuple(level) for level in GRADE_LEVELS),
)
