"""How a record becomes rows: each rule of it on a real record, through the whole way."""

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines.clever.app import DEFAULT_RECORDS
from pipelines.warehouse import tables
from pipelines.warehouse.irregular import Regular

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from tests.conftest import Row, Trial

VERSIONS = "SELECT count(*) FROM past.past_users UNION ALL SELECT count(*) FROM past.past_user_roles"


def _user(trial: "Trial", user_id: str, columns: str) -> "Row":
    (row,) = trial.rows(f"SELECT {columns} FROM users WHERE user_id = ?", user_id)
    return row


def _role(trial: "Trial", user_id: str, role: str, columns: str) -> "Row":
    (row,) = trial.rows(f"SELECT {columns} FROM user_roles WHERE user_id = ? AND role = ?", user_id, role)
    return row


def _extra(trial: "Trial", user_id: str, role: str | None = None) -> Any:
    (text,) = _role(trial, user_id, role, "extra") if role else _user(trial, user_id, "extra")
    return None if text is None else json.loads(text)


TEXTS = [
    " Ada ",
    "mcDONALD",
    "\t",
    "\u00e9 and e\u0301 and \ufb01",
    "\u0645\u062d\u0645\u062f \u738b\u5c0f\u660e \U0001f469\u200d\U0001f3eb",
    "\u200b\ufeff\u00a0",
    'O\'Neil "Bob" \\ / {}[],:',
    "null",
    "NULL",
    "0012",
    "line\nfeed\r\nand\ttab",
    "a\u0000b",
    "x" * 200_000,
]


def test_text_is_kept_exactly_as_clever_sent_it(trial: "Trial") -> None:
    people = trial.sandbox.roster(trial.districts[0]).ids("teacher") + trial.sandbox.roster(trial.districts[0]).ids(
        "student"
    )
    chosen = dict(zip(people, TEXTS, strict=False))
    assert len(chosen) == len(TEXTS)
    for user_id, text in chosen.items():
        trial.sandbox.change(user_id, {"email": text, "name": {"first": text, "middle": text, "last": text}})
    teacher = trial.person("teacher")
    trial.sandbox.change(
        teacher,
        {"roles.teacher.title": TEXTS[0], "roles.teacher.sis_id": TEXTS[3], "roles.teacher.legacy_id": " L\u00e9 "},
    )
    trial.sync()
    for user_id, text in chosen.items():
        kept = _user(trial, user_id, "email, first_name, middle_name, last_name")
        assert [value == text for value in kept] == [True] * 4, f"text {TEXTS.index(text)}"
    assert _role(trial, teacher, "teacher", "title, sis_id, legacy_id") == (TEXTS[0], TEXTS[3], " L\u00e9 ")
    assert trial.value("SELECT user_id FROM legacy_id_crosswalk WHERE legacy_id = ' L\u00e9 '") == teacher


@pytest.mark.variants(1)
@pytest.mark.parametrize("nothing", ["", None, ...], ids=["empty", "null", "absent"])
def test_an_empty_text_is_null_like_a_null_and_an_absent_one(trial: "Trial", nothing: object) -> None:
    teacher, staff = trial.person("teacher"), trial.person("staff")
    trial.sandbox.change(
        teacher,
        {
            "email": nothing,
            "name.first": nothing,
            "name.middle": nothing,
            "name.last": nothing,
            "roles.teacher.sis_id": nothing,
            "roles.teacher.title": nothing,
            "roles.teacher.school": nothing,
            "roles.teacher.legacy_id": nothing,
            "roles.teacher.schools": [] if nothing == "" else nothing,
        },
    )
    trial.sandbox.change(staff, {"roles.staff.staff_id": nothing, "roles.staff.legacy_id": nothing})
    trial.sync()
    assert _user(trial, teacher, "email, first_name, middle_name, last_name") == (None, None, None, None)
    assert _role(trial, teacher, "teacher", "sis_id, title, school_id, legacy_id, school_ids") == (
        None,
        None,
        None,
        None,
        (),
    )
    assert _role(trial, staff, "staff", "sis_id, legacy_id") == (None, None)
    assert trial.rows("SELECT * FROM legacy_id_crosswalk WHERE user_id IN (?, ?)", teacher, staff) == []
    assert trial.wrong() == []


