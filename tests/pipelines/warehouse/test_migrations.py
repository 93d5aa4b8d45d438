"""A warehouse that another version of clever-warehouse wrote: an older one is migrated with all its rows, a newer one is refused."""

import contextlib
import dataclasses
import re
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import sqlalchemy as sa

from pipelines.progress import Notice, silent
from pipelines.sandbox import Rewritten
from pipelines.sync import Limits, LimitsByDistrict, approve, reject
from pipelines.warehouse import NewerSchemaError, OlderSchemaError, StatementError, schema, tables
from tests.conftest import shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.sync import Outcome
    from tests.conftest import Begin, Trial

OLDER = sorted((Path(__file__).parent / "older").glob("version_*.zip"))
"""Published files of older versions; make.py in that folder says how they were made."""

RENAMED = {"past.users": "past.past_users", "past.user_roles": "past.past_user_roles"}
"""What tables of older files are called now."""

NOTICE = Notice(f"Migrating the warehouse to schema version {schema.VERSION}.")


@contextlib.contextmanager
def _extracted(file: Path, begin: "Begin") -> "Iterator[Trial]":
    """Return a warehouse that an older version published, and the sandbox as it was at that warehouse's first sync."""
    with begin(districts=2, users=12, seed=7) as trial:
        with zipfile.ZipFile(file) as archive:
            archive.extractall(trial.folder)
        yield dataclasses.replace(trial, limits=LimitsByDistrict(Limits(min_records=10**6)))


@pytest.fixture(params=OLDER, ids=lambda file: file.stem)
def older(request: pytest.FixtureRequest, begin: "Begin") -> "Iterator[Trial]":
    """Return a warehouse that an older version published."""
    with _extracted(request.param, begin) as trial:
        yield trial


@pytest.fixture
def ahead(begin: "Begin") -> "Iterator[Trial]":
    """Return a warehouse whose first sync an older version dated a day ahead, so that it lacks 4 people who came back."""
    with _extracted(Path(__file__).parent / "older" / "clock_ahead_0.zip", begin) as trial:
        yield trial


@pytest.fixture
def version_6(begin: "Begin") -> "Iterator[Trial]":
    """Return a warehouse of version 6 with its landing; every change that counts is held."""
    with _extracted(Path(__file__).parent / "older" / "version_6.zip", begin) as trial:
        trial.limits = STRICT
        trial.records = ("users",)  # an older version read nothing else
        yield trial


STRICT = LimitsByDistrict(Limits(max_archived_percent=0, max_changed_percent=0, min_records=1))

VIEWS = {
    "users": "none",
    "students": "student",
    "teachers": "teacher",
    "staff": "staff",
    "district_admins": "district_admin",
    "contacts": "contact",
}
"""By the folder of a landing, the role of the request."""


def _show_again(trial: "Trial", district_id: str, sync_id: str, grade: str | None = None) -> None:
    """Let Clever return exactly what a sync of an older version has landed of a district, or all of it with another grade."""
    folder = trial.warehouse.landing / district_id / sync_id / "read-1"
    for stream, role in VIEWS.items():
        lines = b"".join(file.read_bytes() for file in sorted((folder / stream).glob("*.ndjson")))
        if grade:
            lines = re.sub(rb'"grade":"[^"]*"', b'"grade":"%b"' % grade.encode(), lines)
        items = b",".join(b'{"data":%b}' % line for line in lines.split(b"\n") if line)
        body = b'{"data":[%b],"links":[]}' % items
        trial.sandbox.inject(
            Rewritten(lambda _, shown=body: shown),  # type: ignore[misc]
            district=district_id,
            stream="users",
            role=role,
        )


def _applied(trial: "Trial") -> dict[str, str]:
    """Read which sync each district's rows of an older version are of."""
    query = """
        SELECT district_id, arg_max(sync_id, sequence) FROM sync.runs WHERE outcome IN ('applied', 'unchanged') GROUP BY ALL
    """
    with contextlib.closing(duckdb.connect(str(trial.warehouse.published), read_only=True)) as connection:
        return dict(connection.execute(query).fetchall())


