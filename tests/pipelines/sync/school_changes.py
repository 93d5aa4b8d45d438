"""What may happen in the schools of a district between two syncs: hypothesis chooses it, and the sandbox does it."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from hypothesis import strategies as st

from pipelines.sandbox.school_year import SchoolYear
from tests.expected.sandbox import Sandbox

Draw = Callable[[st.SearchStrategy[Any], str], Any]

LISTS = ("schools", "courses", "terms", "sections", "resources")
"""What a district may stop sharing, and what Clever may refuse."""

FIELDS: Mapping[str, Mapping[str, list[Any]]] = {
    "districts": {
        "name": ["North", "", None],
        "login_methods": [["SAML", "Google"], ["Google", "SAML"], "SAML", [3], []],
        "launch_date": ["2025-08-01", "8/1/2025", "someday", None],
        "district_contact": [{"name": {"first": "Cc-c"}}, {}, "Cc-c"],
        "lms_type": ["canvas", None],
        "last_sync": ["2031-01-01T00:00:00.000Z"],
    },
    "schools": {
        "low_grade": ["1", "Kindergarten", "", 1],
        "location": [{"city": "A", "zip": "01234"}, {"city": ["A"]}, "A street", {}, None],
        "principal": [{"name": "Pp-p", "email": "p@p"}, {"name": 3}, None],
        "ext": [{"b": 1, "a": "x"}, ["x"], {}, ...],
        "last_modified": ["2031-01-01T00:00:00.000Z", "someday"],
        "mascot": ["owl", {"name": "owl"}, None, ...],
    },
    "courses": {"name": ["Algebra", "", None, 7], "number": ["007", 7, ...], "credits": [0.5, ...]},
    "terms": {
        "name": ["Fall", None],
        "start_date": ["2025-08-01", "2025-08-01T00:00:00.000Z", "someday", None],
        "end_date": ["2026-06-01", 20260601, ...],
    },
    "sections": {
        "name": ["Algebra - 1", "", None, {"first": "Algebra"}],
        "students": [[], None, "s1", ["s1", "s2", "s1"], ["s1", 5, None, {"id": "s2"}, ["s3"]], {"id": "s1"}, ...],
        "teachers": [[], ["t2", "t1"], [7, "t2", {"id": "t1"}], "t1", None, ...],
        "teacher": ["t1", "t2", "", ["t1"], None, ...],
        "term_id": ["5f0000000000000000000001", 3, "", ...],
        "course": ["5f0000000000000000000002", ["c"], ...],
        "school": ["5f0000000000000000000003", {"id": "s"}],
        "period": ["2", 2, 1.5, None],
        "grade": ["1", "Other", "", "Wizard"],
        "lms_status": [{"synced_in_lms": True}, {"synced_in_lms": "true"}, "yes", ...],
        "ext": [{"room": "1"}, ["room"], {}, ...],
        "created": ["someday", "2025-04-02T00:00:00.000Z"],
        "last_modified": ["2031-01-02T00:00:00.000Z"],
        "room": ["12", {"number": "12"}, ...],
    },
    "resources": {
        "title": ["Reader", "", None],
        "roles": [["teacher", "student"], ["student", "teacher"], ["student", 3], "student", []],
        "updated": ["2031-01-03T00:00:00.000Z", "someday"],
    },
}
"""Values of fields that their columns hold, and some that they cannot."""


class SchoolChanges:
    """The changes of one district."""

    def __init__(self, sandbox: Sandbox, district_id: str, draw: Draw) -> None:
        self._sandbox = sandbox
        self._district_id = district_id
        self._draw = draw

    @property
    def _year(self) -> SchoolYear:
        return self._sandbox._districts[self._district_id].year

    def apply(self) -> None:
        """Let something happen, or nothing."""
        changes: dict[str, Callable[[], object]] = {
            "nothing": lambda: None,
            "student joins": self._join,
            "student leaves": self._leave,
            "student moves": self._move,
            "teachers": self._teach,
            "order of the teachers": self._reorder,
            "name": self._rename,
            "field": self._field,
            "removed": self._remove,
            "restored": self._restore,
            "created": self._create,
            "sharing": self._sharing,
            "refusal": self._refusal,
            "SIS sync": lambda: self._sandbox.sync_from_sis(self._district_id),
            "failed SIS sync": lambda: self._sandbox.fail_sync(self._district_id),
            "pause": lambda: self._sandbox.pause(self._district_id, "2026-06-20", "2026-08-01T00:00:00.000Z"),
            "end of the pause": lambda: self._sandbox.resume(self._district_id),
            "new year": self._roll_over,
        }
        changes[self._draw(st.sampled_from(sorted(changes)), "change of schools")]()

    def refused(self) -> set[str]:
        """Name the lists that Clever refuses."""
        return self._sandbox._districts[self._district_id].refused.keys() & {*LISTS}

    def _pick(self, choices: Collection[Any], what: str) -> Any:
        return self._draw(st.sampled_from(sorted(choices)), what) if choices else None

    def _section(self) -> Any:
        """Choose a section of which students and teachers are as Clever has them."""
        return self._pick([each for each in self._year.ids("sections") if self._is_regular(each)], "section")

    def _is_regular(self, section_id: str) -> bool:
        section = self._year.record("sections", section_id)
        members = [section.get(name, []) for name in ("students", "teachers")]
        return all(isinstance(each, list) and all(isinstance(one, str) for one in each) for each in members)

    def _members(self, section_id: str, name: str) -> list[str]:
        found: list[str] = self._year.record("sections", section_id).get(name) or []
        return found

    def _join(self) -> None:
        students = self._sandbox.roster(self._district_id).ids("student")
        if (section_id := self._section()) and (student := self._pick(students, "student")):
            self._sandbox.enroll(section_id, student)

    def _leave(self) -> None:
        if (section_id := self._section()) and (
            student := self._pick(self._members(section_id, "students"), "student")
        ):
            self._sandbox.unenroll(section_id, student)

    def _move(self) -> None:
        one, other = self._section(), self._section()
        if one and other and one != other and (student := self._pick(self._members(one, "students"), "student")):
            self._sandbox.move(student, one, other)

    def _teach(self) -> None:
        teachers = self._sandbox.roster(self._district_id).ids("teacher")
        if (section_id := self._section()) and teachers:
            chosen = self._draw(st.lists(st.sampled_from(teachers), unique=True, max_size=3), "teachers")
            primary = self._draw(st.sampled_from(["", None, *teachers[:2]]), "primary teacher")
            self._sandbox.assign_teachers(section_id, *chosen, primary=primary)

    def _reorder(self) -> None:
        if section_id := self._section():
            teachers = self._members(section_id, "teachers")
            self._sandbox.change_record("sections", section_id, {"teachers": teachers[::-1]})

    def _record(self, streams: Collection[str] = LISTS) -> tuple[str, Any]:
        stream = self._pick(streams, "list")
        return stream, self._pick(self._year.ids(stream), "record")

    def _rename(self) -> None:
        stream, record_id = self._record()
        if record_id:
            self._sandbox.rename_record(stream, record_id, self._pick(["One", "Two", "1.50", "[x]", "null"], "name"))

    def _field(self) -> None:
        stream, record_id = self._record(FIELDS)
        if record_id:
            name = self._pick(FIELDS[stream], "field")
            value = self._draw(st.sampled_from(FIELDS[stream][name]), "value")
            self._sandbox.change_record(stream, record_id, {name: value})

    def _remove(self) -> None:
        stream, record_id = self._record()
        if record_id and len(self._year.ids(stream)) > 1:
            self._sandbox.remove_record(self._district_id, stream, record_id)

    def _restore(self) -> None:
        stream = self._pick([each for each in LISTS if self._year.gone(each)], "list")
        if stream:
            record_id = self._pick(self._year.gone(stream), "record")
            self._sandbox.restore_record(self._district_id, stream, record_id)

    def _create(self) -> None:
        stream = self._pick(LISTS, "list")
        name = self._pick(FIELDS[stream], "field")
        fields = {name: self._draw(st.sampled_from(FIELDS[stream][name]), "value")}
        self._sandbox.create_record(self._district_id, stream, fields)

    def _sharing(self) -> None:
        if hidden := self._year._hidden:
            self._sandbox.share(self._district_id, stream=min(hidden))
        else:
            self._sandbox.unshare(self._district_id, stream=self._pick(LISTS, "list"))

    def _refusal(self) -> None:
        if refused := self.refused():
            self._sandbox.serve_again(self._district_id, min(refused))
        else:
            status = self._draw(st.sampled_from([403, 404]), "status")
            self._sandbox.refuse(self._district_id, self._pick(LISTS, "list"), status)

    def _roll_over(self) -> None:
        if self._draw(st.integers(0, 3), "new year") == 3:
            self._sandbox.roll_over(self._district_id)
