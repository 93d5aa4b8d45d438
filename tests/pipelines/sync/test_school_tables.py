"""The tables of schools from sync to sync: what they hold, what makes a version, and what holds a sync or is not shared."""

from typing import TYPE_CHECKING, Any

import pytest

from pipelines.clever.app import DEFAULT_RECORDS
from pipelines.progress import Notice, silent
from pipelines.sandbox import Altered, Rewritten, Status
from pipelines.sync import Limits, LimitsByDistrict, approve, reject

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.sync import Outcome
    from tests.conftest import Trial

TABLES = ("districts", "schools", "courses", "terms", "sections", "section_students", "section_teachers")
OF_SECTIONS = ("sections", "section_students", "section_teachers")

PRIMARY: dict[str, tuple[str | None, str, str | None]] = {
    "the first teacher": ("a", "abc", "a"),
    "another teacher": ("b", "abc", "b"),
    "the last teacher, who has the lowest ID": ("a", "cba", "a"),
    "nobody sent, one teacher": (None, "b", "b"),
    "nobody sent, the first has the highest ID": (None, "cab", "c"),
    "someone who is not among the teachers": ("d", "abc", None),
    "someone, but no teachers": ("a", "", None),
    "nobody sent, no teachers": (None, "", None),
}
"""The primary teacher as Clever sends it, the teachers in Clever's order, and who is marked as primary."""

IRREGULAR: dict[str, dict[str, Any]] = {
    "students that are no text": {"students": ["s1", 5, None, {"id": "s2"}, ["s3"], True, 0.5, ""]},
    "students that are text": {"students": "s1"},
    "students that are an object": {"students": {"id": "s1"}},
    "students that come twice": {"students": ["s1", "s2", "s1"]},
    "students that are null": {"students": None},
    "teachers that are no text": {"teachers": [7, {"id": "t1"}, "t2", "t3"], "teacher": ...},
    "teachers that are a number": {"teachers": 7},
    "a teacher that is a list": {"teacher": ["t1"], "teachers": ["t2", "t1"]},
    "a teacher that is empty": {"teacher": "", "teachers": ["t2", "t1"]},
    "a school that is an object": {"school": {"id": "s"}},
    "a course that is a list": {"course": ["c"]},
    "a term that is a number": {"term_id": 3},
    "a period that is a number": {"period": 3},
    "a period that is a fraction": {"period": 1.5},
    "a name that is an object": {"name": {"first": "Algebra"}},
    "a creation that is no instant": {"created": "someday"},
    "an LMS status that is text": {"lms_status": "synced"},
    "an LMS status of another kind": {"lms_status": {"synced_in_lms": "true"}},
    "custom fields that are a list": {"ext": ["room"]},
    "an unknown field": {"room": {"number": "12"}},
}
"""Fields of sections that their columns do not expect."""


def _section(trial: "Trial", *, place: int = 0, students: int = 5) -> dict[str, Any]:
    """Return a section of the first district that has a teacher and some students."""
    sections = trial.sandbox.served("v3.0", "sections", trial.districts[0])
    return [each for each in sections if len(each["students"]) >= students and each["teachers"]][place]


def _versions(trial: "Trial", table: str, section_id: str) -> list[tuple[Any, ...]]:
    """Return what became of the rows of a section, change by change."""
    return trial.rows(
        f"SELECT change, count(*) FROM {table}_history WHERE section_id = ? GROUP BY valid_from, change ORDER BY valid_from",
        section_id,
    )


def _notices(trial: "Trial") -> list[str]:
    return [event.text for event in trial.events if isinstance(event, Notice)]


def _not_shared(trial: "Trial") -> tuple[str, ...]:
    return tuple(trial.value("SELECT not_shared FROM sync.districts"))


def _decide(trial: "Trial", decide: "Callable[..., Any]", outcome: "Outcome") -> Any:
    """Approve or reject what is held of the first district."""
    return decide(
        trial.warehouse,
        district_id=outcome.district_id,
        digest=str(outcome.digest),
        reason="a new school year",
        decided_by="somebody",
        decision_id="decision",
        report=silent,
    )


