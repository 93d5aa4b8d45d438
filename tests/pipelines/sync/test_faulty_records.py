"""One faulty record: its district fails with the record's name, or is synced around the fault; all other districts go on."""

import json
import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from pipelines.clever import Clever, ClientCredentials, DistrictTokens
from pipelines.sandbox import Altered, Rendering, Rewritten, Status
from pipelines.sync import Limits, LimitsByDistrict, approvals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from pipelines.sandbox.faults import Effect
    from pipelines.sync import Outcome
    from tests.conftest import Begin, Row, Trial


@pytest.fixture(scope="module")
def shared(begin: "Begin") -> "Iterator[Trial]":
    """Return a warehouse of two districts, synced once; a test leaves it as healthy as it was."""
    with begin(districts=2) as made:
        made.sync()
        yield made


@pytest.fixture
def two(shared: "Trial") -> "Iterator[Trial]":
    """Return the shared warehouse; end all faults after the test and sync what they kept out."""
    yield shared
    shared.sandbox.heal()
    shared.sync()


def _with_field(user_id: str, field: bytes) -> Rewritten:
    """Write one more field into a person's record, as the bytes it is given in."""
    begins = f'{{"id":"{user_id}",'.encode()
    return Rewritten(lambda body: body.replace(begins, begins + field.replace(b"USER", user_id.encode()) + b","))


def _failed(trial: "Trial", *, bad: str) -> "Outcome":
    """Change someone in every district, sync, and give the outcome of the one district that must have failed."""
    for district_id in trial.districts:
        trial.sandbox.change_email(trial.sandbox.roster(district_id).ids("teacher")[-1])
    outcomes = {outcome.district_id: outcome for outcome in trial.sync().outcomes}
    assert {district_id: outcome.outcome for district_id, outcome in outcomes.items()} == {
        district_id: "failed" if district_id == bad else "applied" for district_id in trial.districts
    }
    assert [trial.wrong(district_id) for district_id in trial.districts if district_id != bad] == [[]]
    return outcomes[bad]


DEEP = {
    "lists": lambda levels: b'"nick":' + b"[" * levels + b"]" * levels,
    "objects": lambda levels: b'"nick":' + b'{"a":' * levels + b"0" + b"}" * levels,
}


@pytest.mark.parametrize(("kind", "levels"), [("objects", 3_000), ("lists", 100_000)])
def test_field_that_is_nested_too_deeply_is_cut_off_in_extra_and_fails_nothing(
    trial: "Trial", kind: str, levels: int
) -> None:
    user_id = trial.person("teacher")
    trial.sandbox.inject(_with_field(user_id, DEEP[kind](levels)))
    assert trial.outcomes() == ["applied"]
    extra = trial.value("SELECT extra::VARCHAR FROM users WHERE user_id = ?", user_id)
    opening = DEEP[kind](levels)[:20].decode()
    assert str(extra).startswith("{" + opening)
    assert "null" in str(extra)
    assert trial.rows("SELECT path, kind, example_id FROM sync.drift") == [("nick", "unknown_field", user_id)]


def test_a_record_that_is_nested_less_deeply_is_kept_whole(trial: "Trial") -> None:
    user_id = trial.person("teacher")
    trial.sandbox.inject(_with_field(user_id, DEEP["objects"](300)))
    assert trial.outcomes() == ["applied"]
    extra = trial.value("SELECT extra::VARCHAR FROM users WHERE user_id = ?", user_id)
    assert extra == "{" + DEEP["objects"](300).decode() + "}"


def test_nesting_outside_of_the_records_fails_only_the_district(two: "Trial") -> None:
    bad = two.districts[0]
    two.sandbox.inject(
        Rewritten(lambda body: b'{"paging":' + b"[" * 3_000 + b"]" * 3_000 + b"," + body[1:]), district=bad
    )
    assert "nested too deeply" in (_failed(two, bad=bad).error or "")


