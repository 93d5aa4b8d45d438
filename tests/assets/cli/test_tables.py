"""What `clever-warehouse holds` and `status` show: what waits for a decision, what was decided, and how fresh each district is."""

import contextlib
import dataclasses
import io
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from rich.console import Console

from assets.cli import status
from assets.cli.tables import show_holds, show_preview, table
from assets.names import DistrictNames
from pipelines.progress import silent
from pipelines.sandbox import Status
from pipelines.sync import Limits, LimitsByDistrict, reject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Begin, Trial


class Nights:
    """A clock that a test moves to the next night."""

    def __init__(self) -> None:
        self.time = datetime(2026, 9, 1, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def nights() -> Nights:
    return Nights()


@pytest.fixture
def held(begin: "Begin", nights: Nights) -> "Iterator[Trial]":
    """Return a warehouse that is synced once, and in which every change is held from then on."""
    with begin() as trial:
        trial = dataclasses.replace(trial, clock=nights)  # noqa: PLW2901 - the same, by another clock
        trial.sync()
        trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, max_changed_percent=0, min_records=1))
        yield trial


def _shown(trial: "Trial") -> str:
    text = io.StringIO()
    with contextlib.closing(trial.warehouse.reading()) as connection:
        show_holds(connection, Console(file=text, width=200))
    return text.getvalue()


def _named(trial: "Trial") -> str:
    return DistrictNames(trial.warehouse).named(trial.districts[0])


def _hold(trial: "Trial", nights: Nights) -> str:
    """Let a night pass in which a student leaves, and give the digest of the held snapshot."""
    nights.time += timedelta(days=1)
    trial.sandbox.remove(trial.person("student"))
    outcome = trial.outcome()
    assert outcome.outcome == "held"
    return str(outcome.digest)


def test_district_is_held_since_its_first_snapshot_and_superseded_ones_are_not_listed(
    held: "Trial", nights: Nights
) -> None:
    assert _shown(held) == "No holds.\n"
    digests = [_hold(held, nights) for _ in range(3)]
    text = _shown(held)
    assert f"District {_named(held)}: held since 2026-09-02 02:00 UTC, waiting for a decision" in text
    assert [digest in text for digest in digests] == [False, False, True]
    assert f'To decide: clever-warehouse approve {digests[2][:12]} --reason "why"' in text
    assert text.count("District") == 1
    assert [state for (state,) in held.rows("SELECT state FROM sync.holds ORDER BY sequence")] == [
        "superseded",
        "superseded",
        "held",
    ]


def test_district_that_was_up_to_date_in_between_is_held_since_then(held: "Trial", nights: Nights) -> None:
    _hold(held, nights)
    leaver = held.sandbox.log[-1].user_ids[0]
    held.sandbox.restore(leaver)
    assert held.outcomes() == ["unchanged"]
    assert _shown(held) == "No holds.\n"
    _hold(held, nights)
    held.sync()
    assert held.warehouse.present().waiting[held.districts[0]].held_since == "2026-09-03 02:00 UTC"
    assert "held since 2026-09-03 02:00 UTC" in _shown(held)


def test_decisions_are_listed_after_what_waits(held: "Trial", nights: Nights) -> None:
    rejected = _hold(held, nights)
    reject(
        held.warehouse,
        district_id=held.districts[0],
        digest=rejected,
        reason="not yet",
        decided_by="somebody",
        decision_id="decision",
        report=silent,
    )
    waiting = _hold(held, nights)
    text = _shown(held)
    assert text.index(waiting) < text.index(f"District {_named(held)}: rejected") < text.index(rejected)
    assert "decision  2026-09-02 02:00 UTC by somebody: not yet" in text
    assert "held since 2026-09-02 02:00 UTC" in text


