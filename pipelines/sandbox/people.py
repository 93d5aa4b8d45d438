"""Who lives in a fake district: people in all five roles, drawn from a seed, as API v3.0 records.

Field names, enumerations and what may be null follow Clever's spec v3.0.yml; who may hold which roles together, and
that contacts keep the whole name in `last`, follow Clever docs (API v3 FAQs, Data Model Quirks).
"""

# ruff: noqa: PLR2004 - a share of chance is plainest where it is drawn

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from pipelines.sandbox.details import (
    ADDRESS_ENDS,
    ADMIN_TITLES,
    COORDINATES,
    DEPARTMENTS,
    ELL_SHARES,
    GENDER_SHARES,
    GRADE_SHARES,
    HISPANIC_SHARES,
    PHONE_TYPE_SHARES,
    RACE_SHARES,
    RELATIONSHIP_SHARES,
    RELATIONSHIP_TYPE_SHARES,
    V31_SALT,
    another_relationship,
    birth_date,
    enrollments,
    graduation_year,
    more_relationships,
    number_of,
    role_times,
    special_fields_in_v30,
    staff_roles,
    username,
)
from pipelines.sandbox.ids import ObjectIds, count_of, time_text
from pipelines.sandbox.names import (
    FIRST_NAMES,
    HANDLES,
    LAST_NAMES,
    MIDDLE_NAMES,
    STAFF_TITLES,
    STREETS,
    TITLES,
    TOWNS,
)

Record = dict[str, Any]
"""One JSON object as Clever sends it."""

STUDENT = "student"
TEACHER = "teacher"
STAFF = "staff"
DISTRICT_ADMIN = "district_admin"
CONTACT = "contact"

ROLES = (STUDENT, TEACHER, STAFF, DISTRICT_ADMIN, CONTACT)
"""The five roles (spec v3.0.yml: Roles)."""

EMPLOYEE_ROLES = (TEACHER, STAFF, DISTRICT_ADMIN)
"""The roles that one person may hold together (Clever docs: API v3 FAQs)."""

Kind = tuple[str, ...]

FAMILY = 7
"""The salt of the numbers that say who is a contact of whom."""

FURTHER_STUDENTS = (0, 1, 2, 3, 3, 4)
"""Students whom a contact is related to besides those of the first draw: a student has 1.7 contacts on average, and one in ten none."""

KINDS: dict[Kind, float] = {
    (STUDENT,): 0.62,
    (CONTACT,): 0.28,
    (TEACHER,): 0.068,
    (STAFF,): 0.023,
    (TEACHER, STAFF): 0.004,
    (TEACHER, DISTRICT_ADMIN): 0.0015,
    (STAFF, DISTRICT_ADMIN): 0.001,
    (DISTRICT_ADMIN,): 0.001,
    (TEACHER, STAFF, DISTRICT_ADMIN): 0.0015,
}
"""The share of people with each combination of roles."""

ALWAYS: tuple[Kind, ...] = (
    (TEACHER, STAFF, DISTRICT_ADMIN),
    (STUDENT,),
    (CONTACT,),
    (TEACHER,),
    (STAFF,),
    (TEACHER, DISTRICT_ADMIN),
)
"""What even the smallest district has, in this order, as far as its people reach."""

GRADES = (
    "InfantToddler", "Preschool", "PreKindergarten", "TransitionalKindergarten", "Kindergarten",
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "PostGraduate", "Ungraded", "Other", "",
)  # fmt: skip
GENDERS = ("M", "F", "X", "")
RACES = (
    "Caucasian", "Asian", "Black or African American", "American Indian", "Hawaiian or Other Pacific Islander",
    "Two or More Races", "Unknown", "",
)  # fmt: skip
YES_NO = ("Y", "N", "")
PHONE_TYPES = ("Cell", "Home", "Work", "Other", "")
RELATIONSHIPS = ("Parent", "Grandparent", "Self", "Aunt/Uncle", "Sibling", "Other", "")
RELATIONSHIP_TYPES = ("Parent/Guardian", "Emergency", "Primary", "Secondary", "Family", "Other", "")

FIRST_SECOND = 1_625_097_600
"""2021-07-01, when the first person of a district was made."""

LAST_SECOND = 1_751_328_000
"""2025-07-01, before which all people of a new district were made."""

LEGACY_SECOND = 1_440_460_800
"""2015-08-25, from which the ids of API v2.1 date."""