def test_an_unforeseen_error_of_one_district_names_its_kind_and_place_and_quotes_nothing(
    two: "Trial", monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = two.districts[0]
    pages = Clever.pages

    def broken(self: Clever, district: "object", *args: object, **more: object) -> "Iterator[object]":
        if getattr(district, "id", None) == bad:
            raise KeyError("Ada Lovelace")
        return pages(self, district, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Clever, "pages", broken)
    error = _failed(two, bad=bad).error or ""
    monkeypatch.undo()
    assert f"District {bad}, stream " in error
    assert "KeyError at test_faulty_records.py:" in error
    assert "Ada" not in error


CUT = {
    "a high half": (rb"Ann \ud83d", "Ann \ufffd"),
    "a low half": (rb"Ann \uDe00 Lee", "Ann \ufffd Lee"),
    "two high halves": (rb"\uD83D\uD83D", "\ufffd\ufffd"),
    "halves in the wrong order": (rb"\ude00\ud83d", "\ufffd\ufffd"),
    "a high half before another escape": (rb"\ud83d\u0041\n", "\ufffdA\n"),
    "a half beside a whole pair": (rb"\ud83d\ude00\ud83d", "\U0001f600\ufffd"),
    "a half behind a backslash": (rb"\\\ud83d", "\\\ufffd"),
}


def _with_first_name(user_id: str, text: bytes) -> Rewritten:
    """Write a person's first name as the bytes it is given in."""
    record = re.compile(rb'(\{"id":"%s",.*?"name":\{"first":)"[^"]*"' % user_id.encode())
    return Rewritten(lambda body: record.sub(lambda found: found[1] + b'"' + text + b'"', body))


def _cut(trial: "Trial") -> "list[Row]":
    """List the records that are found to be cut, with whether that is still so."""
    return trial.rows(
        """SELECT record_id, severity, resolved_at IS NULL FROM sync.findings WHERE "check" = 'text_is_whole' ORDER BY ALL"""
    )


def test_text_that_is_cut_within_a_character_is_kept_with_a_replacement_and_found(begin: "Begin") -> None:
    with begin(users=200) as trial:
        chosen = dict(zip(trial.sandbox.roster(trial.districts[0]).ids("teacher"), CUT.values(), strict=False))
        assert len(chosen) == len(CUT)
        for user_id, (written, _) in chosen.items():
            trial.sandbox.inject(_with_first_name(user_id, written))
        assert trial.outcomes() == ["applied"]
        names: dict[str, str] = dict(trial.rows("SELECT user_id, first_name FROM users"))
        assert {user_id: names[user_id] for user_id in chosen} == {
            user_id: text for user_id, (_, text) in chosen.items()
        }
        assert len(trial.wrong()) == len(chosen)
        assert _cut(trial) == sorted((user_id, "warning", True) for user_id in chosen)
        opened = """SELECT record_id FROM open_findings WHERE "check" = 'text_is_whole' ORDER BY ALL"""
        assert trial.rows(opened) == sorted((user_id,) for user_id in chosen)


def test_a_backslash_before_what_looks_like_half_a_character_is_kept_and_found_nowhere(trial: "Trial") -> None:
    user_id = trial.person("teacher")
    trial.sandbox.inject(_with_first_name(user_id, rb"\\ud83d \uD83D\uDE00 \u00e9"))
    assert trial.outcomes() == ["applied"]
    assert trial.value("SELECT first_name FROM users WHERE user_id = ?", user_id) == "\\ud83d \U0001f600 \u00e9"
    assert _cut(trial) == []


@pytest.mark.parametrize("rendering", [Rendering(), Rendering(indent=True, escape=True)])
def test_every_field_may_be_cut_and_every_name_of_a_field(trial: "Trial", rendering: Rendering) -> None:
    trial.sandbox.rendering = rendering
    first, second, third = (trial.person("student", number) for number in range(3))
    # The encoder of the sandbox writes no half of a character, so a mark is written and replaced on its way.
    trial.sandbox.change(first, {"roles.student.grade": "HALF"})
    trial.sandbox.change(second, {"roles.student.HALF": {"deep": ["HALF"]}})
    trial.sandbox.change(third, {"HALF": "x", "name.suffix": "HALF"})
    trial.sandbox.inject(Rewritten(lambda body: body.replace(b"HALF", rb"\uD83d")))
    assert trial.outcomes() == ["applied"]
    assert [user_id for user_id, *_ in _cut(trial)] == sorted([first, second, third])
    role_extra = "SELECT extra::VARCHAR FROM user_roles WHERE user_id = ?"
    assert json.loads(trial.value(role_extra, second)) == {"\ufffd": {"deep": ["\ufffd"]}}
    extra = trial.value("SELECT extra::VARCHAR FROM users WHERE user_id = ?", third)
    assert json.loads(extra) == {"\ufffd": "x", "name": {"suffix": "\ufffd"}}


@pytest.mark.search
def test_the_finding_stays_through_nights_without_a_change_and_ends_when_the_text_is_whole(two: "Trial") -> None:
    bad, good = two.districts
    user_id = two.person("teacher")
    two.sandbox.inject(_with_first_name(user_id, rb"Ann \ud83d"), district=bad)
    assert two.outcomes() == ["applied", "unchanged"]
    for _ in range(2):
        two.sandbox.change_email(two.sandbox.roster(good).ids("teacher")[0])
        assert two.outcomes() == ["unchanged", "applied"]
        assert _cut(two) == [(user_id, "warning", True)]
    two.sandbox.change_email(two.sandbox.roster(bad).ids("teacher")[-1])
    two.page_limit = 15  # some pages are new, others as they were
    assert two.outcomes() == ["applied", "unchanged"]
    assert _cut(two) == [(user_id, "warning", True)]
    two.sandbox.heal()
    assert two.outcomes() == ["applied", "unchanged"]
    assert _cut(two) == [(user_id, "warning", False)]
    assert two.wrong() == []
    two.page_limit = 10_000


def test_a_read_that_resumes_remembers_what_it_has_repaired(trial: "Trial") -> None:
    trial.page_limit = 10
    user_id = trial.sandbox.roster(trial.districts[0]).ids()[0]
    trial.sandbox.inject(_with_field(user_id, rb'"nick":"\ud83d"'))
    trial.sandbox.inject(Status(404), stream="users", role="none", page=3)
    assert trial.outcome(sync_id="torn").outcome == "failed"
    trial.sandbox.heal()
    assert trial.outcome(sync_id="torn").outcome == "applied"
    assert _cut(trial) == [(user_id, "warning", True)]


def test_an_approved_snapshot_has_its_findings(trial: "Trial") -> None:
    trial.sync()
    trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, max_changed_percent=0, min_records=0))
    user_id = trial.person("teacher")
    trial.sandbox.inject(_with_first_name(user_id, rb"\ud83d"))
    outcome = trial.outcome()
    assert outcome.outcome == "held"
    assert _cut(trial) == []
    approvals.approve(
        trial.warehouse,
        district_id=trial.districts[0],
        digest=str(outcome.digest),
        reason="as expected",
        decided_by="somebody",
        decision_id="decision",
        report=trial.events.append,
    )
    assert _cut(trial) == [(user_id, "warning", True)]