def test_a_name_or_the_roles_may_be_null_or_absent(trial: "Trial") -> None:
    every: list[dict[str, Any]] = [
        {"name": None},
        {"name": ...},
        {"name": {}},
        {"roles": None},
        {"roles": ...},
        {"roles": {}},
    ]
    for number, fields in enumerate(every):
        user_id = trial.person("contact", 0) if number < 3 else trial.person("student", number)
        trial.sandbox.change(user_id, fields)
    trial.sync()
    assert trial.wrong() == []


def test_a_null_role_is_like_an_absent_one(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    trial.sandbox.change(teacher, {"roles.staff": None, "roles.contact": ...})
    trial.sync()
    assert _user(trial, teacher, "roles, extra") == (("teacher",), None)
    before = trial.fingerprint()
    trial.sandbox.change(teacher, {"roles.staff": ..., "roles.district_admin": None})
    trial.sync()
    assert trial.fingerprint()["past.past_users"] == before["past.past_users"]
    assert trial.fingerprint()["user_roles"] == before["user_roles"]


@pytest.mark.variants(2)
@pytest.mark.parametrize("role", ["student", "teacher", "staff", "district_admin", "contact"])
def test_an_empty_role_object_counts_as_holding_the_role(trial: "Trial", role: str) -> None:
    somebody = trial.person("contact")
    trial.sandbox.change(somebody, {"roles.contact": ..., f"roles.{role}": {}})
    trial.sync()
    assert _user(trial, somebody, "roles") == ((role,),)
    assert _role(trial, somebody, role, "legacy_id, sis_id, title, school_id, school_ids, extra") == (
        None,
        None,
        None,
        None,
        (),
        None,
    )
    assert trial.rows("SELECT * FROM legacy_id_crosswalk WHERE user_id = ?", somebody) == []


def test_a_person_without_a_known_role_has_a_row_with_empty_roles(trial: "Trial") -> None:
    none, unheard = trial.person("contact", 0), trial.person("contact", 1)
    trial.sandbox.change(none, {"roles": {}})
    trial.sandbox.change(unheard, {"roles": {"librarian": {"legacy_id": "abc", "shelf": [1, 2]}}})
    trial.sync()
    assert _user(trial, none, "roles, extra") == ((), None)
    assert _user(trial, unheard, "roles") == ((),)
    assert _extra(trial, unheard) == {"roles": {"librarian": {"legacy_id": "abc", "shelf": [1, 2]}}}
    assert trial.rows("SELECT * FROM user_roles WHERE user_id IN (?, ?)", none, unheard) == []
    assert trial.value("SELECT v3_user_id('abc')") is None
    assert trial.wrong() == []


UNKNOWN: dict[str, object] = {
    "text": "ü/ß",
    "flag": False,
    "whole": 2**70,
    "part": 0.1,
    "list": [1, None, "x", {"deep": []}],
    "object": {"b": {"c": {}}, "a.b": 1, 'q"uote': 2, "": 3},
    "no object": {},
    "no list": [],
}


@pytest.mark.variants(1)
@pytest.mark.parametrize("value", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_an_unknown_field_is_kept_under_its_own_name_with_its_own_value(trial: "Trial", value: object) -> None:
    teacher = trial.person("teacher")
    trial.sandbox.change(teacher, {"nick": value, "roles.teacher.badge": value, "name.suffix": value})
    trial.sync()
    assert _extra(trial, teacher) == {"nick": value, "name": {"suffix": value}}
    assert _extra(trial, teacher, "teacher") == {"badge": value}
    assert trial.wrong() == []


@pytest.mark.parametrize("value", ["", None], ids=["empty", "null"])
def test_an_unknown_field_without_a_value_is_the_same_as_none(trial: "Trial", value: object) -> None:
    teacher = trial.person("teacher")
    trial.sandbox.change(teacher, {"nick": value, "roles.teacher.badge": value, "name.suffix": value})
    trial.sync()
    assert (_extra(trial, teacher), _extra(trial, teacher, "teacher")) == (None, None)
    assert trial.rows("SELECT path FROM sync.drift") == []


def test_a_field_may_have_a_name_of_any_sort(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    record = {"a b": 1, 'q"uote': 2, "back\\slash": 3, "": 4, "$.id": 5, "ключ": 6, "EMAIL": 7}
    trial.sandbox.change(teacher, {name: value for name, value in record.items() if "." not in name and name})
    trial.sync()
    assert _extra(trial, teacher) == {name: value for name, value in record.items() if "." not in name and name}


@pytest.mark.variants(1)
@pytest.mark.parametrize("before", range(3))
def test_an_unknown_field_is_kept_next_to_long_text_in_any_script(trial: "Trial", before: int) -> None:
    somebody = trial.person("student")
    name = "x" * before + "\N{THAI CHARACTER SO SALA}" * 100
    trial.sandbox.change(somebody, {"name.first": name, "name.suffix": "Jr."})
    trial.sync()
    query = "SELECT first_name, extra->>'$.name.suffix' FROM users WHERE user_id = ?"
    assert trial.rows(query, somebody) == [(name, "Jr.")]


def test_an_unknown_field_inside_a_known_object_keeps_its_path(trial: "Trial") -> None:
    student = trial.person("student")
    trial.sandbox.change(
        student,
        {
            "roles.student.location.planet": "Earth",
            "roles.student.credentials.pin": {"old": 1},
            "roles.student.preferred_name.nick": "Bo",
        },
    )
    trial.sync()
    assert _extra(trial, student, "student") == {
        "location": {"planet": "Earth"},
        "credentials": {"pin": {"old": 1}},
        "preferred_name": {"nick": "Bo"},
    }


@pytest.mark.variants(2)
@pytest.mark.parametrize("place", range(6))
def test_an_unknown_field_is_found_in_any_entry_of_a_list(trial: "Trial", place: int) -> None:
    student, contact = trial.person("student"), trial.person("contact")
    entries = [
        {"relationship": "Parent"} | ({"pickup": True} if number == place else {}) for number in range(place + 2)
    ]
    enrollments = [{"school": "s"} | ({"track": number} if number >= place else {}) for number in range(place + 2)]
    trial.sandbox.change(student, {"roles.student.enrollments": enrollments})
    trial.sandbox.change(contact, {"roles.contact.student_relationships": entries})
    trial.sync()
    assert trial.rows("SELECT path, kind, records, example_id FROM sync.drift ORDER BY path") == [
        ("roles.contact.student_relationships[].pickup", "unknown_field", 1, contact),
        ("roles.student.enrollments[].track", "unknown_field", 1, student),
    ]
    # An item is a row of its own, and keeps its own unknown fields.
    assert _extra(trial, contact, "contact") is None
    assert trial.rows("SELECT relationship, extra FROM contact_students WHERE contact_id = ?", contact) == [
        ("Parent", '{"pickup":true}')
    ]


def test_every_role_object_keeps_its_own_unknown_fields(trial: "Trial") -> None:
    somebody = trial.person("contact")
    trial.sandbox.change(
        somebody,
        {
            f"roles.{role}": {"legacy_id": f"{number:024x}", "of": role}
            for number, role in enumerate(("contact", "district_admin", "staff", "student", "teacher"))
        },
    )
    trial.sync()
    assert trial.rows("SELECT role, extra->>'of' FROM user_roles WHERE user_id = ? ORDER BY role", somebody) == [
        (role, role) for role in ("contact", "district_admin", "staff", "student", "teacher")
    ]
    assert _extra(trial, somebody) is None


def test_of_an_unknown_field_only_the_outermost_name_is_reported(trial: "Trial") -> None:
    contact = trial.person("contact")
    trial.sandbox.change(
        contact,
        {
            "nick": {"deep": [{"deeper": 1}]},
            "name.suffix": {"first": "Jr."},
            "roles.contact.location": {},
            "roles.principal": {"legacy_id": "p"},
        },
    )
    trial.sync()
    assert trial.rows("SELECT path, kind, records, example_id FROM sync.drift ORDER BY path") == [
        ("name.suffix", "unknown_field", 1, contact),
        ("nick", "unknown_field", 1, contact),
        ("roles.contact.location", "unknown_field", 1, contact),
        ("roles.principal", "unknown_role", 1, contact),
    ]
    assert _extra(trial, contact, "contact") == {"location": {}}


@pytest.mark.parametrize("beside", [{}, {"nick": "Bo"}])
def test_a_known_field_that_no_record_has_any_longer_is_reported(trial: "Trial", beside: dict[str, str]) -> None:
    student = trial.person("student")
    trial.sandbox.change(student, {"roles.student.home_language": "Dutch", **beside})
    trial.sync()
    assert trial.rows("SELECT path FROM sync.drift WHERE kind = 'field_withdrawn'") == []
    trial.sandbox.change(student, {"roles.student.home_language": None})
    trial.sync()
    assert trial.rows("SELECT path FROM sync.drift WHERE kind = 'field_withdrawn'") == [
        ("roles.student.home_language",)
    ]


def test_an_unknown_field_of_one_person_hides_no_known_field_of_the_others(trial: "Trial") -> None:
    trial.sync()
    known = trial.rows("SELECT path FROM sync.fields WHERE kind = 'known' AND is_present ORDER BY path")
    trial.sandbox.change(trial.person("student"), {"nick": "Bo"})
    trial.sync()
    assert trial.rows("SELECT path, kind FROM sync.drift") == [("nick", "unknown_field")]
    assert trial.rows("SELECT path FROM sync.fields WHERE kind = 'known' AND is_present ORDER BY path") == known
    assert {("roles.student.enrollments[].school",), ("roles.contact.student_relationships[].type",)} < set(known)


@pytest.mark.variants(2)
@pytest.mark.parametrize(
    ("role", "field", "value"),
    [
        ("student", "location", "in town"),
        ("student", "credentials", []),
        ("student", "enrollments", {"school": "s"}),
        ("student", "preferred_name", 5),
        ("student", "ext", [1, {"a": 2}]),
        ("teacher", "name", "Lee"),
        ("staff", "roles", {"coach": True}),
    ],
)
def test_a_field_that_no_column_holds_may_be_of_any_shape(trial: "Trial", role: str, field: str, value: object) -> None:
    somebody = trial.person(role)
    trial.sandbox.change(somebody, {f"roles.{role}.{field}": value})
    trial.sync()
    assert trial.rows("SELECT count(*) FROM user_roles WHERE user_id = ? AND role = ?", somebody, role) == [(1,)]


def test_only_records_with_an_unknown_field_are_rewritten(trial: "Trial", monkeypatch: pytest.MonkeyPatch) -> None:
    rewritten: list[str] = []
    rewrite = Regular.rewrite

    def noted(self: Regular, line: bytes) -> bytes:
        rewritten.append(json.loads(line)["id"])
        return rewrite(self, line)

    monkeypatch.setattr(Regular, "rewrite", noted)
    trial.sync()
    # A few regular values, such as a number with a fraction in custom fields, take the slow way too.
    assert len(rewritten) < 3
    rewritten.clear()
    student = trial.person("student")
    trial.sandbox.change(student, {"nick": "Bo"})
    trial.sync()
    assert rewritten == [student]


def test_two_people_with_the_same_unknown_fields_both_keep_them(two: "Trial") -> None:
    chosen = [two.sandbox.roster(district_id).ids("teacher")[0] for district_id in two.districts]
    for user_id in chosen:
        two.sandbox.change(user_id, {"nick": "same", "roles.teacher.badge": 1})
    two.sync()
    assert [_extra(two, user_id) for user_id in chosen] == [{"nick": "same"}] * 2
    assert [_extra(two, user_id, "teacher") for user_id in chosen] == [{"badge": 1}] * 2


def test_no_known_field_is_in_extra(trial: "Trial") -> None:
    trial.sync()
    assert [unknown.path for unknown in trial.sandbox.truth().unknown] == []
    assert trial.rows("SELECT user_id FROM users WHERE extra IS NOT NULL") == []
    assert trial.rows("SELECT user_id, role FROM user_roles WHERE extra IS NOT NULL") == []


def test_a_change_of_extra_is_a_change_of_the_row(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    trial.sandbox.change(teacher, {"nick": "a", "roles.teacher.badge": 1, "last_modified": "2024-01-01T00:00:00.000Z"})
    trial.sync()
    trial.sandbox.change(teacher, {"nick": "b", "last_modified": "2024-01-01T00:00:00.000Z"})
    outcome = trial.outcome()
    assert (outcome.outcome, outcome.counts.updated) == ("applied", 1)
    assert trial.rows("SELECT extra FROM past.past_users WHERE user_id = ?", teacher) == [('{"nick":"a"}',)]
    trial.sandbox.change(teacher, {"roles.teacher.badge": 1.5, "last_modified": "2024-01-01T00:00:00.000Z"})
    assert trial.outcome().counts.updated == 1
    assert trial.rows("SELECT extra FROM past.past_user_roles WHERE user_id = ?", teacher) == [('{"badge":1}',)]
    trial.sandbox.change(teacher, {"nick": ..., "roles.teacher.badge": ...})
    trial.sync()
    assert (_extra(trial, teacher), _extra(trial, teacher, "teacher")) == (None, None)


def test_another_order_of_keys_in_extra_is_no_change(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    same = {"last_modified": "2024-01-01T00:00:00.000Z"}
    trial.sandbox.change(teacher, {"nick": {"a": 1, "b": [{"c": 2, "d": 3}]}, **same})
    trial.sync()
    trial.sandbox.change(teacher, {"nick": {"b": [{"d": 3, "c": 2}], "a": 1}, **same})
    assert trial.outcomes() == ["unchanged"]
    trial.sandbox.change(teacher, {"nick": {"b": [{"d": 2, "c": 3}], "a": 1}, **same})
    assert trial.outcome().counts.updated == 1


def test_a_change_of_nothing_but_last_modified_updates_the_row_and_makes_no_version(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    trial.sync()
    before = _user(trial, teacher, "valid_from, change, first_seen_at")
    trial.sandbox.change(teacher, {"last_modified": "2031-01-02T03:04:05.678Z"})
    outcome = trial.outcome()
    assert (outcome.counts.updated, outcome.error) == (0, None)
    assert trial.rows(VERSIONS) == [(0,), (0,)]
    assert _user(trial, teacher, "epoch_ms(last_modified_at)") == (1925089445678,)
    assert _user(trial, teacher, "valid_from, change, first_seen_at") == before
    assert trial.wrong() == []


def test_text_that_is_no_instant_is_null_and_stays_in_extra(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    trial.sandbox.change(teacher, {"created": "yesterday", "last_modified": ""})
    assert trial.outcomes() == ["applied"]
    assert _user(trial, teacher, "created_at, last_modified_at") == (None, None)
    assert _extra(trial, teacher) == {"created": "yesterday"}
    assert trial.rows("FROM sync.drift") == []


def test_dates_are_read_in_both_forms_and_others_stay_in_extra(trial: "Trial") -> None:
    sent = ["1/2/2010", "2010-01-02", "2010-01-02T23:30:00.000Z", "", "1/2/10", "10-01-02", "2010-02-30"]
    student = trial.person("student")
    for dob in sent:
        enrollments = [{"school": "s", "start_date": dob}]
        trial.sandbox.change(student, {"roles.student.dob": dob, "roles.student.enrollments": enrollments})
        trial.sync()
        expected = "2010-01-02" if dob in sent[:3] else None
        extra = {"dob": dob} if dob and not expected else None
        kept = trial.rows("SELECT dob::VARCHAR, extra FROM students WHERE user_id = ?", student)
        assert [(each, text and json.loads(text)) for each, text in kept] == [(expected, extra)]
        of_item = {"start_date": dob} if dob and not expected else None
        items = "SELECT start_date::VARCHAR, extra FROM student_enrollments WHERE student_id = ?"
        assert [(each, text and json.loads(text)) for each, text in trial.rows(items, student)] == [(expected, of_item)]
        assert trial.rows("FROM sync.drift") == []


def test_sis_id_title_and_schools_come_from_where_each_role_has_them(trial: "Trial") -> None:
    somebody = trial.person("contact")
    inside = {"sis_id": "SIS", "staff_id": "STAFF", "title": "T", "school": "s1", "schools": ["s2", "s1", "s2"]}
    trial.sandbox.change(
        somebody,
        {f"roles.{role}": inside for role in ("contact", "district_admin", "staff", "student", "teacher")},
    )
    trial.sync()
    assert trial.rows(
        "SELECT role, sis_id, title, school_id, school_ids FROM user_roles WHERE user_id = ? ORDER BY role", somebody
    ) == [
        ("contact", "SIS", None, None, ()),
        ("district_admin", None, "T", None, ()),
        ("staff", "STAFF", "T", None, ("s1", "s2")),
        ("student", "SIS", None, "s1", ("s1", "s2")),
        ("teacher", "SIS", "T", "s1", ("s1", "s2")),
    ]


def test_another_order_of_schools_is_no_change(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    trial.sandbox.change(teacher, {"roles.teacher.schools": ["s2", "s1", "", "s2"]})
    trial.sync()
    assert _role(trial, teacher, "teacher", "school_ids") == (("s1", "s2"),)
    trial.sandbox.change(teacher, {"roles.teacher.schools": ["s1", "s2"]})
    trial.sync()
    assert trial.rows(VERSIONS) == [(0,), (0,)]


def test_name_and_district_come_from_the_top_and_not_from_inside_a_role(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    trial.sandbox.change(
        teacher,
        {
            "name": {"first": "Top", "last": "Most"},
            "roles.teacher.name": {"first": "In", "middle": "the", "last": "Role"},
            "roles.teacher.district": "f" * 24,
            "roles.teacher.created": "2001-01-01T00:00:00.000Z",
        },
    )
    assert trial.outcomes() == ["applied"]
    assert _user(trial, teacher, "first_name, middle_name, last_name, district_id") == (
        "Top",
        None,
        "Most",
        trial.districts[0],
    )
    assert trial.wrong() == []


def test_first_seen_at_survives_absence_and_return(trial: "Trial") -> None:
    teacher = trial.person("teacher")
    trial.sync(sync_id="a")
    users, roles = _user(trial, teacher, "first_seen_at"), _role(trial, teacher, "teacher", "first_seen_at")
    trial.sandbox.remove(teacher)
    trial.sync()
    assert trial.rows("SELECT * FROM users WHERE user_id = ?", teacher) == []
    trial.sandbox.restore(teacher)
    trial.sandbox.change_email(teacher)
    assert trial.outcome().counts.restored == 1
    assert _user(trial, teacher, "first_seen_at") == users
    assert _role(trial, teacher, "teacher", "first_seen_at") == roles
    assert _user(trial, teacher, "change") == ("restored",)
    trial.sandbox.drop_role(teacher, "teacher")
    trial.sync()
    trial.sandbox.give_role(teacher, "teacher")
    trial.sync()
    assert _role(trial, teacher, "teacher", "first_seen_at, change") == (*roles, "restored")


def test_times_of_observation_lie_inside_the_sync_that_observed(trial: "Trial") -> None:
    trial.sync()
    assert trial.value(
        "SELECT bool_and(first_seen_at BETWEEN started_at AND finished_at AND valid_from BETWEEN started_at AND finished_at) "
        "FROM users CROSS JOIN sync.runs"
    )
    assert trial.value(
        "SELECT bool_and(first_seen_at BETWEEN started_at AND finished_at) FROM legacy_id_crosswalk, sync.runs"
    )


CHANGED: dict[str, tuple[str, str, object, object]] = {
    "users": ("teacher", "email", "old@example.test", "new@example.test"),
    "user_roles": ("teacher", "roles.teacher.title", "old", "new"),
    "students": ("student", "roles.student.state_id", "old", "new"),
    "student_enrollments": (
        "student",
        "roles.student.enrollments",
        [{"school": "a"}],
        [{"school": "a"}, {"school": "b"}],
    ),
    "teachers": ("teacher", "roles.teacher.state_id", "old", "new"),
    "staff": ("teacher", "roles.staff", {"department": "old"}, {"department": "new"}),
    "district_admins": ("teacher", "roles.district_admin", {"title": "old"}, {"title": "new"}),
    "contacts": ("contact", "roles.contact.phone", "old", "new"),
    "contact_students": (
        "contact",
        "roles.contact.student_relationships",
        [{"student": "a"}],
        [{"student": "a"}, {"student": "b"}],
    ),
}
"""By table, a role of a person, and what changes the person's row there: the path in the record, the value before and after."""


CHANGED_RECORDS: dict[str, tuple[str, object, object]] = {
    **dict.fromkeys(("districts", "schools", "courses", "terms", "sections"), ("name", "old", "new")),
    "section_students": ("students", ["a"], ["a", "b"]),
    "section_teachers": ("teachers", ["a"], ["a", "b"]),
    "resources": ("title", "old", "new"),
}
"""By table, what changes the first record's row there: the field, the value before and after."""


@pytest.mark.parametrize("table", tables.with_history(), ids=lambda table: table.name)
def test_sync_by_which_a_row_would_be_there_twice_applies_nothing(trial: "Trial", table: "sa.Table") -> None:
    change: Callable[[str, dict[str, Any]], None]
    old: Any
    new: Any
    if table.name in CHANGED:
        role, path, old, new = CHANGED[table.name]
        record_id = trial.person(role)
        change = trial.sandbox.change
    elif table.name == "resource_courses":
        trial.records = (*DEFAULT_RECORDS, table.name)
        # Clever lists the courses themselves, so they have to be there.
        course_ids = [course["id"] for course in trial.sandbox.served("v3.0", "courses", trial.districts[0])]
        path, old, new = "courses", course_ids[:1], course_ids[:2]
        record_id = trial.sandbox.served("v3.0", "resources", trial.districts[0])[0]["id"]

        def change(resource_id: str, fields: dict[str, Any]) -> None:
            trial.sandbox.assign_resource(resource_id, *fields["courses"])

    else:
        path, old, new = CHANGED_RECORDS[table.name]
        stream = table.info["stream"]
        record_id = trial.sandbox.served("v3.0", stream, trial.districts[0])[0]["id"]
        change = partial(trial.sandbox.change_record, stream)
    trial.sync()
    change(record_id, {path: old})
    trial.sync()
    before = trial.rows(f"SELECT * FROM {table.name} ORDER BY ALL")
    with duckdb.connect(str(trial.folder / "state" / "work.duckdb")) as work:
        work.execute(f"INSERT INTO {table.name} FROM {table.name} WHERE {table.info['id_column']} = ?", [record_id])
    change(record_id, {path: new})
    outcome = trial.outcome()
    assert outcome.outcome == "failed"
    assert f"{table.name} would have a row twice" in str(outcome.error)
    assert trial.rows(f"SELECT DISTINCT * FROM {table.name} ORDER BY ALL") == before
