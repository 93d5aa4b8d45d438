"""Which sections a school year has, and who learns and teaches in them.

Every school has twelve periods. Students are in as many of them as they are in sections; the students of a period are
divided into sections by grade, so that no one is in one section twice, and a section has the size that it was drawn for. What is
optional in a section is drawn from tables with one number per section, which keeps hundreds of thousands of sections
cheap.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.sandbox.curriculum import (
    ABSENT,
    ABSENT_GRADE,
    BLANK,
    COURSE_FORMS,
    EXT,
    FEWEST_COURSES,
    LARGEST,
    MEMBERSHIP_WEIGHTS,
    MEMBERSHIPS,
    MOST_COURSES_A_SCHOOL,
    MOST_TEACHERS,
    NULL,
    NULL_GRADE,
    NUMBER_FORMS,
    PERIOD_FORMS,
    PRIMARY_FORMS,
    SECTION_GRADES,
    SENT,
    SIZES,
    SUBJECT_FORMS,
    TEACHERS,
    TERM_FORMS,
    add,
    subject_of,
)
from pipelines.sandbox.details import number_of
from pipelines.sandbox.ids import seconds_of, time_text
from pipelines.sandbox.people import GRADES, STUDENT, TEACHER, Record

Person = tuple[str, str]
"""The ID and the last name of a teacher."""


@dataclass(slots=True)
class Attendance:
    """Who is at which school, as far as sections need to know."""

    students: dict[str, list[str]] = field(default_factory=dict)
    """The students of each school that is their primary one."""
    visitors: dict[str, list[str]] = field(default_factory=dict)
    """The students of other schools who are in one section of each school."""
    teachers: dict[str, list[Person]] = field(default_factory=dict)
    """The teachers of each school, also of those that are not their primary one."""
    grades: dict[str, int] = field(default_factory=dict)
    """The place of each student's grade in the order of grades; students whose grade is not known come first."""

    def add(self, record: Record) -> None:
        """Add a person; one who neither learns nor teaches is left out."""
        roles = record["roles"]
        student, teacher = roles.get(STUDENT), roles.get(TEACHER)
        if student and student.get("school"):
            primary = student["school"]
            self.students.setdefault(primary, []).append(record["id"])
            self.grades[record["id"]] = _PLACES.get(student.get("grade"), -1)
            others = [school for school in student.get("schools") or () if school != primary]
            if others and number_of(record["id"]) % 5 < 2:  # noqa: PLR2004 - two of five make 3 % of all students
                self.visitors.setdefault(others[0], []).append(record["id"])
        if teacher:
            person = record["id"], (record.get("name") or {}).get("last") or ""
            for school in teacher.get("schools") or ():
                self.teachers.setdefault(school, []).append(person)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the sections of a school year refer to."""

    district_id: str
    schools: Sequence[str]
    courses: Sequence[Record]
    terms: Sequence[str]
    ended_terms: Sequence[str]
    seed: str
    """Another text makes other sections of the same people."""
    new_id: Callable[[], str]
    """Gives the ID of the next section."""
    now: int
    """The present, in milliseconds since 1970."""
    unknown_id: Callable[[], str]
    """Gives an ID that leads nowhere, as if the record were not shared."""


def timetable(frame: Frame, attendance: Attendance) -> Iterator[Record]:
    """Make the sections of a school year, in ascending order of IDs."""
    away = {student: _period_away(student) for visitors in attendance.visitors.values() for student in visitors}
    has_ensemble = False
    sis_id = 0
    for place, school in enumerate(frame.schools):
        rng = random.Random(f"sections {frame.seed} {place}")
        students = attendance.students.get(school, [])
        visitors = attendance.visitors.get(school, [])
        counts = rng.choices(MEMBERSHIPS, weights=MEMBERSHIP_WEIGHTS, k=len(students))
        courses = _offer(rng, frame.courses)
        teachers = attendance.teachers.get(school, [])
        for period in range(1, MEMBERSHIPS[-1] + 1):
            enrolled = zip(students, counts, strict=True)
            present = [student for student, count in enrolled if count >= period and away.get(student) != period]
            present += [student for student in visitors if away[student] == period]
            sizes = _sizes(rng, len(present), with_ensemble=not has_ensemble)
            has_ensemble = has_ensemble or sizes[:1] == [LARGEST]
            begin = 0
            dealt = _dealt(present, attendance.grades, period)
            for turn, size in enumerate(sizes):
                first = (turn + 5 * period) % len(teachers) if teachers else 0
                free = [*teachers[first:], *teachers[:first]][:MOST_TEACHERS]
                course = courses[int(rng.random() * len(courses))] if courses else {}
                members = dealt[begin : begin + size]
                yield _section(frame, rng.getrandbits(96), f"{sis_id:07d}", school, period, course, members, free)
                begin += size
                sis_id += 1


def _dealt(students: Sequence[str], grades: Mapping[str, int], period: int) -> list[str]:
    """Put the students of a period in the order in which sections are filled: by grade, in each grade another order per period."""
    by_grade: dict[int, list[str]] = {}
    for student in students:
        by_grade.setdefault(grades[student], []).append(student)
    return [
        student for grade in sorted(by_grade) for turn in range(period) for student in by_grade[grade][turn::period]
    ]


def _period_away(student_id: str) -> int:
    """Return the period that a visitor spends at the other school: one that every student has."""
    return 1 + (number_of(student_id) >> 9 & 1)


def _offer(rng: random.Random, courses: Sequence[Record]) -> list[Record]:
    """Choose the courses that a school offers."""
    count = min(len(courses), rng.randint(FEWEST_COURSES, MOST_COURSES_A_SCHOOL))
    first = rng.randrange(len(courses)) if courses else 0
    return [courses[(first + turn) % len(courses)] for turn in range(count)]


def _sizes(rng: random.Random, students: int, *, with_ensemble: bool) -> list[int]:
    """Divide the students of a period into sections."""
    sizes = [LARGEST] if with_ensemble and students > LARGEST else []
    left = students - sum(sizes)
    while left:
        size = min(left, SIZES[int(rng.random() * len(SIZES))])
        sizes.append(size)
        left -= size
    return sizes


def _section(
    frame: Frame,
    draw: int,
    sis_id: str,
    school: str,
    period: int,
    course: Record,
    students: list[str],
    free: list[Person],
) -> Record:
    """Make one section.

    Args:
        frame: What sections refer to.
        draw: 96 random bits, of which every optional field takes its own.
        sis_id: The ID in the SIS.
        school: Where the section is.
        period: When it meets.
        course: What is taught, if the section shows a course.
        students: Who learns.
        free: The teachers who have no other section in this period, as far as the school has enough.
    """
    section_id = frame.new_id()
    created = seconds_of(section_id) * 1000
    section: Record = {
        "id": section_id,
        "district": frame.district_id,
        "school": school,
        "sis_id": sis_id,
        "created": time_text(created),
        "last_modified": time_text(min(created + (draw & 3) * 40_000_000, frame.now)),
        "students": students,
    }
    is_unknown = _UNKNOWN.get(draw >> 2 & 255)
    course_form = COURSE_FORMS[draw >> 10 & 127] if course else ABSENT
    add(section, "course", frame.unknown_id() if is_unknown == "course" else course.get("id"), course_form)
    terms = frame.terms if draw >> 17 & 127 or not frame.ended_terms else frame.ended_terms
    term = frame.unknown_id() if is_unknown == "term_id" else terms[(draw >> 24 & 15) % len(terms)] if terms else None
    add(section, "term_id", term, TERM_FORMS[draw >> 28 & 127] if terms else ABSENT)
    subject = subject_of(course.get("name"))
    add(section, "subject", subject, SUBJECT_FORMS[draw >> 35 & 127])
    add(section, "period", f"{period}", PERIOD_FORMS[draw >> 42 & 127])
    add(section, "section_number", f"{period}{draw & 15:02d}", NUMBER_FORMS[draw >> 49 & 127])
    grade = SECTION_GRADES[(draw >> 56 & 1023) % len(SECTION_GRADES)]
    if grade != ABSENT_GRADE:
        section["grade"] = None if grade == NULL_GRADE else grade
    section |= EXT[draw >> 66 & 63]
    teachers = free[: TEACHERS[draw >> 72 & 255]]
    section["teachers"] = [teacher_id for teacher_id, _ in teachers]
    primary = teachers[draw >> 80 & 1 if len(teachers) > 1 else 0] if teachers else None
    if primary:
        form = PRIMARY_FORMS[draw >> 81 & 255]
        is_apart = draw >> 81 & 255 == _TAUGHT_BY_ANOTHER and len(free) > len(teachers)
        add(section, "teacher", free[-1][0] if is_apart else primary[0], form)
    else:
        add(section, "teacher", None, _UNTAUGHT[draw & 3])
    if is_unknown == "teachers":
        section["teachers"].append(frame.unknown_id())
    title = (course.get("name") if course_form == SENT else None) or subject
    section["name"] = " - ".join((title, *([primary[1]] if primary else []), f"{period}"))
    return section


_PLACES: Mapping[object, int] = {grade: place for place, grade in enumerate(GRADES) if grade}

_UNKNOWN = {0: "course", 1: "term_id", 2: "teachers"}
"""Which reference of a section leads nowhere, in three sections of 256."""

_TAUGHT_BY_ANOTHER = 255
"""The draw of a section whose primary teacher is not among its teachers."""

_UNTAUGHT = (ABSENT, NULL, BLANK, ABSENT)
"""How sections without teachers show the primary one."""