def test_a_token_list_and_a_district_that_are_cut_are_read(two: "Trial") -> None:
    two.sandbox.inject(Rewritten(lambda body: body[:-1] + rb',"note":"\udc00"}'), stream="tokens")
    two.sandbox.inject(Rewritten(lambda body: body[:-1] + rb',"note":"\udc00"}'), stream="districts")
    assert [outcome.outcome for outcome in two.sync().outcomes] == ["unchanged", "unchanged"]
    two.credentials = DistrictTokens(list(two.sandbox.districts.values()))
    assert [outcome.outcome for outcome in two.sync().outcomes] == ["unchanged", "unchanged"]
    two.credentials = ClientCredentials("sandbox", "sandbox")


def _set(**fields: object) -> "Callable[[dict[str, Any]], None]":
    """Set fields of a record, named by their path with two underscores for each dot."""

    def change(record: "dict[str, Any]") -> None:
        for name, value in fields.items():
            *path, last = name.split("__")
            inner = record
            for key in path:
                inner = inner[key]
            inner[last] = value

    return change


SCHOOL = "60dd05805c85d784580000aa"

IDENTITY: "dict[str, tuple[Callable[[dict[str, Any]], None], str]]" = {
    "roles that are a list": (_set(roles=["teacher"]), "`roles` holds a list instead of an object"),
    "roles that are an empty list": (_set(roles=[]), "`roles` holds a list instead of an object"),
    "roles that are text": (_set(roles="teacher"), "`roles` holds text instead of an object"),
    "a role that is text": (_set(roles__student="yes"), "`roles.student` holds text instead of an object"),
    "a role that is true": (_set(roles__student=True), "`roles.student` holds a boolean instead of an object"),
    "a legacy id that is a list": (
        _set(roles__teacher__legacy_id=["55dbb001ba6f48d8dbfffff1"]),
        "`roles.teacher.legacy_id` holds a list instead of text",
    ),
    "a legacy id that is a number": (
        _set(roles__teacher__legacy_id=55),
        "`roles.teacher.legacy_id` holds a number instead of text",
    ),
    "a district that is a list": (_set(district=[SCHOOL]), "`district` holds a list instead of text"),
}
"""What says whose record it is: a change of it, and what the error says."""