@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_the_tables_of_schools_hold_what_clever_shows(begin: Any, version: str) -> None:
    with begin(users=300) as trial:
        trial.version = version
        assert trial.outcomes() == ["applied"]
        assert trial.wrong_schools(*trial.districts) == []
        assert all(trial.value(f"SELECT count(*) FROM {table}") for table in TABLES)
        assert trial.value("SELECT count(*) FROM section_teachers WHERE is_primary") > 0
        assert trial.outcomes() == ["unchanged"]


def test_the_primary_teacher_is_the_one_sent_or_else_the_first_in_clevers_order(trial: "Trial") -> None:
    names = dict(zip("abcd", sorted(trial.sandbox.truth().ids())[:4], strict=True))
    expected = {}
    for place, (sent, teachers, primary) in enumerate(PRIMARY.values()):
        section_id = _section(trial, place=place, students=1)["id"]
        fields = {"teachers": [names[each] for each in teachers], "teacher": names[sent] if sent else ...}
        trial.sandbox.inject(Altered(_changed(section_id, fields)), stream="sections")
        expected[section_id] = sorted((names[each], each == primary) for each in teachers)
    assert trial.outcomes() == ["applied"]
    found = "SELECT teacher_id, is_primary FROM section_teachers WHERE section_id = ? ORDER BY teacher_id"
    assert {section_id: trial.rows(found, section_id) for section_id in expected} == expected


def _changed(section_id: str, fields: dict[str, Any]) -> "Callable[[dict[str, Any]], dict[str, Any]]":
    """Show a section with other fields than it has."""

    def change(envelope: dict[str, Any]) -> dict[str, Any]:
        for item in envelope["data"]:
            if item["data"]["id"] == section_id:
                kept = {name: value for name, value in item["data"].items() if name not in fields}
                item["data"] = kept | {name: value for name, value in fields.items() if value is not ...}
        return envelope

    return change


def test_another_order_of_the_teachers_makes_a_version_only_if_another_one_is_primary(trial: "Trial") -> None:
    first, second, third = trial.sandbox.truth().ids("teacher")[:3]
    section_id = _section(trial)["id"]
    trial.sandbox.assign_teachers(section_id, first, second, third)
    trial.sync()
    trial.sandbox.assign_teachers(section_id, first, third, second)
    trial.sync()
    assert _versions(trial, "section_teachers", section_id) == [("created", 3)]
    trial.sandbox.assign_teachers(section_id, third, first, second, primary=None)
    assert trial.outcomes() == ["applied"]
    assert _versions(trial, "section_teachers", section_id) == [("created", 3), ("updated", 2)]
    assert trial.wrong() == []


def test_a_section_that_loses_half_of_its_students_is_held(begin: Any) -> None:
    with begin(users=100) as trial:
        trial.sync()
        trial.limits = LimitsByDistrict(Limits(max_archived_percent=1, min_records=5))
        many = trial.value("SELECT count(*) FROM section_students")
        section = _section(trial, students=12)
        leaving = section["students"][::2]
        trial.sandbox.unenroll(section["id"], *leaving)
        outcome = trial.outcome()
        assert outcome.outcome == "held"
        share = f"{len(leaving)} of {many} rows of section_students would be archived"
        assert [str(each) for each in outcome.exceeded] == [
            f"{share} ({len(leaving) * 100 / many:.1f}%, the limit is 1%)"
        ]
        assert trial.value("SELECT count(*) FROM section_students") == many
        assert outcome.by_role["sections"].counts.updated == 0
        assert outcome.by_role["section_students"].counts.archived == len(leaving)
        assert outcome.counts.updated == 0


def test_students_who_leave_are_counted_themselves_and_neither_their_sections_nor_their_places_in_them(
    begin: Any,
) -> None:
    with begin(users=100) as trial:
        trial.sync()
        trial.limits = LimitsByDistrict(Limits(max_archived_percent=5, max_changed_percent=5, min_records=3))
        leaving = [trial.person("student", number) for number in range(2)]
        for user_id in leaving:
            trial.sandbox.remove(user_id)
        outcome = trial.outcome()
        assert (outcome.outcome, outcome.exceeded) == ("applied", ())
        places = outcome.by_role["section_students"]
        assert (places.counts.archived >= 3, places.lost) == (True, 0)
        assert trial.wrong() == []


