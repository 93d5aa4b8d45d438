"""What a district has besides people: schools, courses, terms, sections and resources, in realistic proportions."""

import datetime as dt
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.pipelines.sandbox.conftest import Client

Record = dict[str, Any]
STREAMS = ("districts", "schools", "courses", "terms", "sections", "resources")


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    """A sandbox with one district of 6000 people."""
    return Sandbox(users=6000)


@pytest.fixture(scope="module")
def sections(sandbox: Sandbox) -> list[Record]:
    """The sections of that district."""
    return sandbox.served("v3.0", "sections")


def share(found: list[bool]) -> float:
    """Return the share of what is true."""
    return sum(found) / len(found)


def test_students_are_in_2_to_12_sections_and_in_8_on_average(sandbox: Sandbox, sections: list[Record]) -> None:
    memberships = Counter(student for section in sections for student in section["students"])
    assert set(memberships) == set(sandbox.truth().ids("student"))
    assert set(memberships.values()) == set(range(2, 13))
    assert 7.9 < memberships.total() / len(memberships) < 8.3
    assert all(len(set(section["students"])) == len(section["students"]) for section in sections)


@pytest.mark.parametrize(
    ("least", "most", "expected"), [(1, 5, 0.15), (6, 14, 0.2), (15, 28, 0.55), (29, 40, 0.1), (1, 40, 1)]
)
def test_sections_have_sizes_in_realistic_proportions(
    sections: list[Record], least: int, most: int, expected: float
) -> None:
    found = [least <= len(section["students"]) <= most for section in sections]
    assert expected - 0.05 < share(found) <= expected + 0.05
    assert max(len(section["students"]) for section in sections) > 100


def test_students_of_a_section_are_mostly_of_one_grade_or_two(sandbox: Sandbox, sections: list[Record]) -> None:
    people = sandbox.truth().records
    grades = {person["id"]: held.get("grade") for person in people if (held := person["roles"].get("student"))}
    found = [Counter(grades[student] for student in section["students"]).most_common(2) for section in sections]
    shares = [sum(many for _, many in most) / len(one["students"]) for one, most in zip(sections, found, strict=True)]
    assert sum(shares) / len(shares) > 0.9
    assert len(set(grades.values())) > 15


@pytest.mark.parametrize(("field", "expected"), [("term_id", 0.1), ("course", 0.15), ("teacher", 0.03)])
def test_sections_are_without_a_reference_in_realistic_proportions(
    sections: list[Record], field: str, expected: float
) -> None:
    assert expected * 0.6 < share([not section.get(field) for section in sections]) < expected * 1.5


def test_sections_have_several_teachers_or_none_in_realistic_proportions(sections: list[Record]) -> None:
    counts = [len(section["teachers"]) for section in sections]
    assert 0.01 < share([count == 0 for count in counts]) < 0.03
    assert 0.09 < share([count > 1 for count in counts]) < 0.15
    assert max(counts) == 10


def test_the_primary_teacher_can_be_missing_and_need_not_be_first_or_among_the_teachers(
    sections: list[Record],
) -> None:
    taught = [section for section in sections if section["teachers"]]
    assert 0 < share([not section.get("teacher") for section in taught]) < 0.03
    assert (
        share([bool(section.get("teacher")) and section["teacher"] not in section["teachers"] for section in taught])
        > 0
    )
    assert any(section.get("teacher") in section["teachers"][1:] for section in taught)


def test_one_section_in_a_hundred_names_a_record_that_is_not_there(sandbox: Sandbox, sections: list[Record]) -> None:
    there = {stream: {record["id"] for record in sandbox.served("v3.0", stream)} for stream in ("courses", "terms")}
    teachers = set(sandbox.truth().ids("teacher"))
    dangling = [
        (section.get("course") or None) not in {None, *there["courses"]}
        or (section.get("term_id") or None) not in {None, *there["terms"]}
        or not teachers.issuperset(section["teachers"])
        for section in sections
    ]
    assert 0.003 < share(dangling) < 0.02


def test_some_students_are_in_a_section_of_another_of_their_schools(sandbox: Sandbox, sections: list[Record]) -> None:
    truth = sandbox.truth()
    students = {one: truth.by_id[one]["roles"]["student"] for one in truth.ids("student")}
    across = {
        one for section in sections for one in section["students"] if students[one]["school"] != section["school"]
    }
    assert 0.01 < len(across) / len(students) < 0.05
    assert all(section["school"] in students[one]["schools"] for section in sections for one in section["students"])


def test_teachers_teach_at_their_schools_and_some_at_several(sandbox: Sandbox, sections: list[Record]) -> None:
    truth = sandbox.truth()
    teachers = {one: truth.by_id[one]["roles"]["teacher"] for one in truth.ids("teacher")}
    schools: dict[str, set[str]] = {}
    for section in sections:
        for teacher in teachers.keys() & section["teachers"]:
            schools.setdefault(teacher, set()).add(section["school"])
            assert section["school"] in teachers[teacher]["schools"]
    assert 0.02 < share([len(found) > 1 for found in schools.values()]) < 0.1


def test_schools_offer_15_to_120_courses(sections: list[Record]) -> None:
    offered = {(section["school"], section["course"]) for section in sections if section.get("course")}
    counts = Counter(school for school, _ in offered).values()
    assert max(counts) <= 120
    assert min(counts) >= 15


@pytest.mark.parametrize("seed", range(3))
def test_districts_have_3_to_7_terms_a_year(seed: int) -> None:
    sandbox = Sandbox(districts=5, users=20, seed=seed)
    terms = [sandbox.served("v3.0", "terms", district_id) for district_id in sandbox.districts]
    assert sorted(len(found) / 2 for found in terms) == [3, 4, 5, 6, 7]