DOUBLED_IDENTITY = {"id": b'"id":"USER"', "roles": b'"roles":{}', "district": b'"district":"USER"'}

MISSHAPEN: "dict[str, tuple[str, str, str, str, Any, Any]]" = {
    "a name that is text": ("users", "name", "teacher", "first_name", "Ada Lovelace", None),
    "a name that is a list": ("users", "name", "teacher", "last_name", ["Ada"], None),
    "a first name that is a list": ("users", "name.first", "teacher", "first_name", ["Ada"], None),
    "a last name that is an object": ("users", "name.last", "teacher", "last_name", {"of": "Ada"}, None),
    "a list of e-mails": ("users", "email", "teacher", "email", ["ada@example.org"], None),
    "no e-mails": ("users", "email", "teacher", "email", [], None),
    "an e-mail with a fraction": ("users", "email", "teacher", "email", 1.5, None),
    "a creation that is an object": ("users", "created", "teacher", "created_at", {"at": 1}, None),
    "a creation that is a number": ("users", "created", "teacher", "created_at", 1754006400, None),
    "a change that is a list": ("users", "last_modified", "teacher", "last_modified_at", ["now"], None),
    "schools that are text": ("teachers", "schools", "teacher", "school_ids", SCHOOL, ()),
    "schools that are objects": (
        "teachers",
        "schools",
        "teacher",
        "school_ids",
        [SCHOOL, {"id": SCHOOL}],
        (SCHOOL,),
    ),
    "schools that are lists": ("teachers", "schools", "teacher", "school_ids", [[SCHOOL]], ()),
    "schools that are numbers": ("teachers", "schools", "teacher", "school_ids", [7], ()),
    "schools of staff that are objects": ("staff", "schools", "staff", "school_ids", [{"id": SCHOOL}], ()),
    "a school that is an object": ("teachers", "school", "teacher", "school_id", {"id": SCHOOL}, None),
    "a sis_id that is an object": ("teachers", "sis_id", "teacher", "sis_id", {}, None),
    "a sis_id with an exponent": ("teachers", "sis_id", "teacher", "sis_id", 1e300, None),
    "a title that is a list": ("teachers", "title", "teacher", "title", ["T"], None),
    "a disability that is text": ("students", "disability", "student", "disability_type", "Autism", None),
    "a grade that is a list": ("students", "grade", "student", "grade", ["1"], None),
    "a birth date that is an object": ("students", "dob", "student", "dob", {"y": 1}, None),
    "custom fields that are a list": ("students", "ext", "student", "ext", [1], None),
    "enrollments that are an object": ("students", "enrollments", "student", "grade", {"school": "s"}, ...),
}
"""A value of another type: the table and the path there, a role, a column, what is sent, and what the column holds."""


def _altered(user_id: str, change: "Callable[[dict[str, Any]], None]") -> Altered:
    """Change the record of a person; of several, if the ids are separated by blanks."""

    def alter(envelope: "dict[str, Any]") -> "dict[str, Any]":
        for item in envelope["data"]:
            if item["data"]["id"] in user_id.split():
                change(item["data"])
        return envelope

    return Altered(alter)


