"""What views for analysts and findings about schools show otherwise than plain Python makes of the same rows."""

import datetime as dt
from collections import Counter

import duckdb

from pipelines.warehouse.checks import checks
from tests.expected.current_tables import Tables
from tests.expected.findings import broken_rules
from tests.expected.views import expected_view

VIEWS = ("student_roster", "section_rosters", "student_contacts", "staff_directory", "enrollment_by_grade")
NAMES = {
    "enrolled_school_is_known": "school_of_an_enrollment_is_known",
    "grade_is_in_the_range_of_the_school": "grade_of_a_student_is_taught_at_the_school",
    "low_grade_is_not_above_high_grade": "lowest_grade_is_not_above_highest",
    "schools_of_a_role_are_known": "school_of_a_role_is_known",
    "term_has_one_id": "term_is_listed_once",
}
"""The names of rules that are called otherwise in the warehouse."""
OF_OTHER_RECORDS = {"term_of_a_section_has_not_ended": "ended_term_has_no_section"}
"""Rules that are about other records in the warehouse: a finding per term, not per section."""
NOT_CHECKED: set[str] = set()
"""Rules about records that are not synced."""


def view_disagreements(connection: duckdb.DuckDBPyConnection, tables: Tables, day: dt.date) -> list[str]:
    """Name the views that show other rows than they must: the view, the columns of the key of a row, and how many rows."""
    connection.execute("SET TimeZone = 'UTC'")
    found = []
    for view in VIEWS:
        expected = expected_view(view, tables, day)
        columns = list(expected[0]) if expected else ["district_id"]
        quoted = ", ".join(f'"{column}"' for column in columns)
        shown = Counter(map(repr, connection.execute(f"SELECT {quoted} FROM {view}").fetchall()))
        wanted = Counter(repr(tuple(row[column] for column in columns)) for row in expected)
        if shown != wanted:
            found.append(
                f"{view}: {(wanted - shown).total()} rows are missing, {(shown - wanted).total()} are too many"
            )
    return found


def finding_disagreements(connection: duckdb.DuckDBPyConnection, tables: Tables, day: dt.date) -> list[str]:
    """Name the rules about schools that other records break than those that must, with the districts and the records."""
    query = 'SELECT "check", district_id, record_id FROM sync.findings WHERE resolved_at IS NULL'
    found: dict[str, set[tuple[str, str]]] = {}
    for check, *record in connection.execute(query).fetchall():
        found.setdefault(check, set()).add((record[0], record[1]))
    rules = broken_rules(tables, day)
    known = {NAMES.get(rule, rule) for rule in rules if rule not in OF_OTHER_RECORDS} - {
        check.name for check in checks()
    }
    assert known == NOT_CHECKED
    return [
        f"{rule}: {sorted(found.get(NAMES.get(rule, rule), set()) ^ set(records))}"
        for rule, records in rules.items()
        if rule not in OF_OTHER_RECORDS and found.get(NAMES.get(rule, rule), set()) != set(records)
    ]
