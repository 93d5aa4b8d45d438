"""A newcomer's first day in the UI, in a real browser: each task takes at most three clicks. It also makes the documents' pictures."""

import html
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.sandbox import Status
from tests.browser import CHROMIUM, PATIENCE, Browser, browsing
from tests.end_to_end.conftest import CHECKOUT, Terminal, Ui, serving_ui, settings

if TYPE_CHECKING:
    from tests.conftest import Begin

pytestmark = [
    pytest.mark.search,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.xdist_group("newcomer"),  # each of these tests goes on from the one before
]

CLICKS = 3
"""The clicks that a task may take. To type is no click, but to click into a field first is one."""

LOG = "INFO"
"""The heading above the lines of a run's log."""

WINDOW = (1280, 800)
"""Width and height of the window, and so of the pictures."""

WINDOW_OF_TERMINAL = (1280, 510)
"""The same of the terminal."""

MOST_BYTES = 200_000
"""The size of a picture at most."""

TERMINAL = """<!doctype html><meta charset="utf-8"><title>Terminal</title>
<style>body {{margin: 0; padding: 28px; background: #1e1e2e; color: #cdd6f4; font: 15px/1.5 "DejaVu Sans Mono", monospace}}
pre {{margin: 0; font: inherit; white-space: pre-wrap}} b {{color: #a6e3a1}}</style><pre><b>$</b> {command}
{output}</pre>"""
"""A terminal as a page."""


@dataclass
class Desk:
    """Where the newcomer sits: the UI in a browser, and a terminal."""

    ui: Ui
    browser: Browser
    terminal: Terminal
    pictures: Path
    """The folder that pictures are written to."""

    @contextmanager
    def task(self) -> Iterator[None]:
        """Check that a task takes no more clicks than it may."""
        before = self.browser.clicks
        yield
        assert self.browser.clicks - before <= CLICKS

    def start(self) -> None:
        """Go to the page on which the UI starts."""
        self.browser.open(self.ui.url)

    def sync(self) -> str:
        """Sync as the schedule does, while the newcomer looks elsewhere; returns how the run ended."""
        run_id = self.ui.begin(job="sync_all")
        return str(self.ui.until(lambda: self.ui.ended(run_id), patience=2 * PATIENCE))

    def take(self, name: str, *texts: str) -> None:
        """Take a picture of what the window shows, in which a person reads these texts."""
        for text in texts:
            self.browser.find(text, exact=False)
        shown = self.browser.text()
        assert not [path for path in (CHECKOUT, self.terminal.folder, self.ui.trial.folder) if str(path) in shown]
        assert not [secret for secret in self.ui.trial.sandbox.secrets() if len(secret) > 3 and secret in shown]
        picture = self.browser.picture()
        assert picture.startswith(b"\x89PNG")
        assert struct.unpack(">II", picture[16:24]) == self.browser.size
        assert MOST_BYTES / 20 < len(picture) < MOST_BYTES
        (self.pictures / f"{name}.png").write_bytes(picture)


