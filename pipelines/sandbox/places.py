"""What a fake district has besides people and sections: itself, its schools, courses, terms and resources, when it is new.

Fields, values, and what may be null follow Clever's specs v3.0.yml and v3.1.yml and Clever docs (Clever's Data Model).
Which record shows which form is fixed by its place, so that a few thousand people suffice for all of them.
"""

from itertools import chain, islice

from pipelines.sandbox.curriculum import ABSENT, BLANK, MOST_COURSES, NULL, SENT, add, course_title
from pipelines.sandbox.ids import ObjectIds, seconds_of, time_text
from pipelines.sandbox.names import FIRST_NAMES, LAST_NAMES, MIDDLE_NAMES, SCHOOL_KINDS, STREETS, TOWNS
from pipelines.sandbox.people import FIRST_SECOND, LAST_SECOND, LEGACY_SECOND, Plan, Record

PEOPLE_A_SCHOOL = 600
PEOPLE_A_COURSE = 8
FEWEST_COURSES = 15
COURSES_A_RESOURCE = 8
FEWEST_RESOURCES = 7

FIRST_YEAR = 2025
"""The school year that a new district is in, by the year in which it begins."""

TERM_SETS = (
    ("Year", "Quarter 1", "Quarter 2", "Quarter 3", "Quarter 4"),
    ("Quarter 1", "Quarter 2", "Quarter 3", "Quarter 4"),
    ("Year", "Semester 1", "Semester 2"),
    ("Semester 1", "Semester 2", "Quarter 1", "Quarter 2", "Quarter 3", "Quarter 4"),
    ("Year", "Semester 1", "Semester 2", "Quarter 1", "Quarter 2", "Quarter 3", "Quarter 4"),
)
"""How districts divide a year; each has one of these."""

_TERM_DATES = {
    "Year": (8, 18, 6, 5), "Semester 1": (8, 18, 12, 19), "Semester 2": (1, 5, 6, 5), "Quarter 1": (8, 18, 10, 10),
    "Quarter 2": (10, 13, 12, 19), "Quarter 3": (1, 5, 3, 13), "Quarter 4": (3, 16, 6, 5),
}  # fmt: skip
"""Month and day of the first and of the last day; terms that begin before June are in the second calendar year."""

_JULY = 7

_SCHOOL_GRADES = (
    ("Kindergarten", "5"), ("6", "8"), ("9", "12"), ("PreKindergarten", ...), ("1", "6"), ("7", "9"), ("Preschool", "2"),
    ("InfantToddler", "Preschool"), ("TransitionalKindergarten", "4"), ("10", "13"), ("Ungraded", "Ungraded"),
    ("12", "PostGraduate"), ("", ""), (None, None), (..., "7"), ("2", "3"), ("3", "10"), ("4", "11"), ("5", "Other"),
    ("8", "Kindergarten"), ("Other", "1"), ("11", "TransitionalKindergarten"), ("13", "PreKindergarten"),
    ("PostGraduate", "InfantToddler"),
)  # fmt: skip
"""The lowest and the highest grade of schools, or none: each grade occurs in both, in the end as no school has them."""

_STATES = ("running", "success", "pending", "error", "paused", "", None, ...)
_SIS_TYPES = ("sftp", "PowerSchool", "Infinite Campus", "Skyward", "Aeries", "Synergy", "")
_LOGIN_METHODS: tuple[list[str], ...] = (
    ["Clever Passwords", "SAML"], ["Google"], ["Clever Badges", "LDAP"], ["Canvas", "Other"], [],
)  # fmt: skip
_CONTACTS: tuple[Record | None, ...] = (
    {"title": "Data Manager", "name": {"middle": None}},
    {"title": "", "email": None, "name": {"middle": ""}},
    {"title": "Superintendent", "email": "", "name": {"first": None, "last": None}},
    {"title": "SIS Coordinator", "email": ..., "name": {"first": "", "last": ""}},
    {"name": {"first": ..., "middle": MIDDLE_NAMES[0], "last": ...}},
    None,
)
"""The contacts of districts as far as they differ from a whole one; None is no contact."""

PAUSE = {"pause_start": "2025-06-20T00:00:00.000Z", "pause_end": "2025-08-01T00:00:00.000Z"}


