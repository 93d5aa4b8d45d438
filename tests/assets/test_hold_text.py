"""What the UI shows of held snapshots stays small, whatever their number, and names are no markup."""

import dataclasses
import html

import pytest
from markdown_it import MarkdownIt

from assets import hold_text
from pipelines.sync import groups
from pipelines.warehouse import HeldSnapshot

MANY = 3000

COUNTS = {"before": 100, "added": 0, "updated": 0, "archived": 20, "restored": 0, "unchanged": 80}

EXCEEDED = {"of": "student", "change": "archived", "count": 20, "before": 100, "limit": 10}

HELD = HeldSnapshot("0" * 64, "why", {"student": COUNTS}, 20, 0, (), [EXCEEDED], "2026-09-01 02:00 UTC")


def _held(number: int, *, alike: bool) -> dict[str, HeldSnapshot]:
    """Snapshots of so many districts that are alike, or each of another kind."""
    return {
        f"{place:024x}": dataclasses.replace(
            HELD,
            digest=f"{place:064x}",
            exceeded=[EXCEEDED if alike else {**EXCEEDED, "of": f"type_{place}"}],
            by_role={"student" if alike else f"type_{place}": COUNTS},
        )
        for place in range(number)
    }


def test_selection_lists_the_first_districts_and_says_how_many_more_there_are() -> None:
    text = hold_text.selection(groups(_held(MANY, alike=True)), {}, "/launch")
    assert text.startswith(f"[Approve all {MANY:,}](/launch): ")
    assert text.count("student 20.0%") == hold_text.MAX_DISTRICTS
    assert f"{MANY - hold_text.MAX_DISTRICTS:,} more districts: `clever-warehouse holds --json` lists all." in text


def test_groups_are_the_largest_and_it_says_how_many_more_there_are() -> None:
    text = hold_text.several(groups(_held(MANY, alike=False)))
    assert text.count("[List and approve]") == hold_text.MAX_KINDS
    assert f"{MANY - hold_text.MAX_KINDS:,} more groups: run the job `approve_holds` to list all." in text


def test_snapshots_of_an_earlier_version_are_counted_and_have_no_link() -> None:
    older = {
        district_id: dataclasses.replace(held, exceeded=None) for district_id, held in _held(3, alike=True).items()
    }
    text = hold_text.several(groups(older))
    assert "3 more were held by an earlier version: approve or reject each individually, or sync again." in text
    assert "[List and approve]" not in text


@pytest.mark.parametrize(
    "name", ["[Approve](https://example.org)", "<img src=x>", "a|b", "`code` *x* _y_ # z", "back\\slash", "A &amp; B"]
)
def test_names_are_no_markup(name: str) -> None:
    assert html.unescape(MarkdownIt().renderInline(hold_text.escaped(name))) == name
