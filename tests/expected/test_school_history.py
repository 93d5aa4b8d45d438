"""What must be remembered of the schools of a district after a number of syncs, and what its tables show then."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from tests.expected.change_log import ChangeLog, Outcome
from tests.expected.current_tables import current_tables
from tests.expected.school_tables import School
from tests.expected.table_rows import TableRow
from tests.expected.truth import Truth
from tests.expected.versions import Version

PERSON = {
    "id": "u1",
    "district": "d1",
    "created": "2023-08-25T00:00:00.000Z",
    "last_modified": "2023-08-26T00:00:00.000Z",
    "name": {"last": "Ng"},
    "roles": {"student": {"schools": ["s2", "s1"], "gpa": 4}},
}
TERM = {"id": "q1", "district": "d1", "name": "Fall"}
SECTION = {
    "id": "c1",
    "district": "d1",
    "last_modified": "2025-08-18T00:00:00.000Z",
    "students": ["u1"],
    "teachers": ["t1", "t2"],
}
LATER = {"last_modified": "2025-09-18T00:00:00.000Z"}


class Story:
    """A district without people, by default, whose syncs are remembered."""

    def __init__(self) -> None:
        self.change_log = ChangeLog()

    def sync(self, people: Sequence[dict[str, Any]] = (), **records: Sequence[dict[str, Any]]) -> Outcome:
        """Sync these streams; the others are not shared."""
        return self.change_log.sync(Truth.of(people), School.of(records))

    def changes(self, table: str) -> dict[tuple[Any, ...], list[tuple[int, str]]]:
        """The sync and the change of every version, by key."""
        versions = self.change_log.school_tables[table]
        return {key: [(version.sync, version.change) for version in of_key] for key, of_key in versions.items()}


@pytest.fixture
def story() -> Story:
    """A story before its first sync."""
    return Story()


def test_rows_are_created_updated_archived_and_restored(story: Story) -> None:
    renamed = TERM | {"name": "Autumn"}
    for terms in ([TERM], [renamed], [], [renamed], [TERM | {"year": 1}]):
        assert story.sync(terms=terms) == Outcome("applied", 0, 0, 0, 0)
    fall, autumn = (TableRow((name, None, None), None) for name in ("Fall", "Autumn"))
    extra = '{"year": 1}'
    assert story.change_log.school_tables["terms"] == {
        ("q1",): [
            Version(1, "created", fall),
            Version(2, "updated", autumn),
            Version(3, "archived", autumn),
            Version(4, "restored", autumn),
            Version(5, "updated", fall._replace(extra=extra), extra),
        ]
    }


def test_members_come_and_go_without_a_version_of_the_section(story: Story) -> None:
    for students in (["u1", "u2"], ["u2"], ["u2", "u1"]):
        story.sync(sections=[SECTION | {"students": students}])
    assert story.changes("section_students") == {
        ("c1", "u1"): [(1, "created"), (2, "archived"), (3, "restored")],
        ("c1", "u2"): [(1, "created")],
    }
    assert story.changes("sections") == {("c1",): [(1, "created")]}


def test_other_primary_teacher_is_a_version_of_both_rows(story: Story) -> None:
    for teachers in (["t1", "t2"], ["t2", "t1"], ["t2", "t1", "t3"]):
        story.sync(sections=[SECTION | {"teachers": teachers}])
    assert story.changes("section_teachers") == {
        ("c1", "t1"): [(1, "created"), (2, "updated")],
        ("c1", "t2"): [(1, "created"), (2, "updated")],
        ("c1", "t3"): [(3, "created")],
    }


def test_stream_that_is_not_shared_keeps_its_rows(story: Story) -> None:
    story.sync(sections=[SECTION], terms=[TERM])
    assert story.sync(sections=[SECTION]) == Outcome("unchanged", 0, 0, 0, 0)
    assert story.sync() == Outcome("unchanged", 0, 0, 0, 0)
    assert story.change_log.sync(Truth([])) == Outcome("unchanged", 0, 0, 0, 0)
    assert story.sync(sections=[], terms=[TERM]) == Outcome("applied", 0, 0, 0, 0)
    assert story.changes("terms") == {("q1",): [(1, "created")]}
    assert story.changes("section_students") == {("c1", "u1"): [(1, "created"), (5, "archived")]}


def test_stream_that_is_shared_later_is_created_then(story: Story) -> None:
    story.sync()
    assert story.sync(courses=[]) == Outcome("unchanged", 0, 0, 0, 0)
    assert story.sync(courses=[{"id": "k1", "district": "d1"}]) == Outcome("applied", 0, 0, 0, 0)
    assert story.changes("courses") == {("k1",): [(3, "created")]}


@pytest.mark.parametrize(
    ("stream", "record", "later", "column"),
    [
        ("schools", {"id": "s1", "district": "d1"}, LATER, "last_modified_at"),
        ("sections", SECTION, LATER, "last_modified_at"),
        ("resources", {"id": "r1", "district": "d1"}, {"updated": LATER["last_modified"]}, "updated_at"),
    ],
)
def test_change_of_clevers_own_times_makes_no_version(
    story: Story, stream: str, record: dict[str, Any], later: dict[str, Any], column: str
) -> None:
    story.sync(**{stream: [record]})
    assert story.sync(**{stream: [record | later]}) == Outcome("applied", 0, 0, 0, 0)
    assert list(story.changes(stream).values()) == [[(1, "created")]]
    (row,) = current_tables({"d1": story.change_log})[stream]
    assert row[column] == dt.datetime(2025, 9, 18, tzinfo=dt.UTC)


def test_district_is_one_row_that_changes(story: Story) -> None:
    for name in ("Elm", "Oak"):
        story.sync(districts=[{"id": "d1", "name": name}])
    assert story.changes("districts") == {(): [(1, "created"), (2, "updated")]}


def test_people_are_counted_and_schools_are_not(story: Story) -> None:
    assert story.sync([PERSON], sections=[SECTION]) == Outcome("applied", 1, 0, 0, 0)
    assert story.sync([PERSON], sections=[]) == Outcome("applied", 0, 0, 0, 0)
    assert story.sync([], sections=[]) == Outcome("applied", 0, 0, 1, 0)


def test_current_tables_show_every_district_and_what_is_not_shared_any_more(story: Story) -> None:
    other = Story()
    story.sync([PERSON], terms=[TERM], sections=[SECTION], districts=[{"id": "d1", "login_methods": ["SAML"]}])
    story.sync([PERSON], sections=[])
    other.sync(terms=[TERM | {"district": "d2", "end_date": "12/19/2025", "year": 1}])
    tables = current_tables({"d1": story.change_log, "d2": other.change_log})
    assert tables["terms"] == [
        {
            "district_id": "d1",
            "term_id": "q1",
            "name": "Fall",
            "start_date": None,
            "end_date": None,
            "extra": None,
        },
        {
            "district_id": "d2",
            "term_id": "q1",
            "name": "Fall",
            "start_date": None,
            "end_date": dt.date(2025, 12, 19),
            "extra": '{"year": 1}',
        },
    ]
    assert tables["sections"] == tables["section_teachers"] == []
    (user,), (role,), (student,), (district,) = (
        tables[table] for table in ("users", "user_roles", "students", "districts")
    )
    assert (user["user_id"], user["roles"], user["extra"]) == ("u1", ["student"], None)
    assert (role["role"], role["school_ids"], role["extra"]) == ("student", ["s1", "s2"], '{"gpa": 4}')
    assert (student["user_id"], student["school_ids"]) == ("u1", ["s1", "s2"])
    assert (district["district_id"], district["login_methods"]) == ("d1", ["SAML"])
