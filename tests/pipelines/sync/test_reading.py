"""How a district is read: resumed within a sync, anew in the next one, and with receipts that say what was read."""

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import msgspec
import pytest

from pipelines.clever import Records
from pipelines.clever.envelopes import read_records
from pipelines.progress import PageLanded, StreamResumed
from pipelines.sandbox import ROLES, Dropped, Status
from tests.expected.sandbox import SCHOOL_STREAMS

if TYPE_CHECKING:
    from tests.conftest import Trial

STREAMS = ("users", "students", "teachers", "staff", "district_admins", "contacts")


def _asked(trial: "Trial") -> list[tuple[str, str | None]]:
    """List the requests for /users: the role of the view ("" for the bare list) and the cursor."""
    return [
        (query.get("role", ""), query.get("starting_after"))
        for request in trial.sandbox.requests
        if request.path.endswith("/users")
        for query in [dict(parse_qsl(request.query))]
    ]


def test_a_sync_that_is_tried_again_resumes_from_the_last_whole_page_and_says_so(trial: "Trial") -> None:
    trial.page_limit = 10
    trial.sandbox.inject(Status(404), stream="users", role="none", page=3)
    assert trial.outcome(sync_id="torn").outcome == "failed"
    landed = [event for event in trial.events if isinstance(event, PageLanded)]
    assert sum(event.records for event in landed if event.stream == "users") == 20
    trial.sandbox.heal()
    trial.sandbox.requests.clear()
    trial.events.clear()
    assert trial.outcome(sync_id="torn").outcome == "applied"
    asked = _asked(trial)
    assert len([cursor for role, cursor in asked if not role]) == 2
    assert None not in [cursor for role, cursor in asked if not role]
    resumed = {event.stream: event for event in trial.events if isinstance(event, StreamResumed)}
    assert (resumed["users"].pages, resumed["users"].records) == (2, 20)
    assert trial.wrong() == []


def test_what_was_read_whole_is_not_requested_again_within_the_sync(trial: "Trial") -> None:
    trial.sandbox.inject(Dropped(), stream="users", role="contact")
    assert trial.outcome(sync_id="torn").outcome == "failed"
    whole = {event.stream for event in trial.events if isinstance(event, PageLanded)}
    trial.sandbox.heal()
    trial.sandbox.requests.clear()
    assert trial.outcome(sync_id="torn").outcome == "applied"
    assert len(_asked(trial)) == len(STREAMS) - len(whole.intersection(STREAMS))
    assert trial.wrong() == []


def test_a_new_sync_reads_again(trial: "Trial") -> None:
    trial.page_limit = 10
    trial.sandbox.inject(Status(404), stream="users", role="none", page=3)
    trial.outcome(sync_id="torn")
    trial.sandbox.heal()
    early = trial.sandbox.truth().ids()[0]
    trial.sandbox.remove(early)
    trial.sandbox.requests.clear()
    trial.events.clear()
    assert trial.outcome(sync_id="next").outcome == "applied"
    assert len([cursor for role, cursor in _asked(trial) if not role]) == 4
    assert not [event for event in trial.events if isinstance(event, StreamResumed)]
    assert trial.wrong() == []
    assert trial.rows("SELECT * FROM users WHERE user_id = ?", early) == []


def test_a_sync_that_went_on_is_still_verified_against_the_views(trial: "Trial") -> None:
    trial.page_limit = 10
    trial.sandbox.inject(Status(404), stream="users", role="none", page=3)
    trial.outcome(sync_id="torn")
    trial.sandbox.heal()
    trial.sandbox.remove(trial.sandbox.truth().ids()[-1])
    assert trial.outcome(sync_id="torn").outcome == "applied"
    assert trial.wrong() == []


