"""How many records of each kind a district has on a day: counted when they change, and kept with the days for which that holds."""

from collections.abc import Collection
from datetime import datetime

from pipelines.records import CATALOG, Table
from pipelines.warehouse.difference import role_of
from pipelines.warehouse.session import Session


def keep(session: Session, *, applied: Collection[str], seen: Collection[str], observed_at: datetime) -> None:
    """Bring sync.counts up to date, in the transaction that records a sync.

    A district in which nothing changed is not counted: its latest counts still hold.

    Args:
        session: The session of the work database.
        applied: The districts in which rows changed.
        seen: All districts that are up to date. One without counts is counted, too: an earlier version synced it first.
        observed_at: The instant of the sync; its day in UTC is the day from which the counts hold.

    Raises:
        StatementError: DuckDB could not.
    """
    ((recounted,),) = session.rows("apply/recounted", applied=list(applied), seen=list(seen))
    if recounted:
        session.execute(_counted(), "apply/counted")
        session.run("apply/counts", observed_at=observed_at)


def _counted() -> str:
    """The statement that counts the records of the districts to count: people by role, and the records of each stream."""
    roles = {role: table for table in CATALOG.tables if not table.is_list and (role := role_of(table))}
    selects = [
        *(_counts_of(role, table, grade=_grade(table)) for role, table in roles.items()),
        *(_counts_of(stream.name, stream.record_table, grade="NULL") for stream in CATALOG.record_streams),
    ]
    return f"CREATE OR REPLACE TEMP TABLE counted AS {' UNION ALL '.join(selects)}"


def _counts_of(kind: str, table: Table, *, grade: str) -> str:
    return (
        f"SELECT district_id, '{kind}' AS kind, {_school(table)}::VARCHAR AS school_id, {grade}::VARCHAR AS grade, count(*) AS \"count\" "
        f"FROM {table.name} SEMI JOIN recounted USING (district_id) GROUP BY ALL"
    )


def _school(table: Table) -> str:
    """The one school of a record, so that each record counts once: the primary school, or the only one of several."""
    columns = _columns(table)
    if "school_id" in columns:
        return "school_id"
    return "CASE WHEN len(school_ids) = 1 THEN school_ids[1] END" if "school_ids" in columns else "NULL"


def _grade(table: Table) -> str:
    return "grade" if "grade" in _columns(table) else "NULL"


def _columns(table: Table) -> set[str]:
    return {field.column for field in table.fields}