def test_record_whose_identity_has_another_shape_fails_only_its_district_and_is_named_with_the_field(
    begin: "Begin",
) -> None:
    faults: list[tuple[str, Callable[[str], Effect], str]] = [
        *((kind, partial(_altered, change=change), f"{said}. ") for kind, (change, said) in IDENTITY.items()),
        *(
            (f"{path} twice", partial(_with_field, field=field), f"`{path}` occurs more than once. ")
            for path, field in DOUBLED_IDENTITY.items()
        ),
    ]
    with begin(districts=len(faults) + 2, users=12) as trial:
        expected: dict[str, tuple[str, str]] = {}
        for (kind, make, said), district_id in zip(faults, trial.districts, strict=False):
            user_id = trial.sandbox.roster(district_id).ids("teacher")[0]
            trial.sandbox.inject(make(user_id), district=district_id, role="none")
            name = "The record on line" if kind == "id twice" else f"Record {user_id} cannot be loaded: {said}"
            expected[district_id] = (kind, f"District {district_id}: {name}")
        outcomes = {outcome.district_id: outcome for outcome in trial.sync().outcomes}
        for district_id, (kind, begins) in expected.items():
            error = outcomes[district_id].error or ""
            assert error.startswith(begins), (kind, error)
            assert error.endswith("Report this to Clever: until it is fixed, the data of this district stays as it is.")
        good = trial.districts[len(faults) :]
        assert [outcomes[district_id].outcome for district_id in good] == ["applied", "applied"]
        assert [trial.wrong(district_id) for district_id in good] == [[], []]
        assert trial.rows("SELECT DISTINCT district_id FROM users ORDER BY ALL") == [(each,) for each in good]


def _kept(trial: "Trial", table: str, user_id: str, column: str) -> "Row":
    (row,) = trial.rows(f"SELECT {column}, extra::VARCHAR FROM {table} WHERE user_id = ?", user_id)
    return row


def test_value_of_another_type_is_null_stays_in_extra_and_is_counted(begin: "Begin") -> None:
    with begin(users=400) as trial:
        people = {
            role: iter(
                [
                    user_id
                    for user_id in trial.sandbox.roster(trial.districts[0]).ids(role)
                    if trial.sandbox.roster(trial.districts[0]).roles(user_id) == (role,)
                ]
            )
            for role in ("teacher", "staff", "student")
        }
        chosen: dict[str, str] = {}
        counted: Counter[tuple[str, str]] = Counter()
        for kind, (table, path, role, _, sent, _) in MISSHAPEN.items():
            chosen[kind] = next(people[role])
            full_path = path if table == "users" else f"roles.{role}.{path}"
            trial.sandbox.change(chosen[kind], {full_path: sent})
            counted[full_path, "unexpected_type"] += 1
        assert trial.outcomes() == ["applied"]
        for kind, (table, path, _, column, sent, holds) in MISSHAPEN.items():
            value, extra = _kept(trial, table, chosen[kind], column)
            for name in path.split("."):
                extra = json.loads(extra)[name] if isinstance(extra, str) else extra[name]
            assert extra == sent, kind
            assert holds is ... or (tuple(value) if isinstance(value, list) else value) == holds, kind
        found = trial.rows("SELECT path, kind, records FROM sync.drift ORDER BY ALL")
        assert found == sorted((*key, records) for key, records in counted.items())


DOUBLED = {
    "email": ("users", "email", rb'"email":', rb'"email":"second@example.org","email":'),
    "name": ("users", "first_name", rb'"name":', rb'"name":{"first":"Second"},"name":'),
    "name.first": ("users", "first_name", rb'"name":{"first":', rb'"name":{"first":"Two","first":'),
    "roles.teacher.title": ("teachers", "title", rb'"teacher":{', rb'"teacher":{"title":"One","title":"Two",'),
}


@pytest.mark.parametrize("path", DOUBLED)
def test_field_that_occurs_twice_is_null_and_both_values_stay_in_extra(trial: "Trial", path: str) -> None:
    table, column, before, after = DOUBLED[path]
    user_id = trial.person("teacher")
    record = re.compile(rb'(\{"id":"%s",.*?)%s' % (user_id.encode(), re.escape(before)))
    trial.sandbox.inject(Rewritten(lambda body: record.sub(lambda found: found[1] + after, body)))
    assert trial.outcomes() == ["applied"]
    value, extra = _kept(trial, table, user_id, column)
    assert value is None
    name = path.rpartition(".")[2]
    assert extra.count(f'"{name}":') >= 2
    assert trial.rows("SELECT path, kind, records, example_id FROM sync.drift") == [(path, "doubled_field", 1, user_id)]


def test_an_unknown_field_that_occurs_twice_is_kept(trial: "Trial") -> None:
    user_id = trial.person("teacher")
    trial.sandbox.inject(_with_field(user_id, b'"nick":1,"nick":2'))
    assert trial.outcomes() == ["applied"]
    assert trial.value("SELECT extra::VARCHAR FROM users WHERE user_id = ?", user_id) == '{"nick":1,"nick":2}'