def test_the_turnover_of_terms_and_of_courses_is_counted_apart(trial: "Trial") -> None:
    trial.sync()
    trial.limits = LimitsByDistrict(Limits(max_archived_percent=10, min_records=3))
    district_id, outcomes = trial.districts[0], []
    for stream in ("terms", "courses"):
        for record in trial.sandbox.served("v3.0", stream, district_id)[:3]:
            trial.sandbox.remove_record(district_id, stream, record["id"])
            trial.sandbox.create_record(district_id, stream, {"name": record.get("name")})
        outcomes.append(trial.outcome())
    assert [[str(each) for each in outcome.exceeded] for outcome in outcomes] == [
        ["3 of 10 terms would be archived (30.0%, the limit is 10%)"],
        [
            "3 of 15 courses would be archived (20.0%, the limit is 10%)",
            "3 of 10 terms would be archived (30.0%, the limit is 10%)",
        ],
    ]
    assert outcomes[-1].by_role["terms"].counts.added == 3
    assert outcomes[-1].archived.people == 0


def test_a_new_school_year_is_held_and_applied_as_approved(begin: Any) -> None:
    with begin(users=100) as trial:
        trial.sync()
        trial.sandbox.roll_over(trial.districts[0])
        outcome = trial.outcome()
        assert outcome.outcome == "held"
        assert any(" sections would be archived" in str(each) for each in outcome.exceeded)
        assert any(" rows of section_students would be archived" in str(each) for each in outcome.exceeded)
        applied = _decide(trial, approve, outcome)
        assert applied
        assert applied.outcome == "applied"
        assert applied.by_role["sections"].counts.archived > 0
        assert trial.wrong() == []
        assert trial.outcomes() == ["unchanged"]


@pytest.mark.parametrize(("stream", "status"), [("sections", 403), ("sections", 404), ("resources", 403)])
def test_a_list_that_clever_refuses_as_a_whole_keeps_its_rows(trial: "Trial", stream: str, status: int) -> None:
    trial.sync()
    trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, min_records=1))
    district_id = trial.districts[0]
    tables = OF_SECTIONS if stream == "sections" else ("resources",)
    before = [trial.digest(f"SELECT * FROM {table} ORDER BY ALL") for table in tables]
    trial.sandbox.refuse(district_id, stream, status)
    trial.sandbox.rename_record(stream, trial.sandbox.served("v3.0", stream, district_id)[0]["id"], "Renamed")
    trial.sandbox.add_person(district_id, ("student",))
    trial.events.clear()
    assert trial.outcomes() == ["applied"]
    assert _not_shared(trial) == (stream,)
    assert [f"{stream} is not shared with this app by {district_id}: " in text for text in _notices(trial)] == [True]
    trial.sandbox.add_person(district_id, ("student",))
    assert trial.outcomes() == ["applied"]
    assert trial.outcomes() == ["unchanged"]
    assert (len(_notices(trial)), _not_shared(trial)) == (1, (stream,))
    assert [trial.digest(f"SELECT * FROM {table} ORDER BY ALL") for table in tables] == before
    assert trial.rows("SELECT * FROM sync.holds") == []
    trial.sandbox.serve_again(district_id, stream)
    assert trial.outcomes() == ["applied"]
    assert (len(_notices(trial)), _not_shared(trial)) == (1, ())
    assert trial.wrong() == []
    assert trial.value(f"SELECT count(*) FROM {stream}_history WHERE change IN ('archived', 'restored')") == 0
    trial.sandbox.refuse(district_id, stream, status)
    trial.sync()
    assert len(_notices(trial)) == 2


def test_a_list_that_was_never_shared_is_taken_in_when_it_is(trial: "Trial") -> None:
    trial.sandbox.refuse(trial.districts[0], "sections")
    assert trial.outcomes() == ["applied"]
    assert trial.value("SELECT count(*) FROM sections") == 0
    assert trial.value("SELECT count(*) FROM schools") > 0
    trial.sandbox.serve_again(trial.districts[0], "sections")
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []


