"""What is taught in a fake district: the titles of courses by subject, and the tables that sections are drawn from.

Fields, values, and what may be null follow Clever's specs v3.0.yml and v3.1.yml. The sizes of sections and the sections
of a student follow the proportions of Clever's own default sandbox (Clever docs, API v2.0), the other shares are
assumptions.
"""

from collections.abc import Sequence

from pipelines.sandbox.details import repeated
from pipelines.sandbox.people import Record

TITLES = {
    "english/language arts": (
        "English Language Arts", "Creative Writing", "Journalism", "World Literature", "Reading Workshop", "Debate",
    ),
    "math": ("Mathematics", "Algebra", "Geometry", "Precalculus", "Statistics", "Number Sense"),
    "science": ("Life Science", "Earth Science", "Physics", "Chemistry", "Biology", "Environmental Science"),
    "social studies": ("World History", "U.S. Government", "Geography", "Economics", "Civics", "Psychology"),
    "language": ("Spanish", "French", "Mandarin", "American Sign Language", "Español para hispanohablantes"),
    "homeroom/advisory": ("Homeroom", "Advisory"),
    "interventions/online learning": ("Reading Intervention", "Credit Recovery", "Online Seminar"),
    "technology and engineering": ("Robotics", "Computer Science", "Engineering Design", "Keyboarding"),
    "PE and health": ("Physical Education", "Health", "Weight Training", "Dance"),
    "arts and music": ("Band", "Choir", "Orchestra", "Drawing & Painting", "Ceramics", "Drama"),
    "other": ("Study Hall", "Library Aide"),
}  # fmt: skip
"""Titles of courses by subject (spec v3.0.yml: Section)."""

VARIANTS = ("", " (Honors)", " (A)", " (B)", " (Support)", " (Bilingual)", " (II)", " (AP®)", " (Blended)")
"""What tells courses with the same title apart."""

_ALL_TITLES = [titles[turn] for turn in range(6) for titles in TITLES.values() if turn < len(titles)]
_SUBJECTS = {title: subject for subject, titles in TITLES.items() for title in titles}

MOST_COURSES = len(_ALL_TITLES) * len(VARIANTS)
"""How many courses have titles that differ."""


def course_title(place: int) -> str:
    """Return the title of course number `place` of a district; neighbors are of different subjects."""
    variant, title = divmod(place, len(_ALL_TITLES))
    return _ALL_TITLES[title] + VARIANTS[variant % len(VARIANTS)]


def subject_of(title: str | None) -> str:
    """Return the subject of a course; a title that is not in the table is of another subject."""
    return _SUBJECTS.get((title or "").partition(" (")[0], "other")


SENT, NULL, BLANK, ABSENT = range(4)
"""How a record shows an optional field: with a value, as null, as an empty text, or not at all."""


def forms(null: int, blank: int, absent: int, size: int = 128) -> tuple[int, ...]:
    """Return a table of forms by share: SENT is the rest."""
    return (NULL,) * null + (BLANK,) * blank + (ABSENT,) * absent + (SENT,) * (size - null - blank - absent)


def add(record: Record, name: str, value: object, form: int) -> None:
    """Add an optional field to a record in one of the four forms."""
    if form == SENT:
        record[name] = value
    elif form == NULL:
        record[name] = None
    elif form == BLANK:
        record[name] = ""


MEMBERSHIPS = range(2, 13)
MEMBERSHIP_WEIGHTS = (1, 2, 3, 5, 9, 14, 20, 20, 14, 7, 5)
"""How many sections students are in, 8.1 on average."""

_SIZES = ((range(1, 6), 15), (range(6, 15), 20), (range(15, 29), 55), (range(29, 41), 10))
SIZES: Sequence[int] = tuple(sizes[turn % len(sizes)] for sizes, share in _SIZES for turn in range(share * 3))
"""How many students sections have, by share."""

LARGEST = 108
"""The size of the one section of a district in which a whole ensemble meets."""

FEWEST_COURSES, MOST_COURSES_A_SCHOOL = 15, 120
"""How many courses a school offers."""

TERM_FORMS = forms(null=5, blank=2, absent=6)
COURSE_FORMS = forms(null=8, blank=3, absent=8)
SUBJECT_FORMS = forms(null=4, blank=5, absent=4)
PERIOD_FORMS = forms(null=6, blank=4, absent=8)
NUMBER_FORMS = forms(null=4, blank=4, absent=6)

NULL_GRADE, ABSENT_GRADE = "null", "absent"
SECTION_GRADES = repeated(
    {
        "InfantToddler": 1, "Preschool": 2, "PreKindergarten": 4, "TransitionalKindergarten": 2, "Kindergarten": 10,
        **{str(grade): 14 for grade in range(1, 13)},
        "13": 1, "PostGraduate": 1, "Ungraded": 4, "Other": 2, "": 6, NULL_GRADE: 20, ABSENT_GRADE: 35,
    }
)  # fmt: skip
"""Grades of sections by share, and two marks for those without."""

TEACHERS = (0,) * 5 + (1,) * 220 + (2,) * 20 + (3,) * 7 + (4,) * 2 + (6, 10)
"""How many teachers sections have: no teacher in 2 %, and several in 12 %."""

MOST_TEACHERS = max(TEACHERS)

PRIMARY_FORMS = forms(null=1, blank=1, absent=1, size=256)
"""How sections with teachers show the primary one."""

EXT: Sequence[Record] = (
    *({"ext": {"room": "№ 7"}} for _ in range(6)),
    {"ext": {"room": "B-12", "platoon": {"name": "blue", "days": [1, 3, 5]}}},
    {"ext": {}},
    {"ext": {"room": ""}},
    *({} for _ in range(55)),
)
"""Fields of the district's own in sections."""
