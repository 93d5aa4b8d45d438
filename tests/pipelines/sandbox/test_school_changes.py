"""How schools, courses, terms, sections, resources and the district itself change, and that other records do not."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.pipelines.sandbox.conftest import Client

Record = dict[str, Any]
STREAMS = ("users", "districts", "schools", "courses", "terms", "sections", "resources")
UNSHARED = ("schools", "courses", "terms", "sections", "resources")
TIMES = {"last_modified", "updated"}


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox with one district of 200 people."""
    return Sandbox(users=200, seed=5)


def the_district(sandbox: Sandbox) -> str:
    """The only district."""
    (district_id,) = sandbox.districts
    return district_id


def shown(sandbox: Sandbox) -> dict[tuple[str, str], Record]:
    """Everything that is shown, by list and ID."""
    return {(stream, record["id"]): record for stream in STREAMS for record in sandbox.served("v3.0", stream)}


def changes(
    before: dict[tuple[str, str], Record], after: dict[tuple[str, str], Record]
) -> dict[tuple[str, str], set[str]]:
    """The fields that differ, by record, without the times of changes; a record that came or went has `id` among them."""
    return {
        key: fields - TIMES
        for key in before.keys() | after.keys()
        if (
            fields := {
                name
                for name, value in (*before.get(key, {}).items(), *after.get(key, {}).items())
                if before.get(key, {}).get(name, ...) != after.get(key, {}).get(name, ...)
            }
        )
    }


def section_of(sandbox: Sandbox, place: int = 0) -> Record:
    """A section with several students and a teacher."""
    found = [each for each in sandbox.served("v3.0", "sections") if len(each["students"]) > 4 and each["teachers"]]
    return found[place]


def current(sandbox: Sandbox, stream: str, record_id: str) -> Record:
    """A record as it is shown now."""
    return shown(sandbox)[stream, record_id]


def test_a_student_joins_and_leaves_a_section(sandbox: Sandbox) -> None:
    section = section_of(sandbox)
    student = next(one for one in sandbox.truth().ids("student") if one not in section["students"])
    before = shown(sandbox)
    sandbox.enroll(section["id"], student)
    assert changes(before, shown(sandbox)) == {("sections", section["id"]): {"students"}}
    joined = current(sandbox, "sections", section["id"])
    assert joined["students"] == [*section["students"], student]
    assert joined["last_modified"] > section["last_modified"]
    sandbox.enroll(section["id"], student)
    assert current(sandbox, "sections", section["id"])["students"] == joined["students"]
    sandbox.unenroll(section["id"], student, section["students"][0])
    assert current(sandbox, "sections", section["id"])["students"] == section["students"][1:]


def test_a_section_without_students_is_gone_until_someone_joins(sandbox: Sandbox) -> None:
    section = section_of(sandbox)
    before = shown(sandbox)
    sandbox.unenroll(section["id"], *section["students"])
    assert changes(before, shown(sandbox)) == {("sections", section["id"]): set(section) - TIMES}
    sandbox.enroll(section["id"], section["students"][2])
    assert current(sandbox, "sections", section["id"])["students"] == [section["students"][2]]


def test_a_student_moves_to_another_section(sandbox: Sandbox) -> None:
    one, other = section_of(sandbox), section_of(sandbox, 5)
    student = next(each for each in one["students"] if each not in other["students"])
    before = shown(sandbox)
    sandbox.move(student, one["id"], other["id"])
    after = shown(sandbox)
    assert changes(before, after) == {("sections", each["id"]): {"students"} for each in (one, other)}
    assert student not in after["sections", one["id"]]["students"]
    assert student in after["sections", other["id"]]["students"]


