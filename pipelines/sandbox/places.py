"""Where the people of a fake district learn: its schools, terms, courses and sections, and the district itself.

Shapes follow Clever's specs v3.0.yml and v3.1.yml. Sections are a function of the people who are there, so that they
stay consistent with a roster that changes; a section without a student does not exist (Clever docs: Data Model Quirks).
"""

import zlib
from collections.abc import Iterable

from pipelines.sandbox.ids import ObjectIds, time_text
from pipelines.sandbox.names import SCHOOL_KINDS, STREETS, TOWNS
from pipelines.sandbox.people import FIRST_SECOND, LEGACY_SECOND, STUDENT, TEACHER, Plan, Record

PEOPLE_A_SCHOOL = 600
STUDENTS_A_SECTION = 25
SECTIONS_A_STUDENT = 3
SUBJECTS = (
    "english/language arts", "math", "science", "social studies", "language", "homeroom/advisory",
    "interventions/online learning", "technology and engineering", "PE and health", "arts and music", "other", "",
)  # fmt: skip


class Places:
    """The places of one district; the same arguments give the same places."""

    def __init__(self, plan: Plan, ids: ObjectIds) -> None:
        """Assign ids to the schools, two at least, and to what is taught there."""
        self.district_id = plan.district_id
        self.index = plan.index
        self._ids = ids
        count = max(2, plan.people // PEOPLE_A_SCHOOL)
        self.school_ids = [ids.mint(LEGACY_SECOND + place) for place in range(count)]
        self.term_ids = [ids.mint(LEGACY_SECOND + count + place) for place in range(2)]
        self.course_ids = [ids.mint(LEGACY_SECOND + count + 2 + place) for place in range(len(SUBJECTS))]
        self._students_a_school = max(1, plan.people * 62 // 100 // count)
        self._first_section = count + 2 + len(SUBJECTS)

    def district(self) -> Record:
        """Describe the district."""
        return {
            "id": self.district_id,
            "name": f"{TOWNS[self.index % len(TOWNS)]} Unified {self.index} (sandbox)",
            "state": "running",
            "sis_type": "sftp",
            "last_sync": "2025-07-01T03:00:00.000Z",
            "launch_date": "2021-07-01",
            "portal_url": f"https://clever.example/in/sandbox-{self.index}",
            "login_methods": ["Clever Passwords", "SAML"],
            "mdr_number": None,
            "nces_id": f"{9_900_000 + self.index:07d}",
        }

    def schools(self) -> list[Record]:
        """Describe the schools, in ascending order of ids."""
        return [self._school(place, school_id) for place, school_id in enumerate(self.school_ids)]

    def terms(self) -> list[Record]:
        """Describe the terms, in ascending order of ids."""
        fall, spring = self.term_ids
        return [
            {
                "id": fall,
                "district": self.district_id,
                "name": "Fall 2025",
                "start_date": "2025-08-18T00:00:00.000Z",
                "end_date": "2025-12-19T00:00:00.000Z",
            },
            {"id": spring, "district": self.district_id, "name": None, "start_date": "2026-01-05T00:00:00.000Z"},
        ]

    def courses(self) -> list[Record]:
        """Describe the courses, in ascending order of ids."""
        return [
            {"id": course_id, "district": self.district_id, "name": subject or None, "number": f"{100 + place}"}
            for place, (course_id, subject) in enumerate(zip(self.course_ids, SUBJECTS, strict=True))
        ]

    def sections(self, people: Iterable[Record]) -> list[Record]:
        """Describe the sections of the people who are there, in ascending order of ids."""
        a_school = max(1, self._students_a_school * SECTIONS_A_STUDENT // STUDENTS_A_SECTION)
        place_of = {school_id: place for place, school_id in enumerate(self.school_ids)}
        students: dict[int, dict[str, None]] = {}
        teachers: dict[int, list[str]] = {}
        for person in people:
            roles = person["roles"]
            school = place_of.get((roles.get(STUDENT) or {}).get("school", ""))
            if school is not None:
                for turn in range(SECTIONS_A_STUDENT):
                    number = zlib.crc32(f"{person['id']} {turn}".encode()) % a_school
                    students.setdefault(school * a_school + number, {})[person["id"]] = None
            school = place_of.get((roles.get(TEACHER) or {}).get("school", ""))
            if school is not None:
                teachers.setdefault(school, []).append(person["id"])
        return [
            self._section(number, number // a_school, list(members), teachers.get(number // a_school, []))
            for number, members in sorted(students.items())
        ]

    def _school(self, place: int, school_id: str) -> Record:
        kind = SCHOOL_KINDS[place % len(SCHOOL_KINDS)]
        school: Record = {
            "id": school_id,
            "district": self.district_id,
            "name": f"{TOWNS[(place * 5 + self.index) % len(TOWNS)]} {kind}",
            "sis_id": f"{1000 + place}",
            "school_number": f"{place + 1}",
            "created": time_text(LEGACY_SECOND * 1000),
            "last_modified": time_text(FIRST_SECOND * 1000),
            "low_grade": "Kindergarten",
            "high_grade": "12" if kind == "High" else "8",
            "nces_id": f"9900000{place:05d}",
            "mdr_number": None,
            "state_id": "" if place % 2 else f"ZZ-{place:04d}",
            "phone": "+1 555 0100",
        }
        if place % 3 == 0:
            school["location"] = {"address": f"{place + 1} {STREETS[place % len(STREETS)]}", "state": "ZZ", "zip": ""}
            school["principal"] = {"name": None, "email": None}
        if place % 4 == 0:
            school["ext"] = {"mascot": "🦦"}
        return school

    def _section(self, number: int, school: int, students: list[str], teachers: list[str]) -> Record:
        subject = number % len(SUBJECTS)
        section: Record = {
            "id": self._ids.at(FIRST_SECOND + number, self._first_section + number),
            "district": self.district_id,
            "school": self.school_ids[school],
            "name": f"{SUBJECTS[subject] or 'Study hall'} - {number % 9 + 1}",
            "sis_id": f"{number:07d}",
            "created": time_text(FIRST_SECOND * 1000 + number),
            "last_modified": time_text(FIRST_SECOND * 1000 + number),
            "subject": SUBJECTS[subject],
            "course": self.course_ids[subject],
            "term_id": self.term_ids[number % 2] if number % 7 else None,
            "section_number": f"{number}",
            "students": students,
            "teachers": [],
        }
        if number % 3 == 0:
            section["grade"] = ("Kindergarten", "5", "Other", "", None)[number % 5]
        if number % 11 == 0:
            section["ext"] = {"room": "№ 7"}
        if number % 5:
            section["period"] = f"{number % 9 + 1}"
        if teachers:
            first = number % len(teachers)
            taught_by = [teachers[first]]
            if len(teachers) > 1 and number % 4 == 0:
                taught_by.append(teachers[(first + 1) % len(teachers)])
            section["teacher"] = taught_by[0]
            section["teachers"] = taught_by
        return section
