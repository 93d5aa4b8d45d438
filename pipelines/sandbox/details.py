"""Values of the fields of role objects that nothing else in the sandbox depends on.

Fields, values, and what may be null follow Clever's specs v3.0.yml and v3.1.yml and Clever docs (Users). Shares are
assumptions. All tables are built once, and one number per person selects from several of them, so that generation
stays cheap.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from pipelines.sandbox.languages import LANGUAGES
from pipelines.sandbox.names import FIRST_NAMES, LAST_NAMES, MIDDLE_NAMES

Fields = Mapping[str, Any]
"""Fields to add to a JSON object. Tables share them between records: never change one."""

V31_SALT = 3
"""Salt of the numbers that select what only API v3.1 shows of a student."""

_MASK = (1 << 64) - 1


def number_of(object_id: str, salt: int = 1) -> int:
    """Return 64 bits that look random and depend only on an ID and an odd salt."""
    mixed = int(object_id, 16) * (0x9E37_79B9_7F4A_7C15 * salt) & _MASK
    mixed = (mixed ^ mixed >> 31) * 0xBF58_476D_1CE4_E5B9 & _MASK
    return mixed ^ mixed >> 29


def repeated(shares: Mapping[str, int]) -> tuple[str, ...]:
    """Return each value as often as its share says."""
    return tuple(value for value, share in shares.items() for _ in range(share))


def table(size: int, *rows: tuple[int, Fields]) -> tuple[Fields, ...]:
    """Return a table of `size` rows: each row as often as its count says, and no fields in the rest."""
    table = [fields for count, fields in rows for _ in range(count)]
    if len(table) > size:
        message = f"{len(table)} rows do not fit into a table of {size}"
        raise ValueError(message)
    return (*table, *({} for _ in range(size - len(table))))


def one_field(name: str, size: int, **shares: int) -> tuple[Fields, ...]:
    """Return a table for one field; `blank` and `null` are the shares of "" and null, and the rest is absent."""
    values: dict[str, Any] = {"blank": "", "null": None}
    return table(size, *((share, {name: values.get(value, value)}) for value, share in shares.items()))


GRADE_SHARES = repeated(
    {
        "InfantToddler": 1, "Preschool": 4, "PreKindergarten": 8, "TransitionalKindergarten": 3, "Kindergarten": 14,
        **{str(grade): 13 for grade in range(1, 13)},
        "13": 2, "PostGraduate": 2, "Ungraded": 4, "Other": 2, "": 3,
    }
)  # fmt: skip
GENDER_SHARES = repeated({"M": 48, "F": 48, "X": 2, "": 2})
RACE_SHARES = repeated(
    {
        "Caucasian": 45, "Black or African American": 15, "Asian": 6, "American Indian": 2,
        "Hawaiian or Other Pacific Islander": 2, "Two or More Races": 6, "Unknown": 20, "": 4,
    }
)  # fmt: skip
HISPANIC_SHARES = repeated({"Y": 27, "N": 68, "": 5})
ELL_SHARES = repeated({"Y": 11, "N": 84, "": 5})
PHONE_TYPE_SHARES = repeated({"Cell": 60, "Home": 18, "Work": 14, "Other": 4, "": 4})
RELATIONSHIP_SHARES = repeated(
    {"Parent": 76, "Grandparent": 8, "Aunt/Uncle": 4, "Sibling": 3, "Self": 2, "Other": 4, "": 3}
)
RELATIONSHIP_TYPE_SHARES = repeated(
    {"Parent/Guardian": 50, "Emergency": 18, "Primary": 12, "Secondary": 8, "Family": 6, "Other": 3, "": 3}
)
"""Tables of values by share: of students, of contacts, and of their relationships to students."""

DEPARTMENTS = (
    "Front Office", "Guidance", "Special Education", "Information Technology", "Library & Media", "Food Service",
    "Transportation", "Athletics",
)  # fmt: skip
ADMIN_TITLES = (
    *("Superintendent's Office" for _ in range(9)),
    "Superintendent", "Chief Technology Officer", "Director of Assessment", "Data Manager", "SIS Coordinator",
    "Director of Special Education", "Registrar",
)  # fmt: skip

GRADUATES_OF_12 = 2026
"""When students who are in grade 12 when the district is made graduate."""

_YEARS_TO_GRADUATION = {
    "InfantToddler": 15, "Preschool": 14, "PreKindergarten": 13, "TransitionalKindergarten": 13, "Kindergarten": 12,
    **{str(grade): 12 - grade for grade in range(1, 13)},
    "13": 0, "PostGraduate": 0,
}  # fmt: skip
_AGE_AT_GRADUATION = 18
_SEPTEMBER = 9


def graduation_year(grade: str | None, chance: float) -> int:
    """Return the year in which a student of this grade graduates; without a known grade, by chance."""
    years = _YEARS_TO_GRADUATION.get(grade or "")
    return GRADUATES_OF_12 + (int(chance * 14) if years is None else years)


def birth_date(graduation: int, month: int, day: int, number: int) -> str:
    """Return a birth date that fits a graduation year: mostly M/D/YYYY (spec), now and then YYYY-MM-DD (docs)."""
    year = graduation - _AGE_AT_GRADUATION - (month >= _SEPTEMBER)
    return f"{year}-{month:02d}-{day:02d}" if number & 15 == 0 else f"{month}/{day}/{year}"


def _instant(date: dt.date) -> str:
    return f"{date.isoformat()}T00:00:00.000Z"


def _slashed(date: dt.date) -> str:
    return f"{date.month}/{date.day}/{date.year}"


_FIRST_DAY = dt.date(2025, 8, 18)
_LAST_DAY = dt.date(2026, 6, 5)
_LATE_STARTS = (dt.date(2025, 9, 2), dt.date(2025, 10, 13), dt.date(2025, 11, 3), dt.date(2026, 1, 5))
_EARLY_ENDS = (dt.date(2025, 10, 10), dt.date(2025, 11, 26), dt.date(2025, 12, 19), dt.date(2026, 3, 31))

ENROLLMENT_ENDS = tuple(write(date) for date in _EARLY_ENDS for write in (_instant, dt.date.isoformat, _slashed))
"""Ends of enrollments before the last day of school, in every form."""

_ENROLLMENT_DATES = table(
    128,
    (82, {"start_date": _instant(_FIRST_DAY), "end_date": _instant(_LAST_DAY)}),
    (10, {"start_date": _FIRST_DAY.isoformat(), "end_date": _LAST_DAY.isoformat()}),
    (5, {"start_date": _slashed(_FIRST_DAY), "end_date": _slashed(_LAST_DAY)}),
    (3, {"start_date": _instant(_FIRST_DAY), "end_date": _slashed(_LAST_DAY)}),
    *((2, {"start_date": _instant(date), "end_date": _instant(_LAST_DAY)}) for date in _LATE_STARTS),
    *((1, {"start_date": _slashed(date), "end_date": _LAST_DAY.isoformat()}) for date in _LATE_STARTS),
    *((1, {"start_date": _instant(_FIRST_DAY), "end_date": end}) for end in ENROLLMENT_ENDS),
    (1, {"start_date": _instant(_FIRST_DAY)}),
    (1, {"end_date": _instant(_LAST_DAY)}),
)
"""The dates of an enrollment: datetimes (spec), dates in both forms (docs), or one or both of them missing."""


def enrollments(schools: Iterable[str], number: int) -> list[dict[str, Any]]:
    """Return one enrollment per school; one student in 128 has none."""
    if number & 127 == 0:
        return []
    found = []
    for school in schools:
        number >>= 7
        found.append({"school": school, **_ENROLLMENT_DATES[number & 127]})
    return found


ADDRESS_ENDS = table(
    128,
    *((1, {"state": "ZZ", "zip": f"000{place:02d}"}) for place in range(70)),
    *((1, {"state": "ZZ", "zip": f"000{place:02d}-{place * 41:04d}"}) for place in range(20)),
    (8, {"state": "ZZ"}),
    (4, {"zip": "00000"}),
    (4, {"state": None, "zip": None}),
    (4, {"state": "", "zip": ""}),
    (4, {"state": "ZZ", "zip": "00000", "city": None}),
    (4, {"state": "ZZ", "zip": "00000", "city": ""}),
)
"""State and ZIP code of a location, now and then also an unknown city."""

COORDINATES = table(
    512,
    *((1, {"lat": f"{43 + place * 0.0097:.4f}", "lon": f"{-104 + place * 0.0131:.4f}"}) for place in range(200)),
    *((1, {"lat": f"{43 + place * 0.0089:.4f}"}) for place in range(8)),
    (24, {"lat": None, "lon": None}),
    (24, {"lat": "", "lon": ""}),
)
"""Coordinates of a location, as text (spec)."""


def username(value: str, chance: float, share: float) -> Fields:
    """Return the credentials of a person: a user name with this share; else null, no name, an empty one, or absent."""
    if chance < share:
        return {"credentials": {"district_username": value}}
    if chance < share + 0.04:
        return {"credentials": {}}
    if chance < share + 0.08:
        return {"credentials": {"district_username": ""}}
    return {}


def role_times(record: Fields, number: int) -> Fields:
    """Return the times of a role: mostly those of the user, now and then an earlier change, or none."""
    chance = number & 127
    if chance > 15:  # noqa: PLR2004 - 112 of 128
        return {"created": record["created"], "last_modified": record["last_modified"]}
    return {"created": record["created"], "last_modified": record["created"]} if chance > 1 else {}


def staff_roles(chance: float) -> list[str]:
    """Return the roles that staff have within Clever (docs: Migrating to API 3.0)."""
    for share, roles in _STAFF_ROLES:
        if chance < share:
            return list(roles)
    return []


_STAFF_ROLES = (
    (0.86, ("PortalOnly",)),
    (0.90, ("SchoolTechLead",)),
    (0.94, ("SchoolTechLead", "PortalOnly")),
    (0.98, ("PortalOnly", "SchoolTechLead")),
)


def another_relationship(student_id: str, number: int) -> dict[str, Any]:
    """Return the relationship of a contact to one more student."""
    return {
        "student": student_id,
        "relationship": RELATIONSHIP_SHARES[number % len(RELATIONSHIP_SHARES)],
        "type": RELATIONSHIP_TYPE_SHARES[(number >> 16) % len(RELATIONSHIP_TYPE_SHARES)],
    }


def more_relationships(first: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """Return further relationships of a contact to the first student: of another kind, or the same once more."""
    if number & 15 == 0:
        kinds = {"relationship": "Other", "type": "Emergency"}, {"type": "Primary"}, {"relationship": None, "type": ""}
        return [{"student": first["student"], **kinds[number // 16 % 3]}]
    return [first] if number & 255 == 1 else []


_DISABILITIES = (
    (12, "Specific learning disability", "sld"), (8, "Speech or language impairment", "sli"),
    (6, "Other health impairment", "ohi"), (5, "Autism", "aut"), (2, "Developmental delay", "dd"),
    (2, "Emotional disturbance", "emn"), (2, "Intellectual Disability", "id"), (1, "Deaf-blindness", "db"),
    (1, "Hearing impairment", "hi"), (1, "Multiple disabilities", "md"), (1, "Orthopedic impairment", "oi"),
    (1, "Other", "other"), (1, "Traumatic brain injury", "tbi"), (1, "Visual impairment", "vi"),
)  # fmt: skip
"""Share, type, and code of each disability (spec v3.1.yml: Disability)."""

_DISABILITY = table(
    256,
    *(
        (share, {"disability": {"disability_status": "Y", "disability_type": kind, "disability_code": code}})
        for share, kind, code in _DISABILITIES
    ),
    (60, {"disability": {"disability_status": "N"}}),
    (36, {"disability": {"disability_status": "N", "disability_type": None, "disability_code": None}}),
    (8, {"disability": {"disability_status": ""}}),
    (6, {"disability": {"disability_status": None}}),
    (6, {"disability": {}}),
    (2, {"disability": {"disability_status": "Y", "disability_type": "Autism"}}),
    (2, {"disability": {"disability_status": "Y", "disability_code": "sld"}}),
    (1, {"disability": {"disability_status": "N", "disability_type": "Other", "disability_code": "other"}}),
    (1, {"disability": {"disability_type": "Visual impairment", "disability_code": "vi"}}),
)
_FRL = one_field("frl_status", 128, Free=44, Reduced=10, Paid=48, Other=3, blank=5, null=5)
_GIFTED = one_field("gifted_status", 128, Y=8, N=92, blank=6, null=6)
_SECTION_504 = one_field("section_504_status", 128, Y=4, N=96, blank=6, null=6)
_IEP = one_field("iep_status", 128, Y=16, N=84, Exited=2, blank=6, null=6)
_PREFERRED_NAME = table(
    256,
    *((1, {"preferred_name": {"first": FIRST_NAMES[place % len(FIRST_NAMES)]}}) for place in range(64)),
    *(
        (
            1,
            {
                "preferred_name": {
                    "first": FIRST_NAMES[place * 3 % len(FIRST_NAMES)],
                    "middle": MIDDLE_NAMES[place % len(MIDDLE_NAMES)],
                    "last": LAST_NAMES[place * 5 % len(LAST_NAMES)],
                }
            },
        )
        for place in range(24)
    ),
    *((1, {"preferred_name": {"first": name, "middle": None, "last": ""}}) for name in FIRST_NAMES[:12]),
    *((1, {"preferred_name": {"last": name}}) for name in LAST_NAMES[:4]),
    (4, {"preferred_name": {"first": None, "middle": None, "last": None}}),
    (4, {"preferred_name": {"first": "", "middle": "", "last": ""}}),
    (4, {"preferred_name": {}}),
)
_HOME_LANGUAGE = table(
    640,
    *((1, {"home_language": name, "home_language_code": code}) for name, code in LANGUAGES),
    (300, {"home_language": "English", "home_language_code": "eng"}),
    (80, {"home_language": "Spanish", "home_language_code": "spa"}),
    (8, {"home_language": "Spanish"}),
    (8, {"home_language_code": "eng"}),
    (8, {"home_language": None, "home_language_code": "other"}),
    (4, {"home_language": "Mandarin", "home_language_code": "zho"}),
    (20, {"home_language": None, "home_language_code": None}),
)
"""By the serial number of the student: everyone counted, 640 people show each language once at least."""


def special_fields(serial: int, number: int) -> dict[str, Any]:
    """Return free or reduced-price lunch, IEP, and home language of a student, as API v3.1 has them."""
    return {**_FRL[number & 127], **_IEP[number >> 7 & 127], **_HOME_LANGUAGE[serial * 389 % 640]}


def special_fields_in_v30(serial: int, number: int) -> dict[str, Any]:
    """Return the special fields as some districts show them in API v3.0, where none is documented for all.

    Clever docs (Upcoming Changes in API v3.1) add `Other` to frl_status, and codes of languages, in v3.1 only.
    """
    fields = special_fields(serial, number)
    fields.pop("home_language_code", None)
    if fields.get("frl_status") == "Other":
        del fields["frl_status"]
    return fields


def v31_student_fields(serial: int, number: int) -> dict[str, Any]:
    """Return the fields of a student that only API v3.1 has."""
    return {
        **special_fields(serial, number),
        **_GIFTED[number >> 14 & 127],
        **_SECTION_504[number >> 21 & 127],
        **_DISABILITY[number >> 28 & 255],
        **_PREFERRED_NAME[number >> 36 & 255],
    }