@pytest.mark.parametrize("primary", ["first", "second", "other", None])
def test_the_teachers_of_a_section_change(sandbox: Sandbox, primary: str | None) -> None:
    section = section_of(sandbox)
    first, second, other = (one for one in sandbox.truth().ids("teacher")[:3])
    chosen = {"first": first, "second": second, "other": other, None: None}[primary]
    sandbox.assign_teachers(section["id"], second, first, primary=chosen)
    found = current(sandbox, "sections", section["id"])
    assert (found["teachers"], found.get("teacher")) == ([second, first], chosen)
    sandbox.assign_teachers(section["id"], other)
    found = current(sandbox, "sections", section["id"])
    assert (found["teachers"], found["teacher"]) == ([other], other)
    sandbox.assign_teachers(section["id"])
    found = current(sandbox, "sections", section["id"])
    assert (found["teachers"], "teacher" in found) == ([], False)


@pytest.mark.parametrize("stream", UNSHARED)
def test_a_record_is_renamed(sandbox: Sandbox, stream: str) -> None:
    before = shown(sandbox)
    record_id = sandbox.served("v3.0", stream)[1]["id"]
    sandbox.rename_record(stream, record_id, "Renamed")
    name = "title" if stream == "resources" else "name"
    assert changes(before, shown(sandbox)) == {(stream, record_id): {name}}
    assert current(sandbox, stream, record_id)[name] == "Renamed"


@pytest.mark.parametrize("stream", UNSHARED)
def test_a_record_is_made_removed_and_restored(living: "Client", stream: str) -> None:
    sandbox = living.sandbox
    district_id = the_district(sandbox)
    before = shown(sandbox)
    record_id = sandbox.create_record(district_id, stream, {"name": "New", "a.b": 1})
    made = living.get(f"/v3.0/{stream}/{record_id}").json()["data"]
    assert (made["district"], made["name"], made["a"]) == (district_id, "New", {"b": 1})
    assert changes(before, shown(sandbox)).keys() == {(stream, record_id)}
    assert living.ids(f"/v3.1/{stream}")[-1] == record_id
    sandbox.remove_record(district_id, stream, record_id)
    assert living.get(f"/v3.0/{stream}/{record_id}").status_code == 404
    assert shown(sandbox) == before
    sandbox.restore_record(district_id, stream, record_id)
    assert living.get(f"/v3.0/{stream}/{record_id}").json()["data"] == made


@pytest.mark.parametrize("stream", STREAMS)
def test_any_field_of_any_record_changes(sandbox: Sandbox, stream: str) -> None:
    before = shown(sandbox)
    record = sandbox.served("v3.0", stream)[0]
    sandbox.change_record(stream, record["id"], {"ext.x": [1], "name": ..., "roles.student.grade": "7"})
    assert changes(before, shown(sandbox)).keys() == {(stream, record["id"])}
    changed = current(sandbox, stream, record["id"])
    assert changed["ext"]["x"] == [1]
    assert changed["roles"]["student"]["grade"] == "7"
    assert "name" not in changed
    sandbox.change_record(stream, record["id"], {"last_modified": "2031-01-01T00:00:00.000Z"})
    assert current(sandbox, stream, record["id"])["last_modified"] == "2031-01-01T00:00:00.000Z"


@pytest.mark.parametrize("students", ["none", None, [7], [None]])
def test_a_section_can_be_anything(sandbox: Sandbox, students: object) -> None:
    section = section_of(sandbox)
    sandbox.change_record("sections", section["id"], {"students": students})
    sandbox.remove(section["students"][0])
    assert current(sandbox, "sections", section["id"])["students"] == students
    sandbox.change_record("sections", section["id"], {"students": []})
    assert current(sandbox, "sections", section["id"])["students"] == []


def test_a_record_is_put_as_it_is(sandbox: Sandbox) -> None:
    record = {"id": "5" * 24, "students": ["4" * 24], "name": None}
    sandbox.put_record(the_district(sandbox), "sections", record)
    assert current(sandbox, "sections", "5" * 24) == {"district": the_district(sandbox), **record}
    sandbox.rename_record("sections", "5" * 24, "New")
    assert current(sandbox, "sections", "5" * 24)["name"] == "New"
    with pytest.raises(KeyError, match="no district has"):
        sandbox.rename_record("sections", "6" * 24, "New")