def test_holds_say_how_many_archived_people_continue_under_new_ids(held: "Trial", nights: Nights) -> None:
    teachers = held.sandbox.roster(held.districts[0]).ids("teacher")[:3]
    for user_id in teachers:
        legacy_id = held.sandbox.roster(held.districts[0]).record(user_id)["roles"]["teacher"]["legacy_id"]
        held.sandbox.remove(user_id)
        made = held.sandbox.add_person(held.districts[0], ("teacher",))
        held.sandbox.change(made, {"roles.teacher.legacy_id": legacy_id})
    digest = _hold(held, nights)
    assert "  people    3 of the 4 archived people continue under new IDs.\n" in _shown(held)
    reject(
        held.warehouse,
        district_id=held.districts[0],
        digest=digest,
        reason="not yet",
        decided_by="somebody",
        decision_id="decision",
        report=silent,
    )
    assert "  people    3 of the 4 archived people continue under new IDs.\n" in _shown(held)
    text = io.StringIO()
    held.limits = LimitsByDistrict()
    held.sandbox.remove(held.person("student"))
    show_preview(held.sync(preview=True), Console(file=text, width=200))
    assert "5 archived, 0 restored). 3 of the 5 archived people continue under new IDs.\n" in text.getvalue()


def test_hold_of_an_earlier_version_is_listed_without_the_number_of_archived_people(
    held: "Trial", nights: Nights
) -> None:
    _hold(held, nights)
    assert "  people    The archived person does not continue under a new ID.\n" in _shown(held)
    with duckdb.connect(str(held.folder / "state" / "work.duckdb")) as work:
        work.execute("UPDATE sync.holds SET archived = NULL, continuing = NULL")
    held.sync()
    text = _shown(held)
    assert "  why       1 of" in text
    assert "people  " not in text


@pytest.fixture
def three(begin: "Begin", nights: Nights) -> "Iterator[Trial]":
    """Return a warehouse of three districts with the clock of the nights; Clever synced all of them an hour ago."""
    with begin(districts=3, users=20) as trial:
        for number, district_id in enumerate(trial.districts):
            trial.sandbox.describe(
                district_id,
                name=f"District {number} Unified",
                state="success",
                last_sync=nights.time - timedelta(hours=1),
            )
        yield dataclasses.replace(trial, clock=nights)


def _status(trial: "Trial", nights: Nights) -> str:
    text = io.StringIO()
    found = status.read(trial.warehouse, nights.time)
    status.show(found, DistrictNames(trial.warehouse), Console(file=text, soft_wrap=True, width=200))
    return text.getvalue()


def test_status_names_each_district_and_explains_what_needs_attention(three: "Trial", nights: Nights) -> None:
    paused, stale, fresh = three.districts
    three.sandbox.describe(paused, state="paused", pause_end=nights.time + timedelta(days=20))
    three.sandbox.fail_sync(stale, "Call Jane Roe")
    three.sandbox.describe(stale, last_sync=nights.time - timedelta(hours=1))
    three.sync()
    table, _, sentences = _status(three, nights).partition(f"\nDistrict District 1 Unified ({stale})")
    for district_id, number, words in (
        (paused, 0, "paused until 2026-09-21"),
        (stale, 1, "SIS stale"),
        (fresh, 2, "fresh"),
    ):
        assert re.search(rf"^ ?{district_id} +District {number} Unified +yes .* {words} *$", table, re.MULTILINE)
    assert sentences == (
        ": SIS stale. Clever reports an error of its sync from the SIS: see districts.error. "
        "The last one was on 2026-09-01 01:00 UTC.\n"
    )
    nights.time += timedelta(days=2)
    shown = _status(three, nights)
    assert [line.partition(":")[0] for line in shown.splitlines() if line.startswith("District")] == [
        f"District District {number} Unified ({district_id})" for number, district_id in enumerate(three.districts)
    ]
    assert shown.count("ours stale. The latest sync was too long ago. Its rows are from 2026-09-01 02:00 UTC.") == 3


