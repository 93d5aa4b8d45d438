"""Values of the fields of role objects, without Clever's specs at hand."""

from collections import Counter
from typing import Any

import pytest

from pipelines.sandbox.details import birth_date, graduation_year, number_of
from pipelines.sandbox.languages import LANGUAGES
from tests.expected.sandbox import Sandbox


def objects(version: str, role: str, sandbox: Sandbox) -> list[dict[str, Any]]:
    return [record["roles"][role] for record in sandbox.served(version, "users") if record["roles"].get(role)]


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    """A sandbox with one district of 5000 people."""
    return Sandbox(users=5000)


def test_languages_have_152_different_names_and_codes() -> None:
    assert len({name for name, _ in LANGUAGES}) == len({code for _, code in LANGUAGES}) == len(LANGUAGES) == 152


def test_students_have_every_home_language_and_mostly_english(sandbox: Sandbox) -> None:
    pairs = Counter(
        (student.get("home_language"), student.get("home_language_code"))
        for student in objects("v3.1", "student", sandbox)
    )
    assert set(LANGUAGES) <= set(pairs)
    assert 0.4 < pairs["English", "eng"] / pairs.total() < 0.6


@pytest.mark.parametrize(
    ("field", "value", "least", "most"),
    [
        ("grade", "5", 0.03, 0.1),
        ("grade", "Ungraded", 0.005, 0.04),
        ("gender", "X", 0.005, 0.04),
        ("frl_status", "Free", 0.25, 0.45),
        ("iep_status", "Y", 0.08, 0.2),
        ("ell_status", "Y", 0.05, 0.15),
        ("gifted_status", "Y", 0.03, 0.1),
        ("section_504_status", "Y", 0.01, 0.06),
    ],
)
def test_students_have_values_in_realistic_proportions(
    sandbox: Sandbox, field: str, value: str, least: float, most: float
) -> None:
    students = objects("v3.1", "student", sandbox)
    share = sum(student.get(field) == value for student in students) / len(students)
    assert least < share < most


def test_students_have_contacts_in_realistic_proportions(sandbox: Sandbox) -> None:
    students = Counter(record["id"] for record in sandbox.served("v3.0", "users") if record["roles"].get("student"))
    contacts = Counter(
        student
        for contact in objects("v3.0", "contact", sandbox)
        for student in {related["student"] for related in contact["student_relationships"]}
    )
    of_each = [contacts[student] for student in students]
    assert 1.6 < sum(of_each) / len(of_each) < 1.8
    assert 0.08 < of_each.count(0) / len(of_each) < 0.13
    assert sum(many > 6 for many in of_each) < len(of_each) / 500


def test_students_have_a_birth_date_and_a_graduation_year_that_fit_the_grade(sandbox: Sandbox) -> None:
    fourth_graders = [student for student in objects("v3.0", "student", sandbox) if student.get("grade") == "4"]
    assert {student.get("graduation_year") for student in fourth_graders} == {"2034", "", None}
    years = {dob[:4] if "-" in dob else dob[-4:] for student in fourth_graders if (dob := student.get("dob"))}
    assert years <= {"2015", "2016", "2017"}


@pytest.mark.parametrize(("grade", "year"), [("12", 2026), ("1", 2037), ("Kindergarten", 2038), (None, 2033)])
def test_graduation_year_follows_from_the_grade(grade: str | None, year: int) -> None:
    assert graduation_year(grade, 0.5) == year


def test_birth_date_has_both_documented_forms() -> None:
    assert birth_date(2030, 3, 9, 1) == "3/9/2012"
    assert birth_date(2030, 9, 30, 1) == "9/30/2011"
    assert birth_date(2030, 3, 9, 0) == "2012-03-09"


def test_contacts_have_several_students_and_several_relationships_to_one(sandbox: Sandbox) -> None:
    related = [contact["student_relationships"] for contact in objects("v3.0", "contact", sandbox)]
    students = [[one["student"] for one in relationships] for relationships in related]
    assert any(len(set(one)) > 1 for one in students)
    assert 0.03 < sum(len(set(one)) < len(one) for one in students) / len(students) < 0.12
    assert any(
        len({repr(relationship) for relationship in relationships}) < len(relationships) for relationships in related
    )


def test_staff_have_every_documented_staff_role(sandbox: Sandbox) -> None:
    roles = Counter(tuple(sorted(staff["roles"])) for staff in objects("v3.0", "staff", sandbox))
    assert set(roles) == {(), ("PortalOnly",), ("SchoolTechLead",), ("PortalOnly", "SchoolTechLead")}
    assert roles["PortalOnly",] > roles.total() * 0.7


def test_teachers_mostly_repeat_the_district_name_and_times_of_the_user(sandbox: Sandbox) -> None:
    users = [record for record in sandbox.served("v3.0", "users") if record["roles"].get("teacher")]
    for field in ("district", "name", "created", "last_modified"):
        copies = [record["roles"]["teacher"].get(field) == record[field] for record in users]
        assert 0.8 < sum(copies) / len(copies) < 1


def test_enrollments_are_of_the_schools_of_the_student(sandbox: Sandbox) -> None:
    for student in objects("v3.0", "student", sandbox):
        schools = [enrollment["school"] for enrollment in student["enrollments"]]
        assert schools in (student["schools"], [])


def test_a_changed_value_is_shown_in_v31_in_place_of_the_drawn_one() -> None:
    sandbox = Sandbox(users=30)
    user_id = sandbox.truth().ids("student")[0]
    sandbox.change(user_id, {"roles.student.gifted_status": "changed"})
    (student,) = [record["roles"]["student"] for record in sandbox.served("v3.1", "users") if record["id"] == user_id]
    assert student["gifted_status"] == "changed"


def test_numbers_depend_on_the_id_and_the_salt_alone() -> None:
    ids = [f"61000000{'ab' * 5}{count:06x}" for count in range(2000)]
    assert [number_of(each) for each in ids] == [number_of(each) for each in ids]
    assert len({number_of(each, salt) for each in ids for salt in (1, 3)}) == 4000
    low_bits = Counter(number_of(each) & 15 for each in ids)
    assert len(low_bits) == 16
    assert max(low_bits.values()) < 2000 / 16 * 1.5


def test_users_have_every_form_of_lms_status_in_v31_only(sandbox: Sandbox) -> None:
    forms = Counter(repr(record.get("lms_status", "absent")) for record in sandbox.served("v3.1", "users"))
    assert set(forms) == {"{'synced_in_lms': True}", "{'synced_in_lms': False}", "{}", "None", "'absent'"}
    assert forms["{'synced_in_lms': True}"] > forms["{'synced_in_lms': False}"] > forms["{}"]
    assert not any("lms_status" in record for record in sandbox.served("v3.0", "users"))


def test_a_changed_lms_status_is_shown_in_place_of_the_drawn_one() -> None:
    sandbox = Sandbox(users=30)
    first, second = sandbox.truth().ids()[:2]
    sandbox.change(first, {"lms_status": {"synced_in_lms": False}})
    sandbox.change(second, {"lms_status": {"synced_in_lms": True}})
    shown = {record["id"]: record.get("lms_status") for record in sandbox.served("v3.1", "users")}
    assert (shown[first], shown[second]) == ({"synced_in_lms": False}, {"synced_in_lms": True})