@pytest.mark.parametrize("stream", UNSHARED)
def test_a_list_is_unshared_and_shared_again(living: "Client", stream: str) -> None:
    sandbox = living.sandbox
    before = shown(sandbox)
    sandbox.unshare(the_district(sandbox), stream=stream)
    assert living.get(f"/v3.0/{stream}").json()["data"] == []
    assert {key[0] for key in changes(before, shown(sandbox))} == {stream}
    sandbox.share(the_district(sandbox), stream=stream)
    assert shown(sandbox) == before


@pytest.mark.parametrize("stream", ["users", "districts", "x"])
def test_people_and_the_district_are_not_unshared_as_a_list(sandbox: Sandbox, stream: str) -> None:
    with pytest.raises(ValueError, match="cannot unshare"):
        sandbox.unshare(the_district(sandbox), stream=stream)


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("stream", ["users", "sections", "resources"])
def test_a_list_is_refused_and_served_again(living: "Client", stream: str, status: int) -> None:
    district_id = the_district(living.sandbox)
    before = living.records(f"/v3.0/{stream}")
    living.sandbox.refuse(district_id, stream, status)
    for path in (f"/v3.0/{stream}", f"/v3.1/{stream}", f"/v3.0/{stream}/{before[0]['id']}"):
        response = living.get(path)
        assert (response.status_code, set(response.json())) == (status, {"message"})
    assert living.get("/v3.0/schools").status_code == 200
    living.sandbox.serve_again(district_id, stream)
    assert living.records(f"/v3.0/{stream}") == before


def test_a_resource_is_assigned_to_other_courses(living: "Client") -> None:
    resource_id = living.ids("/v3.0/resources")[2]
    before = living.get(f"/v3.0/resources/{resource_id}").json()
    courses = living.ids("/v3.0/courses")[5:8]
    living.sandbox.assign_resource(resource_id, *courses[::-1], "0" * 24)
    assert living.ids(f"/v3.1/resources/{resource_id}/courses") == courses
    assert living.get(f"/v3.0/resources/{resource_id}").json() == before


def test_a_district_pauses_and_resumes(sandbox: Sandbox) -> None:
    district_id = the_district(sandbox)
    before = shown(sandbox)
    sandbox.pause(district_id, "2025-07-01T00:00:00.000Z", "2025-07-15T00:00:00.000Z")
    district = current(sandbox, "districts", district_id)
    assert changes(before, shown(sandbox)) == {("districts", district_id): {"state", "pause_start", "pause_end"}}
    assert (district["state"], district["pause_end"]) == ("paused", "2025-07-15T00:00:00.000Z")
    sandbox.resume(district_id)
    assert shown(sandbox) == before


def test_the_sync_of_a_district_fails_and_recovers(sandbox: Sandbox) -> None:
    district_id = the_district(sandbox)
    before = current(sandbox, "districts", district_id)
    sandbox.fail_sync(district_id, "No answer.")
    failed = current(sandbox, "districts", district_id)
    assert (failed["state"], failed["error"], failed["last_sync"]) == ("error", "No answer.", before["last_sync"])
    sandbox.sync_from_sis(district_id)
    first = current(sandbox, "districts", district_id)
    sandbox.sync_from_sis(district_id)
    second = current(sandbox, "districts", district_id)
    assert (first["state"], first["error"]) == ("running", "")
    assert before["last_sync"] < first["last_sync"] < second["last_sync"]


def test_sections_follow_a_teacher_who_is_merged_or_split(sandbox: Sandbox) -> None:
    people = {row.user_id: row.roles for row in sandbox.truth().users}
    taught = section_of(sandbox)["teachers"][0]
    teacher = taught if people[taught] == ("teacher",) else next(one for one in people if people[one] == ("teacher",))
    staff = next(one for one in people if people[one] == ("staff",))
    before = {section["id"]: section for section in sandbox.served("v3.0", "sections")}
    named = {key for key, section in before.items() if teacher in section["teachers"]}
    merged = sandbox.merge(teacher, staff)
    after = {section["id"]: section for section in sandbox.served("v3.0", "sections")}
    assert {key for key, section in after.items() if merged in section["teachers"]} == named
    assert all(after[key]["students"] == before[key]["students"] for key in before)
    parts = sandbox.split(merged)
    by_role = {role: part for part in parts for role in sandbox.roster(the_district(sandbox)).roles(part)}
    after = {section["id"]: section for section in sandbox.served("v3.0", "sections")}
    assert {key for key, section in after.items() if by_role["teacher"] in section["teachers"]} == named
    assert all(by_role["staff"] not in section["teachers"] for section in after.values())
    assert {key for key, section in after.items() if section.get("teacher") == by_role["teacher"]} == {
        key for key, section in before.items() if section.get("teacher") == teacher
    }