def test_status_says_what_is_not_shared_and_what_to_do(three: "Trial", nights: Nights) -> None:
    first, second, third = three.districts
    refused = ((first, "sections"), (third, "sections"), (second, "resources"))
    for district_id, stream in refused:
        three.sandbox.refuse(district_id, stream)
    three.sync()
    three.sync()
    resources, sections = _status(three, nights).splitlines()[-2:]
    assert resources == (
        f"resources is not shared with this app by {second}: Clever refused the whole list, so nothing of it was changed. To get it, "
        "ask Clever to give the app the scope of resources, or leave it out of CLEVER_RECORDS if you do not need it."
    )
    assert sections == (
        f"sections is not shared with this app by {first}, {third}: Clever refused the whole list, so nothing of it was changed. To get "
        "it, have the district share sections with the app in its Clever dashboard, or leave it out of CLEVER_RECORDS if you do not need "
        "it."
    )
    for district_id, stream in refused:
        three.sandbox.serve_again(district_id, stream)
    three.sync()
    assert "not shared" not in _status(three, nights)


def test_long_name_of_a_district_is_whole(three: "Trial", nights: Nights) -> None:
    long = "Consolidated Unified School District of the Upper and Lower Otter Creek Valley and the Hills around it"
    three.sandbox.describe(three.districts[0], name=long)
    three.sync()
    assert f"{three.districts[0]}  {long}  yes" in _status(three, nights)


def test_status_gives_the_reason_of_what_failed_and_the_digest_of_a_hold(
    three: "Trial", nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.sync()
    _, *failed = three.districts
    for district_id in failed:
        three.sandbox.inject(Status(403), district=district_id, stream="users")
    three.limits = LimitsByDistrict(Limits(max_archived_percent=0, min_records=1))
    three.sandbox.remove(three.person("student"))
    nights.time += timedelta(days=2, hours=1)
    digest = next(each.digest for each in three.sync().outcomes if each.outcome == "held")
    shown = _status(three, nights)
    assert f"clever-warehouse approve {str(digest)[:12]}, or reject\n" in shown
    assert re.search(r"^2 of 3 districts \(.*\).* answered 403\. ", shown, re.MULTILINE)
    names = DistrictNames(three.warehouse)
    found = status.read(three.warehouse, nights.time)
    document = status.document(found)
    assert [each["hold_digest"] for each in document["districts"]] == [digest, None, None]
    assert [each["outcome"] for each in document["districts"]] == ["held", "failed", "failed"]
    assert status.too_old(found, names, timedelta(days=3)) == ""
    assert status.too_old(found, names, status.limit("36h")) == (
        f"3 of 3 connected districts are older than 36 h: {'; '.join(f'{names.named(each)}, 2 d' for each in three.districts)}."
    )

    monkeypatch.setenv("COLUMNS", "80")
    text = io.StringIO()
    status.show(found, names, Console(file=text, force_terminal=True, color_system=None))
    table = text.getvalue().partition("\nDistrict ")[0].splitlines()[1:]
    assert max(map(len, table)) <= 80
    assert [line.strip() for line in table if re.match(r" [0-9a-f]{24}", line)] == [
        f"{district_id}  District {number} Unified" for number, district_id in enumerate(three.districts)
    ]
    students = len(three.sandbox.truth().ids("student"))
    assert table[table.index(" total") + 1].split()[0] == str(students + 1)


@pytest.mark.parametrize("text", ["", "36", "-1h", "h", "1w", "0h"])
def test_age_that_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as 90m, 36h or 2d"):
        status.limit(text)


def test_outcomes_have_colors_in_a_terminal_only() -> None:
    def shown(**console: Any) -> str:
        text = io.StringIO()
        table(Console(file=text, **console), ["district", "outcome"], [["a", "failed"]])
        return text.getvalue()

    assert "\x1b[31mfailed" in shown(force_terminal=True, color_system="standard")
    assert "31m" not in shown(force_terminal=True, color_system="standard", no_color=True)
    assert shown() == " district  outcome\n a         failed\n"
