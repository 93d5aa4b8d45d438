"""One faulty record: its district fails with the record's name, or is synced around the fault; all other districts go on."""

import json
import re
from typing import TYPE_CHECKING

import pytest

from pipelines import decisions
from pipelines.clever import Clever, ClientCredentials, DistrictTokens
from pipelines.holding import Limits, LimitsByDistrict
from pipelines.sandbox import Rendering, Rewritten, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.sync import Outcome
    from tests.conftest import Begin, Row, Trial


@pytest.fixture(scope="module")
def shared(begin: "Begin") -> "Iterator[Trial]":
    """Give a warehouse of two districts, synced once; a test leaves it as healthy as it was."""
    with begin(districts=2) as made:
        made.sync()
        yield made


@pytest.fixture
def two(shared: "Trial") -> "Iterator[Trial]":
    """Give the shared warehouse; end all faults after the test and sync what they kept out."""
    yield shared
    shared.sandbox.heal()
    shared.sync()


def _with_field(user_id: str, field: bytes) -> Rewritten:
    """Write one more field into a person's record, as the bytes it is given in."""
    begins = f'{{"id":"{user_id}",'.encode()
    return Rewritten(lambda body: body.replace(begins, begins + field + b","))


def _failed(trial: "Trial", *, bad: str) -> "Outcome":
    """Change somebody in every district, sync, and give the outcome of the one district that must have failed."""
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
def test_a_record_that_is_nested_too_deeply_fails_only_its_own_district(two: "Trial", kind: str, levels: int) -> None:
    bad = two.districts[0]
    ids = two.sandbox.roster(bad).ids()
    user_id = ids[len(ids) // 2]
    two.sandbox.inject(_with_field(user_id, DEEP[kind](levels)), district=bad)
    error = _failed(two, bad=bad).error or ""
    assert f"record {user_id} is nested {levels + 1:,} levels deep" in error
    assert bad in error
    assert "closed" not in error


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
    assert f"District {bad}, feed " in error
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


@pytest.mark.parametrize(("written", "text"), CUT.values(), ids=CUT.keys())
def test_text_that_is_cut_within_a_character_is_kept_with_a_replacement_and_found(
    trial: "Trial", written: bytes, text: str
) -> None:
    user_id = trial.person("teacher", 1)
    trial.sandbox.inject(_with_first_name(user_id, written))
    assert trial.outcomes() == ["applied"]
    assert trial.value("SELECT first_name FROM users WHERE user_id = ?", user_id) == text
    assert trial.wrong() == [f"users: {(user_id,)} : first_name differs".replace(" :", ":")]
    assert _cut(trial) == [(user_id, "warning", True)]
    opened = """SELECT record_id FROM open_findings WHERE "check" = 'text_is_whole'"""
    assert trial.rows(opened) == [(user_id,)]


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


def test_a_read_that_goes_on_remembers_what_it_has_repaired(trial: "Trial") -> None:
    trial.page_limit = 10
    user_id = trial.sandbox.roster(trial.districts[0]).ids()[0]
    trial.sandbox.inject(_with_field(user_id, rb'"nick":"\ud83d"'))
    trial.sandbox.inject(Status(404), feed="users", role="none", page=3)
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
    decisions.approve(
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
    two.sandbox.inject(Rewritten(lambda body: body[:-1] + rb',"note":"\udc00"}'), feed="tokens")
    two.sandbox.inject(Rewritten(lambda body: body[:-1] + rb',"note":"\udc00"}'), feed="districts")
    assert [outcome.outcome for outcome in two.sync().outcomes] == ["unchanged", "unchanged"]
    two.credentials = DistrictTokens(list(two.sandbox.districts.values()))
    assert [outcome.outcome for outcome in two.sync().outcomes] == ["unchanged", "unchanged"]
    two.credentials = ClientCredentials("sandbox", "sandbox")