def test_an_approval_leaves_what_is_not_shared_as_it_is(trial: "Trial") -> None:
    trial.sandbox.refuse(trial.districts[0], "sections")
    trial.sync()
    trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, min_records=1))
    trial.sandbox.remove(trial.person("student"))
    _decide(trial, approve, trial.outcome())
    assert _not_shared(trial) == ("sections",)
    trial.sync()
    assert len(_notices(trial)) == 1


def test_a_list_that_is_refused_in_the_middle_fails_the_district(trial: "Trial") -> None:
    trial.sync()
    trial.page_limit = 5
    trial.sandbox.rename_record("sections", _section(trial)["id"], "Renamed")
    trial.sandbox.inject(Status(403), stream="sections", page=2)
    before = trial.digest("SELECT * FROM sections ORDER BY ALL")
    assert trial.outcomes() == ["failed"]
    assert trial.digest("SELECT * FROM sections ORDER BY ALL") == before
    assert _not_shared(trial) == ()
    trial.sandbox.heal()
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []


@pytest.mark.parametrize("status", [403, 404])
def test_users_who_are_refused_fail_the_district(trial: "Trial", status: int) -> None:
    trial.sync()
    trial.sandbox.refuse(trial.districts[0], "users", status)
    assert trial.outcomes() == ["failed"]
    assert trial.value("SELECT count(*) FROM users") == 40
    assert _not_shared(trial) == ()


def test_a_section_that_returns_continues_its_history(trial: "Trial") -> None:
    section = _section(trial)
    district_id, section_id = trial.districts[0], section["id"]
    trial.sync()
    first_seen = trial.rows("SELECT first_seen_at FROM sections WHERE section_id = ?", section_id)
    trial.sandbox.remove_record(district_id, "sections", section_id)
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
    trial.sandbox.restore_record(district_id, "sections", section_id)
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
    assert trial.rows("SELECT first_seen_at FROM sections WHERE section_id = ?", section_id) == first_seen
    for table, rows in (("sections", 1), ("section_students", len(section["students"]))):
        assert _versions(trial, table, section_id) == [("created", rows), ("archived", rows), ("restored", rows)]


def test_times_of_clever_alone_make_no_version(trial: "Trial") -> None:
    trial.sync()
    section_id = _section(trial)["id"]
    trial.sandbox.sync_from_sis(trial.districts[0])
    trial.sandbox.change_record("sections", section_id, {"last_modified": "2031-01-01T00:00:00.000Z"})
    trial.sync()
    assert trial.wrong() == []
    assert trial.rows("SELECT change FROM districts_history") == [("created",)]
    assert _versions(trial, "sections", section_id) == [("created", 1)]


def test_a_rejected_snapshot_stays_rejected_when_only_the_time_of_the_last_sis_sync_moves(trial: "Trial") -> None:
    trial.sync()
    trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, min_records=1))
    section_id = _section(trial)["id"]
    trial.sandbox.remove_record(trial.districts[0], "sections", section_id)
    outcome = trial.outcome()
    _decide(trial, reject, outcome)
    trial.sandbox.sync_from_sis(trial.districts[0])
    again = trial.outcome()
    assert (again.outcome, again.digest) == ("held", outcome.digest)
    assert "rejected (a new school year)" in (again.error or "")
    assert trial.rows("SELECT state FROM sync.holds") == [("rejected",)]
    trial.sandbox.restore_record(trial.districts[0], "sections", section_id)
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []


def test_only_the_record_types_of_the_settings_are_read(trial: "Trial") -> None:
    trial.records = ("schools",)
    assert trial.outcomes() == ["applied"]
    assert {request.path.rpartition("/")[2] for request in trial.sandbox.requests} >= {"users", "schools"}
    assert not {request.path for request in trial.sandbox.requests} & {"/v3.0/sections", "/v3.0/courses"}
    assert trial.value("SELECT count(*) FROM schools") > 0
    assert trial.value("SELECT count(*) FROM sections") == 0
    trial.records = DEFAULT_RECORDS
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
    trial.records = ("users",)
    trial.sandbox.remove(trial.person("student"))
    assert trial.outcomes() == ["applied"]
    assert trial.value("SELECT count(*) FROM sections") > 0