@pytest.mark.parametrize("page_limit", [7, 10_000])
def test_the_receipts_say_what_was_read(trial: "Trial", page_limit: int) -> None:
    trial.page_limit = page_limit
    trial.sync()
    truth = trial.sandbox.truth()
    receipts = trial.rows("SELECT feed, pages, records, first_id, last_id, complete FROM sync.receipts ORDER BY feed")
    expected: list[tuple[object, ...]] = [("districts", 1, 1, trial.districts[0], trial.districts[0], True)]
    shown = {
        stream: [record["id"] for record in trial.sandbox.served("v3.0", stream, trial.districts[0])]
        for stream in SCHOOL_STREAMS
        if stream != "districts"
    }
    shown |= {stream: sorted(truth.ids(role)) for stream, role in zip(STREAMS, (None, *ROLES), strict=True)}
    for stream, ids in shown.items():
        pages = max(1, -(-len(ids) // page_limit))
        expected.append((stream, pages, len(ids), ids[0] if ids else None, ids[-1] if ids else None, True))
    assert sorted(receipts) == sorted(expected, key=lambda receipt: str(receipt[0]))


def test_the_digest_of_a_receipt_is_that_of_the_records_as_lines(trial: "Trial") -> None:
    trial.page_limit = 7
    trial.sync()
    lines = b"".join(msgspec.json.encode(record) + b"\n" for record in trial.sandbox.truth().records)
    digest, size = trial.rows("SELECT digest, bytes FROM sync.receipts WHERE feed = 'users'")[0]
    assert size == len(lines)
    assert digest == hashlib.sha256(lines).hexdigest()[:32]


def test_the_receipts_of_a_failed_read_say_how_far_it_came(trial: "Trial") -> None:
    trial.page_limit = 10
    trial.sandbox.inject(Status(404), stream="users", role="none", page=3)
    trial.sync()
    receipt = "SELECT pages, records, complete FROM sync.receipts WHERE feed = 'users'"
    assert trial.rows(receipt) == [(2, 20, False)]


def test_of_old_landings_only_the_last_applied_and_the_one_under_way_are_kept(trial: "Trial") -> None:
    folder = trial.folder / "state" / "landing" / trial.districts[0]

    def kept() -> list[str]:
        return sorted(each.name for each in folder.iterdir())

    trial.sync(sync_id="a")
    assert kept() == ["a"]
    trial.sandbox.advance(5)
    trial.sync(sync_id="b")
    assert kept() == ["b"]
    trial.sandbox.inject(Status(404), stream="users")
    trial.sync(sync_id="c")
    assert kept() == ["b", "c"]
    trial.sync(sync_id="d")
    assert kept() == ["b", "d"]
    trial.sandbox.heal()
    trial.sync(sync_id="e")
    assert kept() == ["e"]


@pytest.mark.variants(1)
@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("nobody", ["", ".", "..", "../published", "*"])
def test_an_id_that_could_lead_elsewhere_removes_nothing(trial: "Trial", nobody: str, preview: bool) -> None:  # noqa: FBT001
    trial.sync()
    trial.sandbox.remove(trial.person("contact"))
    trial.sync()
    there = sorted(trial.folder.rglob("*"))
    assert trial.sync(nobody, preview=preview).unknown == [nobody]
    assert sorted(trial.folder.rglob("*")) == there


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every body that was parsed as a page of records, without those of events."""
    bodies: list[bytes] = []

    def noted(body: bytearray, *, only_ids: bool = False) -> Records:
        if b"/v3.0/events" not in body:
            bodies.append(bytes(body))
        return read_records(body, only_ids=only_ids)

    monkeypatch.setattr("pipelines.clever.client.read_records", noted)
    return bodies


RECEIPTS = "SELECT feed, pages, records, bytes, first_id, last_id, digest, complete FROM sync.receipts WHERE sync_id = ? ORDER BY ALL"


def test_an_answer_that_clever_has_given_before_is_not_parsed_again(trial: "Trial", parsed: list[bytes]) -> None:
    trial.page_limit = 10
    assert trial.outcomes(sync_id="first") == ["applied"]
    parsed.clear()
    assert trial.outcomes(sync_id="second") == ["unchanged"]
    assert parsed == []
    assert trial.rows(RECEIPTS, "first") == trial.rows(RECEIPTS, "second")
    assert trial.wrong() == []


def test_an_answer_is_parsed_again_where_other_lines_are_made_of_it_than_before(
    trial: "Trial", parsed: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.page_limit = 10
    trial.sync()
    answers = len(parsed)
    parsed.clear()
    monkeypatch.setattr("pipelines.clever.envelopes.LINES_FORM", 0)
    assert trial.outcomes() == ["unchanged"]
    assert len(parsed) == answers


def test_of_a_district_that_has_changed_only_the_answers_that_differ_are_parsed(
    trial: "Trial", parsed: list[bytes]
) -> None:
    trial.page_limit = 10
    trial.sync()
    parsed.clear()
    student = trial.person("student")
    trial.sandbox.change(student, {"email": "other@school.example"})
    assert trial.outcomes() == ["applied"]
    assert len(parsed) == 2  # a page of /users and one of the students' view
    assert all(student.encode() in body for body in parsed)
    assert trial.wrong() == []


@pytest.mark.variants(1)
@pytest.mark.parametrize("damage", ["altered", "cut off", "gone"])
def test_what_was_made_of_a_former_answer_is_not_used_if_its_file_is_not_what_it_was(
    trial: "Trial", parsed: list[bytes], damage: str
) -> None:
    trial.page_limit = 10
    assert trial.outcomes(sync_id="first") == ["applied"]
    page = trial.warehouse.landing / trial.districts[0] / "first" / "read-1" / "users-00002.ndjson"
    content = page.read_bytes()
    page.unlink()
    if damage != "gone":
        page.write_bytes(content[:-1] if damage == "cut off" else content.replace(b"a", b"b"))
    parsed.clear()
    assert trial.outcomes(sync_id="second") == ["unchanged"]
    assert len(parsed) == 1
    assert trial.rows(RECEIPTS, "first") == trial.rows(RECEIPTS, "second")
    assert trial.wrong() == []


def test_the_landing_of_a_district_that_was_not_requested_is_left_alone(two: "Trial") -> None:
    first, second = two.districts
    two.sync(sync_id="a")
    two.sync(first, sync_id="b")
    landings = two.folder / "state" / "landing"
    assert [each.name for each in (landings / first).iterdir()] == ["b"]
    assert [each.name for each in (landings / second).iterdir()] == ["a"]


@pytest.mark.variants(2)
@pytest.mark.parametrize("damage", ["shorter", "other bytes", "missing", "receipt cut", "receipt missing"])
def test_a_landed_page_that_is_not_whole_is_not_used(trial: "Trial", damage: str) -> None:
    trial.page_limit = 10
    trial.sandbox.inject(Status(404), stream="users", role="none", page=3)
    trial.outcome(sync_id="torn")
    trial.sandbox.heal()
    landed = trial.folder / "state" / "landing" / trial.districts[0] / "torn" / "read-1"
    page, receipt = landed / "users-00001.ndjson", landed / "users-receipt.json"
    match damage:
        case "shorter":
            page.write_bytes(page.read_bytes()[:-100])
        case "other bytes":
            page.write_bytes(b"\0" * page.stat().st_size)
        case "missing":
            page.unlink()
        case "receipt cut":
            receipt.write_bytes(receipt.read_bytes()[:50])
        case _:
            receipt.unlink()
    assert trial.outcome(sync_id="torn").error is None
    assert trial.wrong() == []