DISTRICTS_PER_SPECIAL_FIELDS = 3
"""One of so many districts, the last, shows frl_status, iep_status, and home_language in API v3.0 too."""

_MILLISECONDS_A_YEAR = 31_536_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a district follows from."""

    district_id: str
    index: int
    """The district's number among all, from 0."""
    people: int
    """How many people it has to begin with."""
    seed: int


class Population:
    """The people of one district; the same arguments give the same people."""

    def __init__(self, plan: Plan, ids: ObjectIds, schools: Sequence[str]) -> None:
        """Prepare; no one is made before the population is iterated."""
        self.district_id = plan.district_id
        self.ids = ids
        self.size = plan.people
        self._schools = schools
        self._domain = f"d{plan.index}.sandbox.example"
        self._has_special_fields = plan.index % DISTRICTS_PER_SPECIAL_FIELDS == DISTRICTS_PER_SPECIAL_FIELDS - 1
        self._rng = random.Random(f"people {plan.seed} {plan.index}")
        self._step = max(1, (LAST_SECOND - FIRST_SECOND) // max(plan.people, 1))
        self._students: list[str] = []
        self._families: Iterator[str | None] = cycle([None])
        """The students whose families name several contacts, again and again; None after the district was made."""
        self._work_emails: list[str] = []

    def __iter__(self) -> Iterator[Record]:
        """Make every person, in ascending order of ids."""
        rng = self._rng
        kinds = [*ALWAYS, *rng.choices(list(KINDS), weights=list(KINDS.values()), k=self.size)][: self.size]
        rng.shuffle(kinds)
        seconds = [FIRST_SECOND + place * self._step for place in range(self.size)]
        ids = [self.ids.at(second, place) for place, second in enumerate(seconds)]
        self._students = [ids[place] for place, kind in enumerate(kinds) if kind == (STUDENT,)]
        self._families = cycle([student for student in self._students if number_of(student, FAMILY) % 5] or [None])
        for place, kind in enumerate(kinds):
            yield self.person(kind, ids[place], place, seconds[place] * 1000)
        self._families = cycle([None])

    def newcomer(self, roles: Kind, seconds: int, students: Sequence[str]) -> Record:
        """Make a person who arrives after the district was made, with an id of their own.

        Args:
            roles: The roles to hold.
            seconds: When, since 1970 (UTC).
            students: Ids that a contact may be related to.
        """
        self._students = list(students)
        user_id = self.ids.mint(seconds)
        return self.person(roles, user_id, count_of(user_id), seconds * 1000)

    def person(self, roles: Kind, user_id: str, serial: int, created: int) -> Record:
        """Make one person; `created` is in milliseconds since 1970."""
        rand = self._rng.random
        modified = created if rand() < 0.5 else created + int(rand() * _MILLISECONDS_A_YEAR)
        record: Record = {
            "id": user_id,
            "district": self.district_id,
            "created": time_text(created),
            "last_modified": time_text(modified),
            "name": self._contact_name() if roles == (CONTACT,) else self.name(),
        }
        self._add_email(record, roles, serial)
        held: Record = {role: self.role(role, record, serial) for role in roles}
        if rand() < 0.1:
            held.update(dict.fromkeys(set_aside(roles)))
        record["roles"] = held
        return record

    def role(self, role: str, record: Record, serial: int, legacy_id: str | None = None) -> Record:
        """Make the object of one role for a person whose top level is `record`."""
        if role == STUDENT:
            return self._student(record, serial, legacy_id or record["id"])
        legacy_id = legacy_id or self.ids.mint(LEGACY_SECOND + serial)
        if role == TEACHER:
            return self._teacher(record, serial, legacy_id)
        if role == STAFF:
            return self._staff(record, serial, legacy_id)
        if role == CONTACT:
            return self._contact(record, serial, legacy_id)
        return self._district_admin(record, legacy_id)

    def student_email(self, serial: int) -> str:
        """Return the address that student number `serial` would get."""
        return f"{self._pick(HANDLES)}.{serial}@students.{self._domain}"

    def work_email(self, serial: int) -> str:
        """Return the address that employee number `serial` would get."""
        return f"{self._pick(HANDLES)}_{serial}@staff.{self._domain}"

    def _pick(self, pool: Sequence[Any]) -> Any:
        return pool[int(self._rng.random() * len(pool))]

    def _maybe(self, record: Record, field: str, value: str | None, absent: float = 0.1) -> None:
        """Set an optional field: mostly the value, now and then null, empty or not at all."""
        chance = self._rng.random()
        if chance >= absent:
            record[field] = value
        elif chance < absent / 3:
            record[field] = None
        elif chance < absent / 1.5:
            record[field] = ""

    def name(self) -> Record:
        """Return a name as a student or employee has it."""
        name: Record = {"first": self._pick(FIRST_NAMES), "last": self._pick(LAST_NAMES)}
        self._maybe(name, "middle", self._pick(MIDDLE_NAMES), absent=0.6)
        return name

    def _contact_name(self) -> Record:
        name: Record = {"last": f"{self._pick(FIRST_NAMES)} {self._pick(LAST_NAMES)}"}
        chance = self._rng.random()
        if chance < 0.2:
            name["first"] = ""
        elif chance < 0.3:
            name["first"] = None
        return name

    def _add_email(self, record: Record, roles: Kind, serial: int) -> None:
        rand = self._rng.random
        if roles == (STUDENT,):
            self._maybe(record, "email", self.student_email(serial), absent=0.3)
        elif roles == (CONTACT,):
            self._maybe(record, "email", f"{self._pick(HANDLES)}+{serial}@family.{self._domain}", absent=0.4)
        else:
            email = self.work_email(serial)
            chance = rand()
            if chance < 0.004 and self._work_emails:
                email = self._pick(self._work_emails)
            elif chance < 0.02:
                email = email.upper()
            elif chance < 0.025:
                email = email.replace("@", " at ")
            elif len(self._work_emails) < 1000:
                self._work_emails.append(email)
            self._maybe(record, "email", email, absent=0.03)

    def _some_schools(self) -> tuple[str, list[str]]:
        """Pick a primary school and all schools, the primary among them."""
        if not self._schools:
            return "", []
        primary = self._pick(self._schools)
        if self._rng.random() < 0.92:
            return primary, [primary]
        other = self._pick(self._schools)
        return primary, [primary] if other == primary else [other, primary]

    def _student(self, record: Record, serial: int, legacy_id: str) -> Record:
        pick, maybe, rand = self._pick, self._maybe, self._rng.random
        number = number_of(record["id"])
        primary, schools = self._some_schools()
        student: Record = {
            "legacy_id": legacy_id,
            "school": primary,
            "schools": schools,
            "enrollments": enrollments(schools, number >> 16),
            "sis_id": f"S{serial:08d}",
            **role_times(record, number),
        }
        maybe(student, "student_number", f"{serial:06d}")
        maybe(student, "state_id", f"ST{serial * 7919 % 10_000_000:07d}", absent=0.3)
        chance = rand()
        if chance < 0.95:
            student["grade"] = pick(GRADE_SHARES)
        elif chance < 0.97:
            student["grade"] = None
        graduation = graduation_year(student.get("grade"), rand())
        maybe(student, "graduation_year", str(graduation))
        chance = rand()
        if chance < 0.93:
            month, day = 1 + int(rand() * 12), 1 + int(rand() * 28)
            student["dob"] = birth_date(graduation + int(rand() * 1.05), month, day, number >> 7)
        elif chance < 0.96:
            student["dob"] = None if chance < 0.95 else ""
        maybe(student, "gender", pick(GENDER_SHARES))
        maybe(student, "race", pick(RACE_SHARES), absent=0.2)
        maybe(student, "hispanic_ethnicity", pick(HISPANIC_SHARES), absent=0.2)
        maybe(student, "ell_status", pick(ELL_SHARES), absent=0.2)
        chance = rand()
        if chance < 0.6:
            location = self._location()
            student["location"] = location if chance > 0.01 else {}
        elif chance < 0.7:
            student["location"] = None
        chance = rand()
        student |= username(f"{pick(HANDLES)}{serial}" if chance < 0.7 else "", chance, 0.7)
        if rand() < 0.3:
            student["ext"] = self._ext()
        if self._has_special_fields:
            student |= special_fields_in_v30(serial, number_of(record["id"], V31_SALT))
        return student

    def _teacher(self, record: Record, serial: int, legacy_id: str) -> Record:
        number = number_of(record["id"])
        primary, schools = self._some_schools()
        teacher: Record = {
            "legacy_id": legacy_id,
            "school": primary,
            "schools": schools,
            "sis_id": f"T{serial:08d}",
            "district": self.district_id,
            "name": record["name"],
            **role_times(record, number),
        }
        if number >> 7 & 63 == 0:
            del teacher["district"], teacher["name"]
        self._maybe(teacher, "teacher_number", f"T-{serial}")
        self._maybe(teacher, "state_id", f"LIC{serial * 31}", absent=0.4)
        self._maybe(teacher, "title", self._pick(TITLES), absent=0.3)
        chance = self._rng.random()
        if 0.6 <= chance < 0.7:
            teacher["credentials"] = None
        else:
            name = f"{self._pick(HANDLES)}.t{serial}" if chance < 0.6 else ""
            teacher |= username(name, chance if chance < 0.6 else chance - 0.1, 0.6)
        if self._rng.random() < 0.2:
            teacher["ext"] = self._ext()
        return teacher

    def _staff(self, record: Record, serial: int, legacy_id: str) -> Record:
        _, schools = self._some_schools()
        staff: Record = {
            "legacy_id": legacy_id,
            "schools": schools,
            "staff_id": f"F{serial:08d}",
            "roles": staff_roles(self._rng.random()),
        }
        self._maybe(staff, "department", DEPARTMENTS[number_of(record["id"]) & 7], absent=0.5)
        self._maybe(staff, "title", self._pick(STAFF_TITLES), absent=0.2)
        chance = self._rng.random()
        staff |= username(f"{self._pick(HANDLES)}.f{serial}" if chance < 0.6 else "", chance, 0.6)
        if self._rng.random() < 0.2:
            staff["ext"] = self._ext()
        return staff

    def _district_admin(self, record: Record, legacy_id: str) -> Record:
        admin: Record = {"legacy_id": legacy_id}
        self._maybe(admin, "title", ADMIN_TITLES[number_of(record["id"]) & 15], absent=0.3)
        return admin

    def _contact(self, record: Record, serial: int, legacy_id: str) -> Record:
        rand, pick = self._rng.random, self._pick
        contact: Record = {"legacy_id": legacy_id}
        self._maybe(contact, "sis_id", f"C{serial:08d}", absent=0.6)
        self._maybe(contact, "phone", f"+1 555 01{serial % 100:02d} x{serial}", absent=0.3)
        self._maybe(contact, "phone_type", pick(PHONE_TYPE_SHARES), absent=0.4)
        related = [pick(self._students) for _ in range(1 + int(rand() * rand() * 4))] if self._students else []
        relationships = [self._relationship(student) for student in related]
        if relationships:
            number = number_of(record["id"], FAMILY)
            further = [next(self._families) for _ in range(FURTHER_STUDENTS[number % len(FURTHER_STUDENTS)])]
            relationships += [
                another_relationship(student, number_of(student, FAMILY) ^ number)
                for student in dict.fromkeys(further)
                if student and student not in related
            ]
            relationships += more_relationships(relationships[0], number_of(record["id"]))
        contact["student_relationships"] = relationships
        return contact

    def _relationship(self, student_id: str) -> Record:
        relationship: Record = {"student": student_id}
        self._maybe(relationship, "relationship", self._pick(RELATIONSHIP_SHARES))
        self._maybe(relationship, "type", self._pick(RELATIONSHIP_TYPE_SHARES))
        return relationship

    def _location(self) -> Record:
        rand = self._rng.random
        location: Record = {"city": self._pick(TOWNS)}
        self._maybe(location, "address", f"{1 + int(rand() * 9999)} {self._pick(STREETS)}", absent=0.3)
        return {**location, **ADDRESS_ENDS[int(rand() * 128)], **COORDINATES[int(rand() * 512)]}

    def _ext(self) -> Record:
        ext: Record = {"bus_route": f"{int(self._rng.random() * 90)}B"}
        chance = self._rng.random()
        if chance < 0.2:
            ext['lunch "line"'] = {"nested": [1, 2.5, True, None, "ü"], "": {}}
        elif chance < 0.3:
            ext["häuser"] = ""
        elif chance < 0.4:
            ext["email"] = None
        elif chance > 0.97:
            return {}
        return ext


def set_aside(roles: Kind) -> list[str]:
    """Name the roles that a person of these roles does not hold."""
    return [role for role in ROLES if role not in roles]