def test_record_types_that_are_synced_again_are_brought_up_to_date(trial: "Trial") -> None:
    trial.sync()
    district_id, section_id = trial.districts[0], _section(trial)["id"]
    trial.records = ("users",)
    before = trial.digest("SELECT * FROM sections ORDER BY ALL")
    trial.sandbox.remove_record(district_id, "sections", section_id)
    trial.sandbox.rename_record("terms", trial.sandbox.served("v3.0", "terms", district_id)[0]["id"], "Renamed")
    assert trial.outcomes() == ["unchanged"]
    assert trial.digest("SELECT * FROM sections ORDER BY ALL") == before
    trial.records = DEFAULT_RECORDS
    assert trial.outcomes() == ["applied"]
    assert trial.wrong() == []
    assert _versions(trial, "sections", section_id) == [("created", 1), ("archived", 1)]
    assert trial.outcomes() == ["unchanged"]


def test_an_unknown_record_type_is_refused(trial: "Trial") -> None:
    trial.records = ("classes",)
    with pytest.raises(ValueError, match=r"classes is not a record type; these are: users, districts, "):
        trial.sync()


def test_what_no_column_holds_of_a_section_stays_in_extra_and_is_counted(begin: Any) -> None:
    with begin(users=100) as trial:
        trial.limits = LimitsByDistrict(Limits(max_archived_percent=100, max_changed_percent=100))
        trial.sync()
        section_ids = [each["id"] for each in trial.sandbox.served("v3.0", "sections")][: len(IRREGULAR)]
        for section_id, fields in zip(section_ids, IRREGULAR.values(), strict=True):
            trial.sandbox.change_record("sections", section_id, fields)
        assert trial.outcomes() == ["applied"]
        assert trial.wrong() == []
        found = set(trial.rows("SELECT path, kind FROM sync.drift WHERE stream = 'sections'"))
        assert found >= {
            ("students", "unexpected_type"),
            ("teachers", "unexpected_type"),
            ("teacher", "unexpected_type"),
            ("school", "unexpected_type"),
            ("lms_status", "unexpected_type"),
            ("room", "unknown_field"),
        }
        for section_id in section_ids:
            trial.sandbox.change_record("sections", section_id, {"students": ["s9"], "teachers": [], "room": ...})
        assert trial.outcomes() == ["applied"]
        assert trial.wrong() == []


def test_students_that_are_given_twice_are_no_students_and_stay_in_extra(trial: "Trial") -> None:
    section = _section(trial)
    begins = f'{{"id":"{section["id"]}",'.encode()
    twice = b'"students":["s1"],'
    trial.sandbox.inject(Rewritten(lambda body: body.replace(begins, begins + twice)), stream="sections")
    assert trial.outcomes() == ["applied"]
    assert trial.value("SELECT count(*) FROM section_students WHERE section_id = ?", section["id"]) == 0
    extra = trial.value("SELECT extra::VARCHAR FROM sections WHERE section_id = ?", section["id"])
    assert extra.count('"students":') == 2
    assert trial.rows("SELECT stream, path, kind FROM sync.drift") == [("sections", "students", "doubled_field")]


IDENTITY: dict[str, dict[str, Any]] = {
    "a district that is a list": {"district": ["d"]},
    "a district that is another one": {"district": "ffffffffffffffffffffffff"},
    "no district": {"district": None},
    "no ID": {"id": None},
    "an ID that is a number": {"id": 7},
}


@pytest.mark.parametrize("fault", IDENTITY)
def test_a_section_of_no_one_fails_its_district(two: "Trial", fault: str) -> None:
    two.sync()
    section_id = _section(two)["id"]
    effect = Altered(_changed(section_id, IDENTITY[fault]))
    two.sandbox.inject(effect, district=two.districts[0], stream="sections")
    two.sandbox.rename_record("sections", two.sandbox.served("v3.0", "sections", two.districts[1])[0]["id"], "Renamed")
    assert two.outcomes() == ["failed", "applied"]
    assert two.wrong() == []