class Places:
    """The places of one new district; the same plan gives the same places."""

    def __init__(self, plan: Plan, ids: ObjectIds) -> None:
        """Assign ids to the schools, two at least, and to what is taught there."""
        self.district_id = plan.district_id
        self.index = plan.index
        self.mark = ids.mark
        self._ids = ids
        self._place = 0
        schools = max(2, plan.people // PEOPLE_A_SCHOOL)
        courses = min(MOST_COURSES, max(FEWEST_COURSES, plan.people // PEOPLE_A_COURSE))
        self.term_names = TERM_SETS[plan.index * 2 % len(TERM_SETS)]
        self.school_ids = self._mint(schools)
        self.term_ids = self._mint(2 * len(self.term_names))
        self.course_ids = self._mint(courses)
        self.resource_ids = self._mint(max(FEWEST_RESOURCES, courses // COURSES_A_RESOURCE))
        self._contact_id = self._mint(1)[0]

    def _mint(self, count: int) -> list[str]:
        """Assign the next ids, a second apart."""
        first, self._place = self._place, self._place + count
        return [self._ids.mint(LEGACY_SECOND + place) for place in range(first, self._place)]

    def district(self) -> Record:
        """Describe the district."""
        index = self.index
        district: Record = {
            "id": self.district_id,
            "name": f"{TOWNS[index % len(TOWNS)]} Unified {index} (sandbox)",
            "sis_type": _SIS_TYPES[index % len(_SIS_TYPES)],
            "launch_date": "2021-07-01",
            "portal_url": f"https://clever.example/in/sandbox-{index}",
            "login_methods": list(_LOGIN_METHODS[index % len(_LOGIN_METHODS)]),
        }
        state = _STATES[index % len(_STATES)]
        if state is not ...:
            district["state"] = state
        if state == "error":
            district["error"] = "The SIS did not answer."
        elif index % 3 == 0:
            district["error"] = ""
        district |= PAUSE if state == "paused" else dict.fromkeys(PAUSE) if index % 2 == 0 else {}
        add(district, "last_sync", time_text(LAST_SECOND * 1000), (SENT, SENT, NULL, SENT, SENT, ABSENT)[index % 6])
        add(district, "mdr_number", f"{1_000_000 + index:08d}", (NULL, SENT, BLANK, ABSENT)[index % 4])
        add(district, "nces_id", f"{9_900_000 + index:07d}", (SENT, NULL, ABSENT, BLANK)[index % 4])
        contact = _CONTACTS[index % len(_CONTACTS)]
        if contact is not None:
            district["district_contact"] = self._contact(contact)
        return district

    def schools(self) -> list[Record]:
        """Describe the schools, in ascending order of ids."""
        return [self._school(place, school_id) for place, school_id in enumerate(self.school_ids)]

    def terms(self) -> list[Record]:
        """Describe the terms of last year and of this one, in ascending order of ids."""
        named = enumerate(self.term_names)
        last_year = [last_years_term(place, name, FIRST_YEAR - 1) for place, name in named]
        this_year = year_of_terms(self.term_names, FIRST_YEAR)
        return [
            {"id": term_id, "district": self.district_id, **term}
            for term_id, term in zip(self.term_ids, [*last_year, *this_year], strict=True)
        ]

    def courses(self) -> list[Record]:
        """Describe the courses, in ascending order of ids; one in ten has no number."""
        courses: list[Record] = []
        for place, course_id in enumerate(self.course_ids):
            course: Record = {"id": course_id, "district": self.district_id}
            add(course, "name", course_title(place), {4: NULL, 14: BLANK, 24: ABSENT}.get(place % 32, SENT))
            add(course, "number", f"{100 + place}", {7: NULL, 17: BLANK, 27: ABSENT}.get(place % 32, SENT))
            courses.append(course)
        return courses

    def resources(self) -> list[Record]:
        """Describe the resources, in ascending order of ids."""
        roles: tuple[list[str], ...] = (["student", "teacher"], ["student"], ["teacher"], [])
        resources: list[Record] = []
        for place, resource_id in enumerate(self.resource_ids):
            created = seconds_of(resource_id) * 1000
            resource: Record = {
                "id": resource_id,
                "district": self.district_id,
                "resource_id": f"lib-{place:04d}",
                "title": f"{course_title(place * 3)} Library" if place % 7 else "",
                "roles": list(roles[place % len(roles)]),
                "created": time_text(created),
                "updated": time_text(created + place % 3 * 86_400_000),
            }
            for name in {4: ("roles",), 6: ("created", "updated")}.get(place % 9, ()):
                del resource[name]
            resources.append(resource)
        return resources

    def courses_of_resources(self) -> dict[str, list[str]]:
        """Return the courses that each resource is assigned to, in ascending order of ids."""
        found: dict[str, list[str]] = {}
        for place, resource_id in enumerate(self.resource_ids):
            around = islice(chain(self.course_ids[place * 3 % len(self.course_ids) :], self.course_ids), place % 6)
            found[resource_id] = sorted(around)
        return found

    def current_terms(self) -> list[str]:
        """List the ids of the terms of this year."""
        return self.term_ids[len(self.term_names) :]

    def _contact(self, changes: Record) -> Record:
        """Describe the district's contact, who need not be a user."""
        pick = self.index * 7
        whole: Record = {
            "id": self._contact_id,
            "district": self.district_id,
            "title": "Data Manager",
            "email": f"contact@d{self.index}.sandbox.example",
        }
        name: Record = {"first": FIRST_NAMES[pick % len(FIRST_NAMES)], "last": LAST_NAMES[pick % len(LAST_NAMES)]}
        merged = {**whole, **changes, "name": _without_absent(name | changes["name"])}
        return _without_absent(merged)

    def _school(self, place: int, school_id: str) -> Record:
        kind = SCHOOL_KINDS[place % len(SCHOOL_KINDS)]
        created = seconds_of(school_id) * 1000
        turn = place + 8 * self.index
        school: Record = {
            "id": school_id,
            "district": self.district_id,
            "name": f"{TOWNS[(place * 5 + self.index) % len(TOWNS)]} {kind}",
            "sis_id": f"{1000 + place}",
            "school_number": f"{place + 1}",
            "created": time_text(created),
            "last_modified": time_text(FIRST_SECOND * 1000 if place % 3 else created),
        }
        low, high = _SCHOOL_GRADES[turn % len(_SCHOOL_GRADES)]
        school |= _without_absent({"low_grade": low, "high_grade": high})
        add(school, "nces_id", f"9900000{place:05d}", (SENT, NULL, BLANK, ABSENT)[place % 4])
        add(school, "mdr_number", f"{2_000_000 + place:08d}", (NULL, SENT, ABSENT, BLANK)[place % 4])
        add(school, "state_id", f"ZZ-{place:04d}", (SENT, BLANK, ABSENT, NULL)[place % 4])
        add(school, "phone", f"+1 555 01{place % 100:02d}", (SENT, SENT, NULL, BLANK, ABSENT)[place % 5])
        address = {"address": f"{place + 1} {STREETS[place % len(STREETS)]}", "city": TOWNS[place % len(TOWNS)]}
        whole = {**address, "state": "ZZ", "zip": "00001", "lat": f"{43 + place % 50 * 0.0097:.4f}", "lon": "-104.0131"}
        locations: tuple[Record | None, ...] = (whole, {}, None, dict.fromkeys(whole), dict.fromkeys(whole, ""), whole)
        if place % 7 < len(locations):
            school["location"] = locations[place % 7]
        first, last = FIRST_NAMES[turn % len(FIRST_NAMES)], LAST_NAMES[turn % len(LAST_NAMES)]
        person = {"name": f"{first} {last}", "email": f"principal.{place}@d{self.index}.sandbox.example"}
        principals: tuple[Record, ...] = (person, dict.fromkeys(person), dict.fromkeys(person, ""), {})
        if place % 5 < len(principals):
            school["principal"] = principals[place % 5]
        if place % 4 == 0:
            school["ext"] = ({"mascot": "🦦"}, {"mascot": "", "colors": ["navy", None]}, {})[place // 4 % 3]
        return school


def year_of_terms(names: tuple[str, ...], year: int) -> list[Record]:
    """Describe the terms of the school year that begins in a year: dates as datetimes (spec) and as dates (docs)."""
    terms: list[Record] = []
    for place, name in enumerate(names):
        start, end = _term_dates(name, year)
        if place % 3 == 1:
            terms.append({"name": f"{name} {year}-{year + 1}", "start_date": start, "end_date": end})
        else:
            times = {"start_date": f"{start}T00:00:00.000Z", "end_date": f"{end}T00:00:00.000Z"}
            terms.append({"name": f"{name} {year}-{year + 1}", **times})
    return terms


def last_years_term(place: int, name: str, year: int) -> Record:
    """Describe a term of an earlier year, of which little may be known."""
    start, end = _term_dates(name, year)
    incomplete: tuple[Record, ...] = (
        {"name": None, "start_date": start, "end_date": None},
        {"name": "", "start_date": None, "end_date": end},
        {},
    )
    whole = {"name": f"{name} {year}-{year + 1}", "start_date": start, "end_date": end}
    return dict(incomplete[place]) if place < len(incomplete) else whole


def _term_dates(name: str, year: int) -> tuple[str, str]:
    from_month, from_day, to_month, to_day = _TERM_DATES[name]
    first = f"{year + (from_month < _JULY)}-{from_month:02d}-{from_day:02d}"
    return first, f"{year + (to_month < _JULY)}-{to_month:02d}-{to_day:02d}"


def _without_absent(record: Record) -> Record:
    return {name: value for name, value in record.items() if value is not ...}