def test_a_school_year_ends_with_new_sections_and_terms(sandbox: Sandbox) -> None:
    before = shown(sandbox)
    sandbox.roll_over(the_district(sandbox))
    after = shown(sandbox)

    def ids(found: dict[tuple[str, str], Record], stream: str) -> set[str]:
        return {record_id for kind, record_id in found if kind == stream}

    assert ids(before, "sections").isdisjoint(ids(after, "sections"))
    assert ids(before, "schools") == ids(after, "schools")
    without = {key for key in ids(before, "courses") if not before["courses", key].get("number")}
    assert without
    assert ids(before, "courses") - ids(after, "courses") == without
    assert len(ids(before, "courses")) == len(ids(after, "courses"))
    assert len(ids(before, "terms")) == len(ids(after, "terms"))
    ended, new = ids(before, "terms") & ids(after, "terms"), ids(after, "terms") - ids(before, "terms")
    assert len(ended) == len(new)
    assert all("2026-2027" in after["terms", key]["name"] for key in new)
    students = {student for key in ids(after, "sections") for student in after["sections", key]["students"]}
    assert students == set(sandbox.truth().ids("student"))
    terms = {after["sections", key].get("term_id") for key in ids(after, "sections")}
    assert new & terms
    assert all(
        record["created"] <= record["last_modified"] for (kind, _), record in after.items() if kind == "sections"
    )


def test_days_change_sections_in_every_way_and_leave_some_days_quiet() -> None:
    sandbox = Sandbox(users=600, seed=1)
    found = set()
    quiet = 0
    for day in range(1, 41):
        before = shown(sandbox)
        people = sandbox.advance()
        today = [change for change in sandbox.school_log if change.day == day]
        found |= {(change.what, change.stream) for change in today}
        if not people and not today:
            assert shown(sandbox) == before
            quiet += 1
    assert quiet > 2
    assert found >= {
        (what, "sections")
        for what in ("enrolled", "unenrolled", "assigned", "changed", "created", "removed", "restored")
    }
    assert ("changed", "courses") in found


def test_days_enroll_the_students_who_arrived() -> None:
    sandbox = Sandbox(users=300, seed=1)
    district_id = the_district(sandbox)
    student = sandbox.add_person(district_id)
    before = len(sandbox.school_log)
    while len(sandbox.school_log) == before:
        sandbox.advance()
    memberships = [each for each in sandbox.served("v3.0", "sections") if student in each["students"]]
    assert 2 <= len(memberships) <= 12
    school = sandbox.roster(district_id).record(student)["roles"]["student"]["school"]
    assert {section["school"] for section in memberships} == {school}


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10**6), users=st.integers(min_value=0, max_value=60))
def test_after_any_days_sections_are_sound(seed: int, users: int) -> None:
    sandbox = Sandbox(users=users, seed=seed)
    for _ in range(6):
        sandbox.advance()
        students = set(sandbox.truth().ids("student"))
        for section in sandbox.served("v3.0", "sections"):
            assert section["students"]
            assert len(set(section["students"])) == len(section["students"])
            assert students.issuperset(section["students"])


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10**6), days=st.integers(min_value=1, max_value=8))
def test_the_same_seed_brings_the_same_days_to_sections(seed: int, days: int) -> None:
    one, other = Sandbox(2, 60, seed), Sandbox(2, 60, seed)
    for _ in range(days):
        one.advance()
        shown(one)
    other.advance(days)
    assert one.school_log == other.school_log
    assert shown(one) == shown(other)
