"""Whether the views for analysts and the findings about schools are what plain Python makes of the same roster."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.expected.change_log import ChangeLog
from tests.expected.current_tables import Tables, current_tables
from tests.expected.findings import broken_rules
from tests.expected.school_answers import VIEWS, finding_disagreements, view_disagreements
from tests.expected.views import expected_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Begin, Trial


@pytest.fixture(scope="module")
def school(begin: "Begin") -> "Iterator[Trial]":
    """Return a warehouse of two districts after some days."""
    with begin(districts=2, users=400, seed=8) as trial:
        trial.sandbox.advance(5)
        trial.sync()
        yield trial


def expected_tables(trial: "Trial") -> Tables:
    """Return the rows that all tables must have after the first sync."""
    logs = {}
    for district_id in trial.districts:
        logs[district_id] = ChangeLog()
        logs[district_id].sync(trial.sandbox.truth(district_id), trial.sandbox.school(district_id))
    return current_tables(logs)


def test_views_hold_what_plain_python_makes_of_the_tables(school: "Trial") -> None:
    tables, day = expected_tables(school), datetime.now(UTC).date()
    assert all(expected_view(view, tables, day) for view in VIEWS)
    with school.warehouse.reading() as connection:
        assert view_disagreements(connection, tables, day) == []


def test_findings_about_schools_are_those_that_plain_python_finds(school: "Trial") -> None:
    tables, day = expected_tables(school), datetime.now(UTC).date()
    with school.warehouse.reading() as connection:
        assert finding_disagreements(connection, tables, day) == []
    assert sum(bool(records) for records in broken_rules(tables, day).values()) >= 5