def _hold(trial: "Trial", state: str) -> tuple[str, str, str]:
    """Return the district, the digest and the sync of the one hold of an older version in a state."""
    query = "SELECT district_id, digest, sync_id FROM sync.holds WHERE state = ?"
    with contextlib.closing(duckdb.connect(str(trial.warehouse.published), read_only=True)) as connection:
        ((district_id, digest, sync_id),) = connection.execute(query, [state]).fetchall()
    return district_id, digest, sync_id


def _tables(file: Path) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """Read all rows of a file: by table, the columns in alphabetical order and the rows in any."""
    with contextlib.closing(duckdb.connect(str(file), read_only=True)) as connection:
        found = {}
        names = "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE table_name <> 'layout'"
        for (name,) in connection.execute(names).fetchall():
            columns = sorted(column for column, *_ in connection.execute(f"DESCRIBE {name}").fetchall())
            found[name] = (columns, _rows(connection, name, columns))
    return found


def _rows(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
    # Digests of receipts are shortened by migration 0005.
    shortened = {"digest"} if table == "sync.receipts" else set()
    # What API v3 never showed has no end since migration 0006.
    cleared = {"ended_at", "end_reason"} if table == "main.legacy_id_crosswalk" else set()
    shown = "source IN ('api', 'event')"
    quoted = ", ".join(
        f'"{column}"[:32]'
        if column in shortened
        else f'CASE WHEN {shown} THEN "{column}" END'
        if column in cleared
        else f'"{column}"'
        for column in columns
    )
    rows = connection.execute(f"SELECT {quoted} FROM {table} ORDER BY ALL").fetchall()
    return [tuple(tuple(value) if isinstance(value, list) else value for value in row) for row in rows]


def _migrate(trial: "Trial") -> None:
    """Publish the warehouse without a change."""
    trial.warehouse.write("migration", lambda session: session.publish(keep_former=False), trial.events.append)


def test_migration_files_are_numbered_without_gaps() -> None:
    assert [migration.number for migration in schema.MIGRATIONS] == list(range(1, schema.VERSION + 1))


def test_migration_keeps_every_row(older: "Trial") -> None:
    before = _tables(older.warehouse.published)
    held = {name: len(rows) for name, (_, rows) in before.items()}
    assert min(held[name] for name in ("sync.holds", "sync.receipts", "sync.runs", "main.legacy_id_crosswalk")) > 0
    _migrate(older)
    assert older.events == [NOTICE]
    with contextlib.closing(older.warehouse.reading()) as connection:
        for name, (columns, rows) in before.items():
            if name != "sync.migrations":
                assert _rows(connection, RENAMED.get(name, name), columns) == rows
    assert older.value("SELECT max(len(digest)) FROM sync.receipts") == 32
    numbers = older.rows("SELECT number, name FROM sync.migrations ORDER BY number")
    assert numbers == [(migration.number, migration.name) for migration in schema.MIGRATIONS]


def test_migrated_file_has_the_schema_of_a_new_one(older: "Trial", trial: "Trial") -> None:
    _migrate(older)
    trial.sync()
    assert shape(older.warehouse.published) == shape(trial.warehouse.published)


def test_next_sync_migrates_and_continues_histories_links_holds_and_decisions(older: "Trial") -> None:
    before = {RENAMED.get(name, name): held for name, held in _tables(older.warehouse.published).items()}
    assert older.sync(sync_id="after the migration").succeeded
    assert older.events[0] == NOTICE
    assert older.wrong() == []
    assert set(older.outcomes(sync_id="and again")) == {"unchanged"}
    assert older.events.count(NOTICE) == 1
    with contextlib.closing(older.warehouse.reading()) as connection:
        for name in ("past.past_users", "past.past_user_roles", "main.crosswalk_changes", "sync.receipts", "sync.runs"):
            columns, rows = before[name]
            end = columns.index("valid_to") if "valid_to" in columns else None
            ended = [row for row in rows if end is None or row[end] is not None]
            assert set(ended) <= set(_rows(connection, name, columns))
    links = "SELECT legacy_id, user_id FROM legacy_id_crosswalk"
    columns, rows = before["main.legacy_id_crosswalk"]
    at = columns.index("legacy_id"), columns.index("user_id")
    assert {tuple(row[index] for index in at) for row in rows} <= set(older.rows(links))
    assert set(older.rows("SELECT state FROM sync.holds")) == {("approved",), ("rejected",), ("released",)}


def test_people_that_an_older_version_lost_by_a_clock_ahead_are_restored_by_the_next_sync(ahead: "Trial") -> None:
    with contextlib.closing(duckdb.connect(str(ahead.warehouse.published), read_only=True)) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchall() == [(20,)]
    result = ahead.sync(sync_id="after the migration")
    assert [(outcome.outcome, outcome.counts.restored) for outcome in result.outcomes] == [("applied", 2)] * 2
    assert ahead.wrong() == []
    assert ahead.rows("SELECT user_id FROM users_history WHERE valid_to < valid_from") == []
    for table in ("users", "user_roles"):
        current = f"SELECT * EXCLUDE (valid_from, change) FROM {table}"
        assert ahead.rows(f"{current} ORDER BY ALL") == ahead.rows(f"FROM {table}_as_of(now()) ORDER BY ALL")
    assert ahead.outcomes(sync_id="and again") == ["unchanged", "unchanged"]


def test_held_snapshot_of_an_older_version_can_be_decided(older: "Trial") -> None:
    columns, rows = _tables(older.warehouse.published)["sync.holds"]
    ((district, digest),) = [
        (hold["district_id"], hold["digest"])
        for hold in (dict(zip(columns, row, strict=True)) for row in rows)
        if hold["state"] == "held"
    ]
    reject(
        older.warehouse,
        district_id=district,
        digest=digest,
        reason="synthetic",
        decided_by="somebody",
        decision_id="decision",
        report=silent,
    )
    assert older.value("SELECT state FROM sync.holds WHERE digest = ?", digest) == "rejected"


def test_first_sync_after_the_migration_fills_new_columns_without_a_hold_or_a_version(version_6: "Trial") -> None:
    before = _tables(version_6.warehouse.published)
    for district_id, sync_id in _applied(version_6).items():
        _show_again(version_6, district_id, sync_id)
    outcomes = version_6.sync(sync_id="after the migration").outcomes
    assert [outcome.outcome for outcome in outcomes] == ["applied", "applied"]
    assert {change.limited for outcome in outcomes for change in outcome.by_role.values()} == {0}
    for table in ("users", "user_roles"):
        _, past = before[f"past.past_{table}"]
        _, current = before[f"main.{table}"]
        assert version_6.value(f"SELECT count(*) FROM {table}_history") == len(past) + len(current)
    for role, table in {"student": "students", "teacher": "teachers", "staff": "staff", "contact": "contacts"}.items():
        held, missing = version_6.rows(
            f"""
            SELECT
                (SELECT count(*) FROM user_roles WHERE role = ?),
                (SELECT count(*) FROM user_roles ANTI JOIN {table} USING (district_id, user_id, legacy_id) WHERE role = ?)
            """,
            role,
            role,
        )[0]
        assert held == version_6.value(f"SELECT count(*) FROM {table}") > 0
        assert missing == 0
    assert version_6.value("SELECT count(grade) > 0 AND count(dob) > 0 AND count(ext) > 0 FROM students")
    assert version_6.value("SELECT count(*) > 0 FROM student_enrollments")
    assert version_6.value("SELECT count(*) > 0 FROM contact_students")
    # What it had found before is still known, and nothing else is reported.
    assert version_6.rows("SELECT path, kind, is_present FROM sync.drift ORDER BY path") == [
        ("roles.district_admin.title", "field_withdrawn", False),
        ("shoe_size", "unknown_field", False),
    ]
    assert version_6.outcomes(sync_id="and again") == ["unchanged", "unchanged"]


def test_undocumented_value_that_moves_from_extra_into_its_column_is_not_held(version_6: "Trial") -> None:
    version_6.warehouse.published.chmod(0o600)
    with contextlib.closing(duckdb.connect(str(version_6.warehouse.published))) as connection:
        connection.execute("""UPDATE user_roles SET extra = '{"grade": "Nursery"}' WHERE role = 'student'""")
    for district_id, sync_id in _applied(version_6).items():
        _show_again(version_6, district_id, sync_id, grade="Nursery")
    outcomes = version_6.sync(sync_id="after the migration").outcomes
    assert [outcome.outcome for outcome in outcomes] == ["applied", "applied"]
    assert version_6.rows("SELECT DISTINCT grade, extra FROM students WHERE grade IS NOT NULL") == [("Nursery", None)]
    assert version_6.rows("SELECT DISTINCT extra FROM user_roles WHERE role = 'student'") == [(None,)]
    assert version_6.rows("SELECT DISTINCT path FROM sync.drift WHERE kind = 'unknown_value'") == [
        ("roles.student.grade",)
    ]


def _approve(trial: "Trial", district_id: str, digest: str) -> "Outcome | None":
    return approve(
        trial.warehouse,
        district_id=district_id,
        digest=digest,
        reason="synthetic",
        decided_by="somebody",
        decision_id="decision",
        report=silent,
    )


def test_approval_after_the_migration_applies_what_an_older_version_landed(version_6: "Trial") -> None:
    district_id, digest, sync_id = _hold(version_6, "held")
    outcome = _approve(version_6, district_id, digest)
    assert outcome
    assert (outcome.outcome, outcome.counts.archived) == ("applied", 1)
    assert version_6.value("SELECT count(*) FROM students") == version_6.value(
        "SELECT count(*) FROM user_roles WHERE role = 'student' AND district_id = ?", district_id
    )
    _show_again(version_6, district_id, "decision")
    assert version_6.outcome(district_id).outcome == "unchanged"
    assert sync_id != "decision"


def test_snapshot_that_an_older_version_held_waits_until_it_is_approved(version_6: "Trial") -> None:
    district_id, digest, sync_id = _hold(version_6, "held")
    _show_again(version_6, district_id, sync_id)
    held = version_6.outcome(district_id)
    assert (held.outcome, held.digest) == ("held", digest)
    assert [str(each) for each in held.exceeded] == [
        "1 of 2 people with the role student would be archived (50.0%, the limit is 0%)"
    ]
    assert version_6.value("SELECT count(*) FROM sync.holds WHERE digest = ?", digest) == 1
    outcome = _approve(version_6, district_id, digest)
    assert outcome
    assert outcome.outcome == "applied"
    assert version_6.outcome(district_id).outcome == "unchanged"


def test_snapshot_that_was_rejected_before_the_migration_is_not_asked_about_again(version_6: "Trial") -> None:
    district_id, digest, sync_id = _hold(version_6, "rejected")
    _show_again(version_6, district_id, sync_id)
    version_6.limits = LimitsByDistrict()
    outcome = version_6.outcome(district_id)
    assert (outcome.outcome, outcome.digest) == ("held", digest)
    assert "rejected" in str(outcome.error)
    assert version_6.rows("SELECT state FROM sync.holds WHERE district_id = ?", district_id) == [("rejected",)]
    assert version_6.value("SELECT count(*) FROM students") == 0


def test_reading_an_older_file_says_to_run_a_sync_first(older: "Trial") -> None:
    with pytest.raises(OlderSchemaError, match="Run `clever-warehouse sync` first"):
        older.warehouse.reading()
    _migrate(older)
    older.warehouse.reading().close()


def test_reading_a_file_that_lacks_a_column_says_to_run_a_sync_first(begin: "Begin") -> None:
    with begin() as trial:
        trial.sync()
        with duckdb.connect(str(trial.warehouse.published)) as published:
            published.execute("ALTER TABLE sync.holds DROP COLUMN exceeded")
            published.execute("UPDATE sync.layout SET fingerprint = 'of an earlier version'")
        with pytest.raises(OlderSchemaError, match="Run `clever-warehouse sync` first"):
            trial.warehouse.reading()


def test_file_before_a_migration_is_kept_and_rolling_back_to_it_is_followed_by_another_migration(
    older: "Trial",
) -> None:
    before = _tables(older.warehouse.published)
    _migrate(older)
    (kept,) = older.warehouse.kept_files()
    assert _tables(kept) == before
    older.sync(sync_id="after")
    older.warehouse.roll_back(kept, silent)
    assert _tables(older.warehouse.published) == before
    older.events.clear()
    older.sync(sync_id="once more")
    assert older.events[0] == NOTICE
    assert older.wrong() == []


def test_failed_migration_changes_nothing_and_the_next_sync_migrates(
    older: "Trial", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = older.warehouse.published.read_bytes()
    failing = tmp_path / "9999_fail.sql"
    failing.write_text("DROP TABLE sync.runs; INSERT INTO sync.holds BY NAME SELECT 'nobody' AS district_id;")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, schema.Migration(failing)])
        patch.setattr(schema, "VERSION", 9999)
        with pytest.raises(
            StatementError, match=r"could not be migrated to schema version 9999\. migrations/9999_fail"
        ) as error:
            older.sync()
    assert "nobody" not in str(error.value)
    assert older.warehouse.published.read_bytes() == before
    assert older.sync(sync_id="after").succeeded
    assert older.wrong() == []