@pytest.fixture(scope="module")
def desk(begin: "Begin", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return the UI without a run yet, as `make ui` starts it, with three districts that Clever has synced from the SIS today."""
    folder = tmp_path_factory.mktemp("newcomer")
    home, pictures = folder / "dagster", Path(os.environ.get("PICTURES") or folder / "pictures")
    for each in (home, pictures):
        each.mkdir(parents=True, exist_ok=True)
    with begin(districts=3, users=400) as trial:
        trial.sandbox.clock.milliseconds = int(time.time() * 1000)
        for district in trial.districts:
            trial.sandbox.sync_from_sis(district)
        env = settings(trial) | {"DAGSTER_HOME": str(home)}
        with serving_ui(trial, home, cwd=folder, env=env) as ui, browsing(folder / "profile") as browser:
            browser.resize(*WINDOW)
            yield Desk(ui, browser, Terminal(folder), pictures)


def test_newcomer_launches_the_first_sync_and_sees_it_succeed_within_three_clicks(desk: Desk) -> None:
    browser = desk.browser
    desk.start()
    with desk.task():
        browser.click("Search")
        browser.until("document.activeElement.tagName === 'INPUT'")
        browser.type("sync_all")
        browser.wait_for("sync_all Job Enter")
        browser.press("Enter")
        browser.click("Launchpad")
        browser.wait_for("No errors")
        browser.click("Launch Run")
        browser.wait_for("Run of sync_all")
        browser.find("Success")
    assert desk.ui.trial.wrong() == []


def test_newcomer_sees_each_column_of_a_table_with_its_meaning(desk: Desk) -> None:
    desk.browser.open(f"{desk.ui.url}/assets/students")
    desk.take(
        "students", "Latest check results", "Row count", "Clever v3 ID of the user (the person).", "tier: internal"
    )


def test_newcomer_finds_out_why_a_district_failed_within_three_clicks(desk: Desk) -> None:
    browser, district = desk.browser, desk.ui.trial.districts[1]
    desk.ui.trial.sandbox.inject(Status(500), district=district, stream="sections")
    assert desk.sync() == "FAILURE"
    desk.ui.trial.sandbox.heal()
    desk.start()
    with desk.task():
        browser.click("Runs")
        browser.find("clever/outcome: failed")
        browser.click("View")
        browser.find("1 of 3 districts were not updated. All others are published.", exact=False, below=LOG)
        browser.find(f"({district}), stream sections: 127.0.0.1", exact=False, below=LOG)
        browser.find("Try again later.", exact=False, below=LOG)
    assert desk.sync() == "SUCCESS"


def test_newcomer_finds_what_is_held_within_three_clicks(desk: Desk) -> None:
    browser, district = desk.browser, desk.ui.trial.districts[2]
    desk.ui.trial.sandbox.unshare(district, role="contact")
    assert desk.sync() == "SUCCESS"
    desk.start()
    with desk.task():
        browser.click("Runs")
        browser.find("clever/outcome: held")
        browser.click("View")
        browser.click("no_mass_change_is_held", inside="a", below=LOG)
        browser.find(f"({district}) is held since", exact=False)
    browser.click("[Show Markdown]")
    desk.take(
        "hold", "would be archived (100.0%, the limit is 10%)", "Approve", "clever-warehouse approve", "unchanged"
    )
    browser.press("Escape")


def test_report_shows_what_is_held(desk: Desk) -> None:
    report = desk.ui.trial.warehouse.published.with_name("report.html")
    page = desk.browser.value("location.href")
    desk.browser.open(report.as_uri())
    desk.take("report", "Needs attention", "1 district held", "clever-warehouse approve")
    desk.browser.open(page)


def test_terminal_shows_what_is_held(desk: Desk) -> None:
    shown = desk.terminal.run("holds", on=desk.ui.trial, COLUMNS="130")
    assert shown.code == 0, shown.err
    file = desk.terminal.folder / "terminal.html"
    file.write_text(TERMINAL.format(command="clever-warehouse holds", output=html.escape(shown.out.rstrip())))
    page = desk.browser.value("location.href")
    desk.browser.open(file.as_uri())
    desk.browser.resize(*WINDOW_OF_TERMINAL)
    desk.take("terminal", "waiting for a decision", "To decide: clever-warehouse approve")
    desk.browser.resize(*WINDOW)
    desk.browser.open(page)


def test_newcomer_approves_the_hold_that_the_page_shows_within_three_clicks(desk: Desk) -> None:
    browser = desk.browser
    with desk.task():
        browser.click("Approve")
        browser.wait_for("No errors", "reason: ''")
        browser.click("reason", inside=".CodeMirror *")
        browser.press("End", "ArrowLeft")
        browser.type("The district shares no contacts any more")
        browser.press("ArrowDown", "End", "ArrowLeft")
        browser.type("A newcomer")
        browser.wait_for("reason: 'The district shares no contacts any more'", "decided_by: 'A newcomer'", "No errors")
        browser.click("Launch Run")
        browser.wait_for("Run of approve_hold")
        browser.find("Success")
    decided = desk.ui.trial.rows("SELECT state, reason, decided_by FROM sync.holds")
    assert decided == [("approved", "The district shares no contacts any more", "A newcomer")]


def test_newcomer_sees_everything_green_within_three_clicks(desk: Desk) -> None:
    browser = desk.browser
    with desk.task():
        browser.click("no_mass_change_is_held", inside="a", below=LOG)
        browser.wait_for(
            "every_district_is_fresh Succeeded", "no_district_failed Succeeded", "no_mass_change_is_held Succeeded"
        )
    assert desk.ui.trial.wrong() == []


def test_holds_of_two_districts_are_listed_and_approved_together_from_the_check(desk: Desk) -> None:
    browser, trial = desk.browser, desk.ui.trial
    alike = trial.districts[:2]
    for district in alike:
        trial.sandbox.unshare(district, role="contact")
    assert desk.sync() == "SUCCESS"
    browser.open(f"{desk.ui.url}/assets/warehouse?view=checks&checkDetail=no_mass_change_is_held")
    browser.click("[Show Markdown]")
    browser.find("Held districts, by what they would do", exact=False)
    browser.click("List and approve")
    browser.wait_for("No errors", "like:")
    browser.click("Launch Run")
    browser.wait_for("Run of approve_holds")
    browser.find("Success")
    browser.find("Nothing was changed. The filter selects 2 snapshots", exact=False, below=LOG)
    browser.click("[Show Markdown]", below=LOG)
    browser.find("contact 100.0%", exact=False)
    assert sorted(trial.warehouse.held_snapshots()) == alike
    browser.click("Approve all 2")
    browser.wait_for("No errors", "selection:")
    browser.click("reason", inside=".CodeMirror *")
    browser.press("End", "ArrowLeft")
    browser.type("Contacts are no longer shared")
    browser.press("ArrowDown", "End", "ArrowLeft")
    browser.type("An operator")
    browser.wait_for("reason: 'Contacts are no longer shared'", "decided_by: 'An operator'", "No errors")
    browser.click("Launch Run")
    browser.wait_for("Run of approve_holds")
    browser.find("Success")
    assert trial.warehouse.held_snapshots() == {}
    decided = "SELECT DISTINCT reason, decided_by FROM sync.holds WHERE reason LIKE 'Contacts%'"
    assert trial.rows(decided) == [("Contacts are no longer shared", "An operator")]
