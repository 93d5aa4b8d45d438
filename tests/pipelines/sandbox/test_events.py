"""The events of a district: what each change leads to, and that all of them together lead to what is shown."""

import random
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sandbox import Dropped, Status
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.pipelines.sandbox.conftest import Client, Serve

Record = dict[str, Any]
Shown = dict[tuple[str, str], Record]
STREAMS = ("users", "districts", "schools", "courses", "terms", "sections", "resources")
VERSIONS = ("v3.0", "v3.1")


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox with one district of 100 people, of which everything was read once."""
    sandbox = Sandbox(users=100, seed=5)
    shown(sandbox, "v3.0")
    return sandbox


def the_district(sandbox: Sandbox) -> str:
    """The only district."""
    (district_id,) = sandbox.districts
    return district_id


def shown(sandbox: Sandbox, version: str) -> Shown:
    """Everything that is shown, by list and ID."""
    return {(stream, record["id"]): record for stream in STREAMS for record in sandbox.served(version, stream)}


def events(sandbox: Sandbox, version: str = "v3.0") -> list[Record]:
    """The events of the only district."""
    return sandbox.events(version, the_district(sandbox))


def types(sandbox: Sandbox) -> list[tuple[str, str]]:
    """The type of each event and the record that it is about."""
    return [(event["type"], event["data"]["object"]["id"]) for event in events(sandbox)]


def apply(state: Shown, event: Record) -> None:
    """Apply an event to what was shown before, and check that it fits."""
    stream, kind = event["type"].split(".")
    record = event["data"]["object"]
    key = stream, record["id"]
    if kind == "created":
        assert key not in state
        state[key] = record
    elif kind == "deleted":
        assert state.pop(key) == record
    else:
        former = {
            name: value for name, value in {**record, **event["previous_attributes"]}.items() if value is not None
        }
        assert former == {name: value for name, value in state[key].items() if value is not None}
        assert event["previous_attributes"]
        state[key] = record


def sections_of(sandbox: Sandbox, user_id: str) -> list[str]:
    """The sections in which a person is."""
    found = sandbox.served("v3.0", "sections")
    return [each["id"] for each in found if user_id in {*each["students"], *each["teachers"], each.get("teacher")}]


def test_a_new_district_has_no_events(sandbox: Sandbox) -> None:
    assert events(sandbox) == events(sandbox, "v3.1") == []


def test_changes_before_the_first_list_is_read_are_no_events() -> None:
    sandbox = Sandbox(users=100, seed=5)
    sandbox.advance(5)
    sandbox.remove(sandbox.roster(the_district(sandbox)).ids("student")[0])
    assert events(sandbox) == []
    sandbox.add_person(the_district(sandbox))
    assert [kind for kind, _ in types(sandbox)] == ["users.created"]


def test_a_changed_user_is_an_event_with_the_former_values(sandbox: Sandbox) -> None:
    before = shown(sandbox, "v3.0")
    user_id = sandbox.truth().ids("student")[0]
    sandbox.change(user_id, {"email": "new@x.example", "roles.student.grade": "Other", "nickname": "x"})
    (event,) = events(sandbox)
    former = before["users", user_id]
    assert set(event) == {"id", "type", "created", "data", "previous_attributes"}
    assert event["type"] == "users.updated"
    assert event["data"] == {"object": shown(sandbox, "v3.0")["users", user_id]}
    assert event["previous_attributes"] == {
        "email": former.get("email"),
        "last_modified": former["last_modified"],
        "nickname": None,
        "roles": former["roles"],
    }


def test_an_event_shows_a_record_as_its_version_does(sandbox: Sandbox) -> None:
    student = sandbox.truth().ids("student")[0]
    sandbox.change_email(student, "new@x.example")
    (one,), (other,) = events(sandbox), events(sandbox, "v3.1")
    assert one["id"] == other["id"]
    for version, event in zip(VERSIONS, (one, other), strict=True):
        assert event["data"]["object"] == shown(sandbox, version)["users", student]
    assert "gifted_status" not in one["data"]["object"]["roles"]["student"]


def test_a_change_that_only_one_version_shows_is_an_event_there_alone(sandbox: Sandbox) -> None:
    record = next(each for each in sandbox.served("v3.1", "sections") if (each.get("lms_status") or {}))
    fields = {"lms_status": record["lms_status"], "last_modified": record["last_modified"]}
    sandbox.change_record("sections", record["id"], fields)
    assert [event["previous_attributes"] for event in events(sandbox)] == [{"lms_status": None}]
    assert events(sandbox, "v3.1") == []


def test_a_change_to_the_same_value_is_no_event(sandbox: Sandbox) -> None:
    record = sandbox.served("v3.0", "courses")[0]
    sandbox.change_record("courses", record["id"], {"name": record["name"]})
    assert events(sandbox) == []


def test_a_student_who_leaves_and_returns_is_an_event_in_each_section(sandbox: Sandbox) -> None:
    student = sandbox.truth().ids("student")[3]
    sections = sections_of(sandbox, student)
    alone = {each["id"] for each in sandbox.served("v3.0", "sections") if each["students"] == [student]}
    sandbox.remove(student)
    gone = [("sections.deleted" if each in alone else "sections.updated", each) for each in sections]
    assert types(sandbox) == [("users.deleted", student), *gone]
    sandbox.restore(student)
    back = [("sections.created" if each in alone else "sections.updated", each) for each in sections]
    assert types(sandbox)[len(gone) + 1 :] == [("users.created", student), *back]


def test_a_merge_is_two_users_deleted_and_one_created_and_sections_updated(sandbox: Sandbox) -> None:
    people = {row.user_id: row.roles for row in sandbox.truth().users}
    teacher = next(one for one in people if people[one] == ("teacher",) and sections_of(sandbox, one))
    staff = next(one for one in people if people[one] == ("staff",))
    sections = sections_of(sandbox, teacher)
    merged = sandbox.merge(teacher, staff)
    users = sorted(
        [("users.deleted", teacher), ("users.deleted", staff), ("users.created", merged)], key=lambda one: one[1]
    )
    assert types(sandbox) == [*users, *(("sections.updated", each) for each in sections)]


def test_the_loss_of_the_role_of_a_teacher_is_an_event_of_the_sections_too(sandbox: Sandbox) -> None:
    people = {row.user_id: row.roles for row in sandbox.truth().users}
    teacher = next(one for one in people if len(people[one]) > 1 and sections_of(sandbox, one))
    sections = sections_of(sandbox, teacher)
    sandbox.drop_role(teacher, "teacher")
    assert types(sandbox) == [("users.updated", teacher), *(("sections.updated", each) for each in sections)]


@pytest.mark.parametrize("stream", STREAMS[2:])
def test_records_are_created_updated_deleted_and_created_again(sandbox: Sandbox, stream: str) -> None:
    district_id = the_district(sandbox)
    record_id = sandbox.create_record(district_id, stream, {})
    sandbox.rename_record(stream, record_id, "Renamed")
    sandbox.remove_record(district_id, stream, record_id)
    sandbox.restore_record(district_id, stream, record_id)
    assert types(sandbox) == [(f"{stream}.{kind}", record_id) for kind in ("created", "updated", "deleted", "created")]


def test_the_state_of_a_district_is_an_event(sandbox: Sandbox) -> None:
    district_id = the_district(sandbox)
    sandbox.sync_from_sis(district_id)
    sandbox.pause(district_id, "2025-07-01T00:00:00.000Z", "2025-07-15T00:00:00.000Z")
    assert types(sandbox) == [("districts.updated", district_id)] * 2
    assert set(events(sandbox)[1]["previous_attributes"]) == {"state", "pause_start", "pause_end"}


def test_assigning_a_resource_to_courses_is_no_event(sandbox: Sandbox) -> None:
    sandbox.assign_resource(sandbox.served("v3.0", "resources")[0]["id"])
    assert events(sandbox) == []


@pytest.mark.parametrize(
    "what", [{"role": "student"}, {"role": "contact"}, {"stream": "sections"}, {"stream": "courses"}, {"school_id": ""}]
)
def test_what_is_unshared_is_deleted_and_what_is_shared_again_is_created(
    sandbox: Sandbox, what: dict[str, str]
) -> None:
    if "school_id" in what:
        what = {"school_id": sandbox.served("v3.0", "schools")[0]["id"]}
    before = shown(sandbox, "v3.0")
    sandbox.unshare(the_district(sandbox), **what)
    gone = before.keys() - shown(sandbox, "v3.0").keys()
    assert gone
    deleted = {
        (kind.removesuffix(".deleted"), record_id) for kind, record_id in types(sandbox) if kind.endswith(".deleted")
    }
    assert deleted == gone
    sandbox.share(the_district(sandbox), **what)
    created = {
        (kind.removesuffix(".created"), record_id) for kind, record_id in types(sandbox) if kind.endswith(".created")
    }
    assert created == gone


def test_refusing_a_list_is_no_event_and_neither_are_its_changes(sandbox: Sandbox) -> None:
    course = sandbox.served("v3.0", "courses")[0]["id"]
    sandbox.refuse(the_district(sandbox), "courses")
    sandbox.rename_record("courses", course, "Refused")
    sandbox.serve_again(the_district(sandbox), "courses")
    assert events(sandbox) == []


def test_changes_without_events_leave_a_gap(sandbox: Sandbox) -> None:
    people = {row.user_id: row.roles for row in sandbox.truth().users}
    teacher = next(one for one in people if people[one] == ("teacher",) and sections_of(sandbox, one))
    with sandbox.without_events():
        sandbox.merge(teacher, next(one for one in people if people[one] == ("staff",)))
        sandbox.unshare(the_district(sandbox), stream="courses")
        sandbox.advance()
    assert events(sandbox) == []
    student = sandbox.add_person(the_district(sandbox))
    assert types(sandbox) == [("users.created", student)]


@pytest.mark.parametrize("status", [403, 404])
def test_disabled_events_are_refused_and_leave_a_gap(living: "Client", status: int) -> None:
    sandbox = living.sandbox
    first = living.ids("/v3.0/events")
    sandbox.disable_events(the_district(sandbox), status)
    sandbox.add_person(the_district(sandbox))
    response = living.get("/v3.0/events")
    assert (response.status_code, set(response.json())) == (status, {"message"})
    assert living.get("/v3.0/users").status_code == 200
    sandbox.enable_events(the_district(sandbox))
    assert living.ids("/v3.0/events") == first == []


def test_events_are_kept_for_30_days(living: "Client") -> None:
    sandbox = living.sandbox
    living.ids("/v3.0/events")
    sandbox.add_person(the_district(sandbox))
    (first,) = living.ids("/v3.0/events")
    with sandbox.without_events():
        sandbox.advance(29)
    assert living.ids("/v3.0/events") == [first]
    with sandbox.without_events():
        sandbox.advance(2)
    assert living.ids("/v3.0/events") == living.ids("/v3.1/events") == []
    assert living.get(f"/v3.0/events/{first}").status_code == 404
    assert living.get("/v3.0/events", starting_after=first).status_code == 400
    sandbox.add_person(the_district(sandbox))
    assert len(living.ids("/v3.0/events")) == 1


@pytest.mark.parametrize("is_expired", [False, True])
@pytest.mark.parametrize("answer", [400, 404, None])
def test_an_unknown_or_expired_cursor_is_refused_or_leads_to_the_oldest(
    living: "Client", answer: int | None, *, is_expired: bool
) -> None:
    sandbox = living.sandbox
    sandbox.unknown_event_cursor = answer
    living.ids("/v3.0/events")
    sandbox.add_person(the_district(sandbox))
    cursor = living.ids("/v3.0/events")[0] if is_expired else "f" * 24
    if is_expired:
        sandbox.expire_events(the_district(sandbox))
    sandbox.add_person(the_district(sandbox))
    response = living.get("/v3.0/events", starting_after=cursor)
    if answer is None:
        assert [item["data"]["id"] for item in response.json()["data"]] == living.ids("/v3.0/events") != []
    else:
        assert (response.status_code, set(response.json())) == (answer, {"message"})


def test_events_are_paged_like_other_lists(living: "Client") -> None:
    living.ids("/v3.1/events")
    living.sandbox.advance(6)
    ids = [event["id"] for event in living.sandbox.events("v3.1", the_district(living.sandbox))]
    assert all(first < second for first, second in pairwise(ids))
    assert living.ids("/v3.1/events", limit=7) == living.ids("/v3.1/events", limit=10_000) == ids
    newest = living.get("/v3.1/events", ending_before="last", limit=1).json()
    assert [item["data"]["id"] for item in newest["data"]] == ids[-1:]
    assert [link["rel"] for link in newest["links"]] == ["self", "prev"]
    assert living.ids("/v3.1/events", starting_after=ids[4], limit=7) == ids[5:]
    item = living.get("/v3.1/events", starting_after=ids[4], limit=1).json()["data"][0]
    assert item["uri"] == f"/v3.1/events/{ids[5]}"
    assert living.get(item["uri"]).json()["data"] == item["data"]
    assert living.get("/v3.1/events", limit=10_001).status_code == 413
    assert living.get("/v2.1/events").status_code == 404


def test_events_are_filtered_by_record_types(living: "Client") -> None:
    living.ids("/v3.0/events")
    living.sandbox.advance(6)
    found = living.sandbox.events("v3.0", the_district(living.sandbox))
    for chosen in ([], ["users"], ["sections"], ["sections", "users"], ["attendance"]):
        expected = [event["id"] for event in found if not chosen or event["type"].split(".")[0] in chosen]
        page = living.http.get("/v3.0/events", params={"limit": 9, "record_type": chosen}).json()
        ids = [item["data"]["id"] for item in page["data"]]
        while following := [link["uri"] for link in page["links"] if link["rel"] == "next"]:
            page = living.http.get(following[0]).json()
            ids += [item["data"]["id"] for item in page["data"]]
        assert ids == expected


def test_events_are_filtered_by_school(sandbox: Sandbox, serve: "Serve") -> None:
    one, other = (school["id"] for school in sandbox.served("v3.0", "schools"))
    people = sandbox.truth().by_id
    students = [people[each] for each in sandbox.truth().ids("student")]
    at_one, at_other = (
        next(each["id"] for each in students if each["roles"]["student"]["schools"] == [school])
        for school in (one, other)
    )
    section = next(each["id"] for each in sandbox.served("v3.0", "sections") if each["school"] == one)
    for student in (at_one, at_other):
        sandbox.change_email(student)
    sandbox.rename_record("schools", one, "One")
    sandbox.rename_record("sections", section, "Section")
    for stream in ("courses", "terms", "resources", "districts"):
        sandbox.rename_record(stream, sandbox.served("v3.0", stream)[0]["id"], "Of no school")
    client = serve(sandbox)
    found = client.records("/v3.0/events", school=one, limit=2)
    assert [event["data"]["object"]["id"] for event in found] == [at_one, one, section]
    assert [event["data"]["object"]["id"] for event in client.records("/v3.0/events", school=other)] == [at_other]
    assert client.records("/v3.0/events", school="nowhere") == []


def test_faults_and_nonsense_of_events_are_like_those_of_other_lists(living: "Client") -> None:
    living.sandbox.inject(Status(503), stream="events", times=1)
    assert living.get("/v3.0/events").status_code == 503
    living.sandbox.inject(Dropped(), stream="events", page=2)
    assert living.get("/v3.0/events").status_code == 200
    for query in ("limit=0", "count=true", "role=student", "starting_after=x", "limit=1&limit=2", "school=a&school=b"):
        assert living.get(f"/v3.0/events?{query}").status_code == 400


def test_changes_made_on_the_roster_itself_are_events(sandbox: Sandbox) -> None:
    roster = sandbox.roster(the_district(sandbox))
    student = roster.add_person(("student",))
    roster.rename(student)
    roster.remove(student)
    assert types(sandbox) == [(f"users.{kind}", student) for kind in ("created", "updated", "deleted")]


def test_merges_before_the_first_list_is_read_are_no_events() -> None:
    sandbox = Sandbox(users=100, seed=5)
    roster = sandbox.roster(the_district(sandbox))
    teachers = [one for one in roster.ids("teacher") if roster.roles(one) == ("teacher",)]
    staff = [one for one in roster.ids("staff") if roster.roles(one) == ("staff",)]
    sandbox.merge(teachers[0], staff[0])
    sandbox.served("v3.0", "courses")
    student = roster.ids("student")[0]
    sandbox.remove(student)
    assert {kind for kind, _ in types(sandbox)} <= {"users.deleted", "sections.updated", "sections.deleted"}
    state = {("sections", each["data"]["object"]["id"]): each for each in events(sandbox)[1:]}
    assert all(
        set(event["previous_attributes"]) == {"students"} for event in state.values() if "previous_attributes" in event
    )


def test_a_new_school_year_is_one_event_of_each_record_that_differs(sandbox: Sandbox) -> None:
    before = {version: shown(sandbox, version) for version in VERSIONS}
    sandbox.roll_over(the_district(sandbox))
    assert len(set(types(sandbox))) == len({record_id for _, record_id in types(sandbox)})
    for version, state in before.items():
        for event in events(sandbox, version):
            apply(state, event)
        assert state == shown(sandbox, version)


def change_a_record(sandbox: Sandbox, rng: random.Random, district_id: str) -> None:
    """Change, remove, restore, or make a record."""
    stream = rng.choice(STREAMS)
    ids = [record["id"] for record in sandbox.served("v3.0", stream)]
    gone = sandbox._districts[district_id].year.gone(stream)
    schools = sandbox.served("v3.0", "schools")
    what = rng.choice(("change", "remove", "restore", "make"))
    if what == "change" and ids:
        sandbox.change_record(stream, rng.choice(ids), {"name": f"{rng.random()}", "x": ...})
    elif what == "remove" and ids and stream != "districts":
        sandbox.remove_record(district_id, stream, rng.choice(ids))
    elif what == "restore" and gone:
        sandbox.restore_record(district_id, stream, rng.choice(gone))
    elif what == "make" and stream not in {"users", "districts"} and schools:
        sandbox.create_record(district_id, stream, {"school": rng.choice(schools)["id"]})


def change_a_person(sandbox: Sandbox, rng: random.Random, district_id: str) -> None:
    """Change a person, or the sections in which the person is."""
    role = rng.choice(("student", "teacher", "staff", "contact"))
    person = rng.choice(sandbox.roster(district_id).ids(role) or [sandbox.add_person(district_id, (role,))])
    sections = [record["id"] for record in sandbox.served("v3.0", "sections")]
    schools = [record["id"] for record in sandbox.served("v3.0", "schools")][:1]
    what = rng.choice(("enroll", "assign", "remove", "restore", "schools", "drop"))
    if what == "enroll" and sections:
        sandbox.enroll(rng.choice(sections), person)
    elif what == "assign" and sections:
        sandbox.assign_teachers(rng.choice(sections), person)
    elif what == "remove":
        sandbox.remove(person)
    elif what == "restore" and (gone := sandbox.roster(district_id).gone()):
        sandbox.restore(rng.choice(gone))
    elif what == "schools":
        sandbox.change(person, {"roles.student.schools": schools})
    elif what == "drop":
        sandbox.drop_role(person, role)


def change_what_is_shared(sandbox: Sandbox, rng: random.Random, district_id: str) -> None:
    """Share or unshare a role, a list, or a school."""
    sharing = rng.choice((sandbox.share, sandbox.unshare, sandbox.unshare))
    role = rng.choice(("student", "teacher", "staff", "contact"))
    schools = sorted({record["id"] for record in sandbox.served("v3.0", "schools")})[:1]
    sharing(
        district_id,
        **rng.choice(({"role": role}, {"stream": rng.choice(STREAMS[2:])}, *({"school_id": one} for one in schools))),
    )


def any_change(sandbox: Sandbox, rng: random.Random) -> None:
    """Make a change of any kind."""
    (district_id,) = sandbox.districts
    kind = rng.randrange(10)
    if kind < 3:
        change_a_record(sandbox, rng, district_id)
    elif kind < 6:
        change_a_person(sandbox, rng, district_id)
    elif kind < 8:
        change_what_is_shared(sandbox, rng, district_id)
    else:
        sandbox.advance()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10**9), version=st.sampled_from(VERSIONS), users=st.integers(0, 60))
def test_the_events_lead_from_what_was_shown_to_what_is_shown(seed: int, version: str, users: int) -> None:
    sandbox = Sandbox(users=users, seed=seed)
    rng = random.Random(seed)
    state = shown(sandbox, version)
    read = 0
    for _ in range(25):
        any_change(sandbox, rng)
        found = events(sandbox, version)
        for event in found[read:]:
            apply(state, event)
        read = len(found)
        assert state == shown(sandbox, version)