def test_section_names_are_made_of_course_teacher_and_period(sandbox: Sandbox, sections: list[Record]) -> None:
    courses = {course["id"]: course.get("name") for course in sandbox.served("v3.0", "courses")}
    whole = [
        each for each in sections if each.get("period") and each.get("teacher") and courses.get(each.get("course"))
    ]
    people = sandbox.truth().by_id
    names = [
        f"{courses[each['course']]} - {people[each['teacher']]['name']['last']} - {each['period']}" == each["name"]
        for each in whole
    ]
    assert share(names) > 0.97


def test_resources_are_in_v30_too_and_only_in_v3(client: "Client") -> None:
    assert client.ids("/v3.0/resources") == client.ids("/v3.1/resources") != []
    assert client.get("/v2.1/resources").status_code == 404


def test_resources_list_their_courses(client: "Client") -> None:
    courses = {course["id"]: course for course in client.records("/v3.0/courses")}
    found = [client.records(f"/v3.0/resources/{one}/courses", limit=2) for one in client.ids("/v3.0/resources")]
    assert {len(listed) for listed in found} == {0, 1, 2, 3, 4, 5}
    assert all(courses[course["id"]] == course for listed in found for course in listed)
    assert client.get(f"/v2.1/resources/{client.ids('/v3.0/resources')[0]}/courses").status_code == 404


@pytest.mark.parametrize("stream", ["users", *STREAMS])
@settings(max_examples=8, deadline=None)
@given(users=st.integers(min_value=0, max_value=80), seed=st.integers(min_value=0, max_value=10**6))
def test_created_is_the_time_inside_the_id(stream: str, users: int, seed: int) -> None:
    sandbox = Sandbox(2, users, seed)
    sandbox.advance(3)
    for record in sandbox.served("v3.1", stream):
        if "created" in record:
            created = dt.datetime.fromisoformat(record["created"])
            assert int(record["id"][:8], 16) == created.timestamp()
            assert record["created"] <= record.get("last_modified", record.get("updated"))


@settings(max_examples=25, deadline=None)
@given(users=st.integers(min_value=0, max_value=80), seed=st.integers(min_value=0, max_value=10**6))
def test_however_small_a_district_is_its_records_fit_together(users: int, seed: int) -> None:
    sandbox = Sandbox(users=users, seed=seed)
    records = {stream: sandbox.served("v3.0", stream) for stream in STREAMS}
    truth = sandbox.truth()
    for found in records.values():
        assert all(first["id"] < second["id"] for first, second in pairwise(found))
    schools = {school["id"] for school in records["schools"]}
    memberships = Counter(student for section in records["sections"] for student in section["students"])
    assert set(memberships) == set(truth.ids("student"))
    assert set(memberships.values()) <= set(range(2, 13))
    assert all(section["school"] in schools for section in records["sections"])
    assert records["courses"]
    assert records["terms"]
    assert records["resources"]


@pytest.mark.parametrize("stream", STREAMS)
def test_the_same_seed_gives_the_same_records_whenever_they_are_read(stream: str) -> None:
    one, other = Sandbox(2, 120, 8), Sandbox(2, 120, 8)
    for _ in range(6):
        one.served("v3.1", stream)
        one.advance()
        other.advance()
    assert one.served("v3.1", stream) == other.served("v3.1", stream) != []


def test_other_seeds_give_other_sections() -> None:
    one, other = Sandbox(users=60, seed=1), Sandbox(users=60, seed=2)
    assert one.served("v3.0", "sections") != other.served("v3.0", "sections")


def test_sections_have_the_students_who_are_shared_until_none_is_left(living: "Client") -> None:
    sandbox = living.sandbox
    before = sandbox.served("v3.0", "sections")
    section = max(before, key=lambda each: len(each["students"]))
    first, *others = section["students"]
    sandbox.remove(first)
    assert living.get(f"/v3.0/sections/{section['id']}").json()["data"]["students"] == others
    for student in others:
        sandbox.remove(student)
    assert living.get(f"/v3.0/sections/{section['id']}").status_code == 404
    sandbox.restore(first)
    assert living.get(f"/v3.0/sections/{section['id']}").json()["data"]["students"] == [first]
    for student in others:
        sandbox.restore(student)
    assert living.records("/v3.0/sections") == before


def test_sections_have_the_teachers_who_are_shared(living: "Client") -> None:
    sandbox = living.sandbox
    (district_id,) = sandbox.districts
    before = living.records("/v3.0/sections")
    teacher = next(section["teacher"] for section in before if section.get("teacher") in section["teachers"])
    sandbox.drop_role(teacher, "teacher")
    after = living.records("/v3.0/sections")
    assert len(after) == len(before)
    assert all(teacher not in {section.get("teacher"), *section["teachers"]} for section in after)
    sandbox.unshare(district_id, role="teacher")
    own = teacher[8:18]
    assert all(one[8:18] != own for section in living.records("/v3.0/sections") for one in section["teachers"])
    sandbox.unshare(district_id, role="student")
    assert living.records("/v3.0/sections") == []


def test_sections_of_a_hidden_school_are_not_shown(living: "Client") -> None:
    (district_id,) = living.sandbox.districts
    hidden, shown = living.ids("/v3.0/schools")
    living.sandbox.unshare(district_id, school_id=hidden)
    assert {section["school"] for section in living.records("/v3.0/sections")} == {shown}


def test_new_people_are_in_no_section(living: "Client") -> None:
    (district_id,) = living.sandbox.districts
    before = living.records("/v3.1/sections")
    living.sandbox.add_person(district_id)
    assert living.records("/v3.1/sections") == before
