"""The rows that the views for analysts must hold, worked out in plain Python from the rows of tables.

References lead to rows of the same district, or nowhere: then the columns from there are None. All views are over the rows
that the tables show now, so a count is 0 also where a district shares nothing to count.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from tests.expected.current_tables import Row, Tables
from tests.expected.references import NOWHERE, References

GRADES = (
    *("InfantToddler", "Preschool", "PreKindergarten", "TransitionalKindergarten", "Kindergarten"),
    *(str(number) for number in range(1, 14)),
    *("PostGraduate", "Ungraded", "Other"),
)
"""In sort order. The order of a grade counts from 1; one that is not documented has none."""


def expected_view(view: str, tables: Tables, day: dt.date) -> list[Row]:
    """Return the rows of a view, sorted by its key.

    Args:
        view: student_roster, section_rosters, student_contacts, staff_directory, or enrollment_by_grade.
        tables: The current rows of the tables.
        day: Today. A section is in progress if this is a day of its term.
    """
    key, rows_of = _VIEWS[view]
    return sorted(rows_of(_Roster(tables, day)), key=lambda row: [(row[column] is None, row[column]) for column in key])


class _Roster(References):
    """What the views derive from rows and what they refer to."""

    def is_in_progress(self, section: Row) -> bool | None:
        """Return whether today is a day of the section's term, the first and the last included.

        Without one of its dates a term is open on that side. None if the section has no term, if the term is not shared,
        if it has no date at all, or one that cannot be read: a section of which this is not known counts as a current one.
        """
        term = self.referred("terms", "term_id", section)
        dates = {"start_date", "end_date"}
        if all(term[date] is None for date in dates) or dates & json.loads(term["extra"] or "{}").keys():
            return None
        return (term["start_date"] or self.day) <= self.day <= (term["end_date"] or self.day)

    def teacher_of_record(self, section: Row) -> str | None:
        """Return the ID of the primary teacher, or else of the only teacher."""
        teachers = self.referring("section_teachers", "section_id", section)
        chosen = [each for each in teachers if each["is_primary"]] or teachers
        return chosen[0]["teacher_id"] if len(chosen) == 1 else None

    def sections_of(self, member: str, row: Row) -> list[Row]:
        """Return the sections that list a user among their students or teachers."""
        memberships = self.referring(f"section_{member}s", f"{member}_id", row, "user_id")
        return [self.referred("sections", "section_id", each) for each in memberships]

    def school_name(self, row: Row, school_id: str | None) -> str | None:
        """Return the name of a school of the same district as a row."""
        name: str | None = self.referred("schools", "school_id", {**row, "school_id": school_id})["name"]
        return name


def schools_of(*roles: Row) -> list[str]:
    """Return all schools of some roles: those in their lists, and a primary school that Clever leaves out of the list."""
    listed = {school_id for role in roles for school_id in role["school_ids"]}
    primary = {role["school_id"] for role in roles if role.get("school_id")}
    return sorted(listed | primary)


def grade_order(grade: str | None) -> int | None:
    """Return the place of a grade in the sort order."""
    return GRADES.index(grade) + 1 if grade in GRADES else None


def _student_roster(roster: _Roster) -> Iterable[Row]:
    """Return one row per student.

    All memberships count, also those in sections of ended terms; a current section is one that is not known to be out of progress.
    A contact counts once, however many relationships it has to the student.
    """
    for student in roster.rows("students"):
        user = roster.referred("users", "user_id", student)
        sections = roster.sections_of("student", student)
        contacts = roster.referring("contact_students", "student_id", student, "user_id")
        yield {
            "district_id": student["district_id"],
            "student_id": student["user_id"],
            "first_name": user["first_name"],
            "middle_name": user["middle_name"],
            "last_name": user["last_name"],
            "email": user["email"],
            "sis_id": student["sis_id"],
            "grade": student["grade"],
            "grade_order": grade_order(student["grade"]),
            "school_id": student["school_id"],
            "school_name": roster.school_name(student, student["school_id"]),
            "school_count": len(schools_of(student)),
            "section_count": len(sections),
            "current_section_count": sum(roster.is_in_progress(section) is not False for section in sections),
            "contact_count": len({each["contact_id"] for each in contacts}),
        }


def _section_rosters(roster: _Roster) -> Iterable[Row]:
    """Return one row per section and student.

    A student is a cross-school one if the section is at another school than the student's primary school, even if it is at
    another of the student's schools; None if either school is not known.
    """
    for membership in roster.rows("section_students"):
        section = roster.referred("sections", "section_id", membership)
        student = roster.referred("students", "user_id", membership, "student_id")
        student_user = roster.referred("users", "user_id", membership, "student_id")
        course = roster.referred("courses", "course_id", section)
        teacher_id = roster.teacher_of_record(section)
        teacher = roster.referred("users", "user_id", {**membership, "user_id": teacher_id})
        schools = section["school_id"], student["school_id"]
        yield {
            "district_id": membership["district_id"],
            "section_id": membership["section_id"],
            "section_name": section["name"],
            "period": section["period"],
            "subject": section["subject"],
            "course_id": section["course_id"],
            "course_name": course["name"],
            "course_number": course["number"],
            "term_id": section["term_id"],
            "term_name": roster.referred("terms", "term_id", section)["name"],
            "is_in_progress": roster.is_in_progress(section),
            "school_id": section["school_id"],
            "school_name": roster.school_name(section, section["school_id"]),
            "teacher_id": teacher_id,
            "teacher_first_name": teacher["first_name"],
            "teacher_last_name": teacher["last_name"],
            "teacher_count": len(roster.referring("section_teachers", "section_id", section)),
            "student_id": membership["student_id"],
            "student_first_name": student_user["first_name"],
            "student_last_name": student_user["last_name"],
            "student_grade": student["grade"],
            "is_cross_school": None if None in schools else schools[0] != schools[1],
        }


def _student_contacts(roster: _Roster) -> Iterable[Row]:
    """Return one row per student and contact.

    If a contact has several relationships to the student, their different relationships and types are joined by commas, in order. A
    relationship that names no student is left out. A contact's full name is in the last name, as Clever sends it.
    """
    pairs: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for each in roster.rows("contact_students"):
        if each["student_id"] is not None:
            pairs[each["district_id"], each["student_id"], each["contact_id"]].append(each)
    for relationships in pairs.values():
        pair = relationships[0]
        student = roster.referred("students", "user_id", pair, "student_id")
        student_user = roster.referred("users", "user_id", pair, "student_id")
        contact = roster.referred("contacts", "user_id", pair, "contact_id")
        contact_user = roster.referred("users", "user_id", pair, "contact_id")
        yield {
            "district_id": pair["district_id"],
            "student_id": pair["student_id"],
            "student_first_name": student_user["first_name"],
            "student_last_name": student_user["last_name"],
            "school_id": student["school_id"],
            "school_name": roster.school_name(pair, student["school_id"]),
            "contact_id": pair["contact_id"],
            "contact_first_name": contact_user["first_name"],
            "contact_middle_name": contact_user["middle_name"],
            "contact_last_name": contact_user["last_name"],
            "relationship": _joined(each["relationship"] for each in relationships),
            "type": _joined(each["type"] for each in relationships),
            "phone": contact["phone"],
            "phone_type": contact["phone_type"],
            "email": contact_user["email"],
        }


def _joined(values: Iterable[str | None]) -> str | None:
    return ", ".join(sorted({value for value in values if value is not None})) or None


def _staff_directory(roster: _Roster) -> Iterable[Row]:
    """Return one row per user who is a teacher, a member of the staff, or a district admin.

    `roles` are all roles of the user. The names of schools are in the order of their IDs; a school that is not shared has None.
    Sections of all terms count, those of co-teachers too.
    """
    for user in roster.rows("users"):
        of_role = {
            role: roster.referred(table, "user_id", user)
            for role, table in (("staff", "staff"), ("teacher", "teachers"), ("district_admin", "district_admins"))
            if role in user["roles"]
        }
        if not of_role:
            continue
        titles = [role["title"] for role in of_role.values() if role["title"] is not None]
        school_ids = schools_of(*(of_role[role] for role in ("staff", "teacher") if role in of_role))
        yield {
            "district_id": user["district_id"],
            "user_id": user["user_id"],
            "first_name": user["first_name"],
            "last_name": user["last_name"],
            "email": user["email"],
            "roles": user["roles"],
            "title": titles[0] if titles else None,
            "department": of_role.get("staff", NOWHERE)["department"],
            "school_id": of_role.get("teacher", NOWHERE)["school_id"],
            "school_ids": school_ids,
            "school_names": [roster.school_name(user, school_id) for school_id in school_ids],
            "section_count": len(roster.sections_of("teacher", user)),
        }


def _enrollment_by_grade(roster: _Roster) -> Iterable[Row]:
    """Return one row per school and grade that a student has.

    `student_count` counts each student once, at the primary school, and a student who has none without a school. `enrolled_count`
    counts the student at every school, so that at each it is at least as large.
    """
    counts: dict[tuple[str, str | None, str | None], list[int]] = defaultdict(lambda: [0, 0])
    for student in roster.rows("students"):
        district_id, grade, primary = student["district_id"], student["grade"], student["school_id"]
        counts[district_id, primary, grade][0] += 1
        for each in schools_of(student):
            counts[district_id, each, grade][1] += 1
    for (district_id, school_id, grade), (student_count, enrolled_count) in counts.items():
        yield {
            "district_id": district_id,
            "school_id": school_id,
            "school_name": roster.school_name({"district_id": district_id}, school_id),
            "grade": grade,
            "grade_order": grade_order(grade),
            "student_count": student_count,
            "enrolled_count": enrolled_count,
        }


_VIEWS: Mapping[str, tuple[tuple[str, ...], Callable[[_Roster], Iterable[Row]]]] = {
    "student_roster": (("district_id", "student_id"), _student_roster),
    "section_rosters": (("district_id", "section_id", "student_id"), _section_rosters),
    "student_contacts": (("district_id", "student_id", "contact_id"), _student_contacts),
    "staff_directory": (("district_id", "user_id"), _staff_directory),
    "enrollment_by_grade": (("district_id", "school_id", "grade"), _enrollment_by_grade),
}
"""The key of each view, and how its rows follow."""