def test_how_many_records_have_another_shape_is_said_and_none_is_quoted(two: "Trial") -> None:
    bad = two.districts[0]
    user_ids = two.sandbox.roster(bad).ids("teacher")[:3]
    two.page_limit = 7
    two.sandbox.inject(_altered(" ".join(user_ids), _set(roles="Ada Lovelace")), district=bad, role="none")
    error = _failed(two, bad=bad).error or ""
    two.page_limit = 10_000
    said = f"Record {user_ids[0]} cannot be loaded: `roles` holds text instead of an object. "
    assert f"{said}2 more records cannot be loaded either. Report this to Clever" in error
    assert "Ada" not in error


@pytest.mark.parametrize("are_others_known", [False, True])
def test_a_record_whose_id_cannot_be_shown_is_named_by_its_position(begin: "Begin", *, are_others_known: bool) -> None:
    record_ids: list[object] = [["a"], {"a": 1}, 7, "Ada Lovelace"]
    with begin(districts=len(record_ids)) as trial:
        if are_others_known:
            assert trial.outcomes() == ["applied"] * len(record_ids)
        numbers = []
        for record_id, district_id in zip(record_ids, trial.districts, strict=True):
            user_ids = trial.sandbox.roster(district_id).ids()
            numbers.append(len(user_ids) // 2 + 1)
            fault = _altered(user_ids[numbers[-1] - 1], _set(id=record_id, roles="Ada Lovelace"))
            trial.sandbox.inject(fault, district=district_id, role="none")
        errors = [outcome.error or "" for outcome in trial.sync().outcomes]
    assert [
        f"The record on line {number} of page 1 cannot be loaded: " in error
        for number, error in zip(numbers, errors, strict=True)
    ] == [True] * len(record_ids)
    assert "Ada" not in str(errors)


def test_an_id_of_another_kind_fails_only_its_district_in_any_stream(two: "Trial") -> None:
    bad = two.districts[0]
    user_id = two.sandbox.roster(bad).ids("teacher")[1]
    two.sandbox.inject(_altered(user_id, _set(id=["a"])), district=bad, role="teacher")
    assert "`id`" in (_failed(two, bad=bad).error or "") or "id of record number" in (_failed(two, bad=bad).error or "")


def test_value_that_is_too_large_is_left_out_and_counted(two: "Trial") -> None:
    bad = two.districts[0]
    user_id = two.sandbox.roster(bad).ids("teacher")[1]
    fault = two.sandbox.inject(_with_field(user_id, b'"nick":"' + b"x" * (20 << 20) + b'"'), district=bad)
    assert two.outcomes() == ["applied", "unchanged"]
    assert fault.struck > 0
    assert two.value("SELECT extra::VARCHAR FROM users WHERE user_id = ?", user_id) == '{"nick":null}'
    assert two.rows("SELECT path, kind, records, example_id FROM sync.drift WHERE is_present") == [
        ("nick", "too_large", 1, user_id)
    ]


KEPT = {
    "a bracket": ("[none]", "[none]"),
    "a brace": ("{x", "{x"),
    "an empty list as text": ("[]", "[]"),
    "an object as text": ('{"a":1}', '{"a":1}'),
    "a number as text": ("1.50", "1.50"),
    "an exponent as text": ("1e5", "1e5"),
    "a whole number": (42, "42"),
    "a large number": (2**64 - 1, str(2**64 - 1)),
    "a negative number": (-7, "-7"),
    "a boolean": (True, "true"),
}


def test_text_that_looks_like_another_shape_and_whole_numbers_are_kept_exactly(begin: "Begin") -> None:
    with begin(users=200) as trial:
        chosen = dict(zip(trial.sandbox.roster(trial.districts[0]).ids("teacher"), KEPT.values(), strict=False))
        assert len(chosen) == len(KEPT)
        for user_id, (value, _) in chosen.items():
            every = _set(email=value, name__first=value, roles__teacher__sis_id=value, roles__teacher__title=value)
            trial.sandbox.inject(_altered(user_id, every))
        assert trial.outcomes() == ["applied"]
        columns = "SELECT email, first_name, sis_id, title FROM users JOIN user_roles USING (user_id)"
        for user_id, (_, kept) in chosen.items():
            assert trial.rows(f"{columns} WHERE user_id = ? AND role = 'teacher'", user_id) == [(kept,) * 4]