def test_newer_file_is_refused_in_a_sentence(trial: "Trial") -> None:
    trial.sync()
    for file in (trial.warehouse.published, trial.folder / "state" / "work.duckdb"):
        file.chmod(0o600)
        with contextlib.closing(duckdb.connect(str(file))) as connection:
            connection.execute("INSERT INTO sync.migrations VALUES (9999, 'of_the_future', now())")
            connection.execute("DELETE FROM sync.layout")
    before = trial.warehouse.published.read_bytes()
    for act in (trial.sync, trial.warehouse.reading):
        with pytest.raises(
            NewerSchemaError, match=r"schema version 9999; this version knows \d+.*Upgrade clever-warehouse"
        ):
            act()
    assert trial.warehouse.published.read_bytes() == before


def test_new_warehouse_has_every_version_and_no_notice(trial: "Trial") -> None:
    trial.sync()
    assert trial.value("SELECT max(number) FROM sync.migrations") == schema.VERSION
    assert not [event for event in trial.events if isinstance(event, Notice)]


def test_no_two_tables_have_one_name_in_two_schemas() -> None:
    """But for the districts: what Clever says of them is in main, and whether they are connected in sync."""
    names = [table.name for table in tables.metadata.tables.values()]
    assert sorted([*set(names), "districts"]) == sorted(names)


def test_reflection_without_a_schema_lists_each_column_once_with_its_own_comment(trial: "Trial") -> None:
    trial.sync()
    engine = sa.create_engine(
        f"duckdb:///{trial.warehouse.published}", connect_args={"read_only": True}, poolclass=sa.pool.NullPool
    )
    found = sa.inspect(engine)
    for table in (tables.users, tables.user_roles, tables.metadata.tables["users_history"]):
        columns = [(column["name"], column["comment"]) for column in found.get_columns(table.name)]
        assert columns == [(column.name, column.comment) for column in table.columns]
        assert found.get_table_comment(table.name)["text"] == table.comment
    engine.dispose()


def test_work_database_created_from_the_published_file_is_not_an_older_one(trial: "Trial") -> None:
    trial.sync()
    shutil.rmtree(trial.warehouse.state)
    trial.sync()
    assert not [event for event in trial.events if isinstance(event, Notice)]
