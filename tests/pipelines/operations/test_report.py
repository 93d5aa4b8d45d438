"""The report: what needs attention comes first, nothing of a person is in it, and no small number follows from it."""

import dataclasses
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.operations import report
from pipelines.operations.report import charts, figures, suppression
from pipelines.progress import Event, Notice, silent
from pipelines.sandbox import Status
from pipelines.sync import Limits, LimitsByDistrict
from pipelines.warehouse import Warehouse, machine_clock

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

DAY = timedelta(days=1)

HOSTILE = "</style><script>alert(1)</script> & Sons"

VOID = {"meta", "line", "polygon", "polyline", "circle", "rect"}
"""Elements of the page that have no end, or end where they begin."""


class Calendar:
    """A clock that a test sets."""

    time = datetime(2026, 10, 14, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


class Page(HTMLParser):
    """A page, read strictly: every element ends in the order in which they began."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tables: list[list[list[str]]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)
        if {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += data

    def table(self, heading: str) -> list[list[str]]:
        """The rows of the table whose first heading this is."""
        return next(table[1:] for table in self.tables if table[0][0] == heading)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))


@pytest.fixture(scope="module")
def trial(begin: "Begin") -> "Iterator[Trial]":
    """Return a warehouse of five districts: held, failed, stale, paused with drift and a hostile name, and fresh."""
    calendar = Calendar()
    with begin(districts=5, users=40) as made:
        trial = dataclasses.replace(made, clock=calendar)
        trial.limits = LimitsByDistrict(Limits(min_records=5))
        held, failed, stale, paused, fresh = trial.districts
        for district_id in trial.districts:
            trial.sandbox.describe(district_id, state="success", last_sync=calendar.time)
        trial.sync()
        calendar.time += DAY
        for district_id in (held, failed, paused, fresh):
            trial.sandbox.describe(district_id, last_sync=calendar.time)
        for user_id in trial.sandbox.roster(held).ids("student")[:10]:
            trial.sandbox.remove(user_id)
        trial.sandbox.inject(Status(403), district=failed)
        trial.sandbox.describe(stale, last_sync=calendar.time - 9 * DAY)
        trial.sandbox.describe(paused, name=HOSTILE)
        trial.sandbox.pause(paused, "2026-10-01T00:00:00.000Z", "2026-12-24T00:00:00.000Z")
        for user_id in trial.sandbox.roster(paused).ids("student")[:5]:
            trial.sandbox.change(user_id, {"shoe_size": "44"})
        trial.sync()
        yield trial


@pytest.fixture(scope="module")
def html(trial: "Trial") -> str:
    return report.write(trial.warehouse).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_report_begins_with_districts_by_state_and_people_by_role(trial: "Trial", page: Page) -> None:
    assert "1 district failed 1 district held 1 district stale 1 district paused 1 district fresh" in page.text
    students = trial.value("SELECT count(*) FROM students")
    assert f"Students {students:,} no comparison yet" in page.text


def test_report_shows_the_command_that_decides_a_hold(trial: "Trial", page: Page) -> None:
    ((digest,),) = trial.rows("SELECT digest FROM sync.holds WHERE state = 'held'")
    for decision in ("approve", "reject"):
        assert f'clever-warehouse {decision} {digest[:12]} --reason "..."' in page.text
    students = trial.value("SELECT count(*) FROM students WHERE district_id = ?", trial.districts[0])
    assert ["Students", f"{students:,}", "10", "0"] in page.table("would change")


def test_report_says_why_districts_failed_or_are_stale_and_shows_the_worst_first(trial: "Trial", page: Page) -> None:
    failed = trial.value("SELECT error FROM sync.runs WHERE outcome = 'failed'")
    assert failed in page.text
    assert "Clever has not synced from the SIS for too long. The last one was on 2026-10-06 02:00 UTC." in page.text
    freshness = next(rows for rows in page.tables if rows[0][1] == "state")
    assert [row[1] for row in freshness] == ["state", "failed", "held", "SIS stale", "paused until 2026-12-24", "fresh"]


def test_report_counts_drift_by_path_and_findings_by_rule(trial: "Trial", page: Page) -> None:
    assert ["users: shoe_size", "unknown field", "5", "1", "2026-10-15 02:00 UTC"] in page.table("path")
    found: dict[str, int] = dict(
        trial.rows('SELECT "check", count(*) FROM sync.findings WHERE resolved_at IS NULL GROUP BY ALL')
    )
    rows = page.table("rule")
    assert len(rows) == len(found)
    assert all(row[2] == suppression.shown(count) for rule, count in found.items() for row in rows if rule in row[0])


def test_report_shows_what_changed_by_type_and_by_day(page: Page) -> None:
    assert ["2026-10-15", "0", "5", "0", "0"] in page.table("day")
    rows = page.table("what")
    assert [row[0] for row in rows[:5]] == list(figures.ROLES.values())
    assert ["Districts", "5", "1", "0", "0"] in rows


def test_report_is_one_file_without_scripts_or_references(page: Page) -> None:
    assert {value[:1] for _, name, value in page.attributes if name in {"href", "src", "srcset", "action", "data"}} == {
        "#"
    }
    tags = {tag for tag, _, _ in page.attributes}
    assert not tags & {"script", "link", "iframe", "img", "object", "form"}
    assert [value for tag, name, value in page.attributes if tag == "meta" and "default-src 'none'" in value]
    assert HOSTILE in page.text
    anchors = {value for _, name, value in page.attributes if name == "id"}
    assert {value[1:] for _, name, value in page.attributes if name == "href"} <= anchors
    named = [value.split() for _, name, value in page.attributes if name == "aria-labelledby"]
    assert {each for names in named for each in names} <= anchors


def test_report_has_no_data_of_a_person_and_no_path(trial: "Trial", html: str) -> None:
    telling = {each for each in trial.sandbox.secrets() if len(each) >= 5} - {"Staff", "Teacher", "Students"}
    assert len(telling) > 100
    assert [len(each) for each in telling if each in html and re.search(rf"(?<!\w){re.escape(each)}(?!\w)", html)] == []
    ids = trial.rows("SELECT user_id FROM users UNION ALL SELECT legacy_id FROM user_roles WHERE legacy_id IS NOT NULL")
    assert [value for (value,) in ids if value in html] == []
    assert str(trial.folder) not in html
    assert trial.folder.name not in html


def test_report_shows_no_small_number_of_students_in_a_school(trial: "Trial", page: Page) -> None:
    rows = page.table("school")
    assert rows
    counts = {
        suppression.shown(count)
        for (count,) in trial.rows("SELECT student_count FROM enrollment_by_grade WHERE student_count > 0")
    }
    assert "<5" in counts
    assert {cell for row in rows for cell in row[1:]} <= {*counts, *map(str, range(5, 100)), "", "*", "withheld"}


def possible(row: Sequence[str], total: int) -> list[tuple[int, int]]:
    """The least and the most that each hidden number of a line can be for a reader who knows the sum."""
    bounds = [(1, 4) if text == "<5" else (5, total) for text in row if text in {"<5", "*"}]
    rest = total - sum(int(text or 0) for text in row if text not in {"<5", "*"})
    low, high = sum(least for least, _ in bounds), sum(most for _, most in bounds)
    return [(max(least, rest - (high - most)), min(most, rest - (low - least))) for least, most in bounds]


@given(st.lists(st.lists(st.integers(0, 12), min_size=4, max_size=4).filter(any), min_size=1, max_size=6))
def test_no_small_number_follows_from_the_others_and_their_sums(counts: list[list[int]]) -> None:
    grades = ["1", "2", "3", "4"]
    schools = {("district", str(number)): dict(zip(grades, row, strict=True)) for number, row in enumerate(counts)}
    names = dict.fromkeys(schools, ("School", "District"))
    shown = figures._school_rows(schools, names, grades, 12)
    assert shown.keys() in (schools.keys(), set())
    if not shown:
        return
    lines = [
        ([cell.text for cell in school.cells], int(school.total))
        for school in shown.values()
        if school.cells is not None
    ]
    assert all(text != "*" or "<5" in row for row, _ in lines for text in row)
    lines.append(([school.total for school in shown.values()], sum(map(sum, counts))))
    for row, total in lines:
        assert not {"1", "2", "3", "4"} & set(row)
        small = [
            bounds
            for text, bounds in zip([text for text in row if text in {"<5", "*"}], possible(row, total), strict=True)
            if text == "<5"
        ]
        assert all(bounds == (1, 4) for bounds in small)


def test_small_numbers_are_drawn_alike() -> None:
    days = [Calendar.time.date() - DAY, Calendar.time.date()]
    assert charts.line(days, [1, 20]) == charts.line(days, [4, 20])
    assert charts.bars(days, ["added"], [[1], [20]]) == charts.bars(days, ["added"], [[4], [20]])


@pytest.mark.parametrize(
    ("count", "label"), [(5, "10"), (7_400, "8,000"), (16_000, "20k"), (900_000, "1M"), (15_000_000, "20M")]
)
def test_labels_of_an_axis_are_short(count: int, label: str) -> None:
    assert charts.line([Calendar.time.date()], [count]).ticks[-1].label == label


def test_bar_that_is_far_higher_than_the_others_is_cut() -> None:
    days = [Calendar.time.date() - number * DAY for number in range(3)]
    drawn = charts.bars(days, ["added", "updated"], [[0, 20], [90_000, 10_000], [30, 0]])
    assert [bar.is_cut for bar in drawn.bars] == [False, True, False]
    assert drawn.ticks[-1].label == "40"


def test_change_within_a_week_and_lines_follow_the_daily_counts(trial: "Trial", tmp_path: Path) -> None:
    """A count that ended a week ago; the people of a district that has failed since stay in the line."""
    with _changed(trial, tmp_path) as connection:
        connection.execute("UPDATE sync.counts SET first_day = DATE '2026-10-01'")
        connection.execute(
            'INSERT INTO sync.counts (district_id, kind, first_day, last_day, "count") VALUES '
            "('0', 'student', '2026-10-01', '2026-10-09', 30)"
        )
    written = Page(report.write(Warehouse(tmp_path, clock=trial.clock)).read_text(encoding="utf-8"))
    students = trial.value("SELECT count(*) FROM students")
    assert f"Students {students} \N{MINUS SIGN}30 in a week" in written.text
    people = [row[0:1] + row[2:3] for row in written.table("day (UTC)")]
    assert people == [
        ["2026-10-15", str(students)],
        ["2026-10-08", str(students + 30)],
        ["2026-10-01", str(students + 30)],
    ]


def test_report_names_no_record_and_no_address_and_lists_a_held_district_after_its_rejection(
    trial: "Trial", tmp_path: Path
) -> None:
    failed, record = trial.districts[1], "5" * 24
    with _changed(trial, tmp_path) as connection:
        connection.execute(
            f"UPDATE sync.runs SET error = 'District {failed}: {record} is wrong.' WHERE outcome = 'failed'"
        )
        connection.execute(
            f"UPDATE sync.fields SET path = 'by_user.{record}.someone@example.org' WHERE path = 'shoe_size'"
        )
        connection.execute("UPDATE sync.holds SET state = 'rejected'")
    written = report.write(Warehouse(tmp_path, clock=trial.clock)).read_text(encoding="utf-8")
    page = Page(written)
    assert f"District {failed}: (ID) is wrong." in page.text
    assert ["users: by_user.(ID).(address)", "unknown field"] in [row[:2] for row in page.table("path")]
    assert record not in written
    assert "The latest sync is held. Its rows are from 2026-10-14 02:00 UTC." in page.text
    assert "clever-warehouse approve" not in page.text


def _changed(trial: "Trial", folder: Path) -> duckdb.DuckDBPyConnection:
    """Open a copy of the published file for writing."""
    copy = folder / "warehouse.duckdb"
    shutil.copyfile(trial.warehouse.published, copy)
    return duckdb.connect(str(copy))


def test_report_on_thousands_of_districts_stays_small(trial: "Trial", html: str, tmp_path: Path) -> None:
    with _changed(trial, tmp_path) as connection:
        for statement in (
            "CREATE TEMP TABLE many AS SELECT range, format('{:024x}', range) AS id FROM range(3000)",
            (
                "INSERT INTO sync.districts BY NAME SELECT id AS district_id, true AS connected, now() AS first_seen_at, "
                "now() AS last_seen_at FROM many"
            ),
            (
                "INSERT INTO sync.runs BY NAME SELECT runs.* REPLACE (many.id AS district_id, "
                "CASE WHEN range % 3 = 0 THEN 'held' WHEN range % 3 = 1 THEN 'failed' ELSE outcome END AS outcome, 'Wrong.' AS error) "
                "FROM many, (FROM sync.runs ORDER BY sequence DESC LIMIT 1) AS runs"
            ),
            (
                "INSERT INTO sync.holds BY NAME SELECT holds.* REPLACE (many.id AS district_id) "
                "FROM many, (FROM sync.holds LIMIT 1) AS holds WHERE range % 3 = 0"
            ),
            (
                "INSERT INTO sync.fields BY NAME SELECT fields.* REPLACE (many.id AS district_id, format('field_{}', range) AS path) "
                "FROM many, (FROM sync.fields WHERE kind = 'unknown_field' LIMIT 1) AS fields"
            ),
            (
                "INSERT INTO students BY NAME SELECT students.* REPLACE (many.id AS district_id, many.id AS school_id) "
                "FROM many, (FROM students LIMIT 7) AS students"
            ),
        ):
            connection.execute(statement)
    many = report.write(Warehouse(tmp_path, clock=trial.clock)).read_text(encoding="utf-8")
    page = Page(many)
    assert all(len(table) <= 1 + figures.MAX_SCHOOLS for table in page.tables)
    assert "991 more held snapshots: clever-warehouse holds" in page.text
    assert "more failed districts" in page.text
    assert "2,980 more districts" in page.text
    assert "more paths" in page.text
    assert "more schools" in page.text
    assert len(many) < 5 * len(html)


def test_report_of_an_empty_warehouse_has_no_pictures(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path, on_published=report.refresh)
    warehouse.write("a sync", lambda session: session.publish(), silent)
    page = Page(report.place(warehouse).read_text(encoding="utf-8"))
    assert "Needs attention Nothing." in page.text
    assert "No school has enough students to show." in page.text


def test_report_that_a_publication_overtakes_is_written_again(tmp_path: Path) -> None:
    Warehouse(tmp_path).write("a sync", lambda session: session.publish(), silent)
    instants: list[datetime] = []

    def overtaken() -> datetime:
        instants.append(machine_clock())
        if len(instants) == 1:
            Warehouse(tmp_path, on_published=report.refresh).write("another", lambda session: session.publish(), silent)
        return instants[-1] + 300 * len(instants) * DAY

    written = report.write(Warehouse(tmp_path, clock=overtaken)).read_text(encoding="utf-8")
    assert len(instants) == 2
    assert f"this page was written {instants[-1] + 600 * DAY:%Y-%m-%d}" in written


def test_publishing_and_rolling_back_write_the_report_and_go_on_if_that_fails(tmp_path: Path) -> None:
    events: list[Event] = []
    warehouse = Warehouse(tmp_path, on_published=report.refresh)
    place = report.place(warehouse)
    for _ in range(2):
        place.unlink(missing_ok=True)
        warehouse.write("a sync", lambda session: session.publish(), events.append)
        assert place.stat().st_mode & 0o777 == 0o600 | warehouse.published.stat().st_mode & 0o044
    place.unlink()
    warehouse.roll_back(warehouse.kept_files()[0], events.append)
    assert "Rolled back 20" in place.read_text(encoding="utf-8")
    assert events == []
    place.write_text("an analyst's own page")
    warehouse.write("a sync", lambda session: session.publish(), events.append)
    place.unlink()
    place.mkdir()
    warehouse.write("a sync", lambda session: session.publish(), events.append)
    reasons = [event.text for event in events if isinstance(event, Notice)]
    assert [bool(re.search(r"was not written \(.*\)\. The data is published\.$", reason)) for reason in reasons] == [
        True
    ] * 2
    assert sorted(each.name for each in tmp_path.iterdir()) == ["report.html", "state", "warehouse.duckdb"]
