"""The published file attached to an analyst's database, which has tables with the names of ours."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

if TYPE_CHECKING:
    from tests.sql.conftest import Past

Row = tuple[Any, ...]

OWN_TABLES = """
    CREATE TABLE legacy_id_crosswalk AS SELECT
        'theirs' AS district_id, 'teacher' AS role, legacy_id, 'theirs' AS user_id, true AS is_current,
        now() AS first_seen_at, now() AS last_seen_at, NULL::TIMESTAMPTZ AS ended_at, NULL AS end_reason, 'api' AS source
    FROM (VALUES ('{legacy_id}'), ('theirs')) AS given (legacy_id);
    CREATE TABLE users AS SELECT 'theirs' AS user_id, 'theirs' AS district_id, ['teacher'] AS roles;
    CREATE TABLE user_roles AS SELECT 'theirs' AS user_id, 'teacher' AS role, 'theirs' AS district_id, '{legacy_id}' AS legacy_id;
    CREATE TABLE my_users AS SELECT '{legacy_id}' AS clever_id;
"""
"""An analyst's own tables, in which a legacy ID leads to a user of their own."""

VIEWS = "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal AND database_name = {database} ORDER BY ALL"


@pytest.fixture
def link(past: "Past") -> Row:
    """Return a legacy ID that one user has now, and that user."""
    (link,) = [row for row in past.after.crosswalk if row.user_id == past.arrived]
    return link.legacy_id, link.user_id


@pytest.fixture
def analyst(past: "Past", link: Row) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return an analyst's database with our file attached as wh."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(OWN_TABLES.format(legacy_id=link[0]))
        connection.execute(f"ATTACH '{past.warehouse.published}' AS wh (READ_ONLY)")
        yield connection


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    return sorted(map(repr, connection.execute(f"SELECT COLUMNS(*)::VARCHAR FROM {name}").fetchall()))


def test_every_view_reads_our_file_although_the_analyst_has_tables_of_the_same_names(
    past: "Past", analyst: duckdb.DuckDBPyConnection
) -> None:
    with past.warehouse.reading() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        views = [name for (name,) in connection.execute(VIEWS.format(database="current_database()")).fetchall()]
        expected = {name: _rows(connection, name) for name in views}
    assert {"main.living_heirs", "main.identity_chains", "main.current_user_of_legacy_id"} <= expected.keys()
    assert {name for name in views if _rows(analyst, f"wh.{name}") != expected[name]} == set()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT wh.v3_user_id('{legacy_id}')",
        "SELECT wh.v3_user_id(clever_id) FROM my_users",
        "SELECT user_id FROM wh.resolve_legacy_ids('memory.main.my_users', 'clever_id')",
        "SELECT user_id FROM wh.resolve_legacy_ids('my_users', 'clever_id')",
    ],
)
def test_a_macro_of_an_attached_file_answers_from_it_or_fails(
    analyst: duckdb.DuckDBPyConnection, link: Row, query: str
) -> None:
    try:
        found = analyst.execute(query.format(legacy_id=link[0])).fetchall()
    except duckdb.Error:
        return
    assert found == [(link[1],)]


@pytest.mark.parametrize("query", ["users_as_of('{instant}')", "user_roles_as_of('{instant}')"])
def test_a_macro_of_past_rows_of_an_attached_file_answers_from_it_or_fails(
    past: "Past", analyst: duckdb.DuckDBPyConnection, query: str
) -> None:
    written = query.format(instant=past.between_the_syncs.isoformat())
    with past.warehouse.reading() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        expected = _rows(connection, written)
    try:
        found = _rows(analyst, f"wh.{written}")
    except duckdb.Error:
        return
    assert found == expected


def test_the_macros_answer_from_our_file_after_use(analyst: duckdb.DuckDBPyConnection, link: Row) -> None:
    analyst.execute("USE wh")
    assert analyst.execute("SELECT v3_user_id(?)", [link[0]]).fetchall() == [(link[1],)]
    query = "SELECT user_id, status FROM resolve_legacy_ids('memory.main.my_users', 'clever_id')"
    assert analyst.execute(query).fetchall() == [(link[1], "current")]
