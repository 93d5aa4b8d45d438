"""How the difference of one table is found, verified and written to the lake, in the transaction of a batch."""

from collections.abc import Sequence
from string import Template
from typing import Any

import duckdb

from pipelines.warehouse.errors import LakeError
from pipelines.warehouse.lake.relations import LakeTable
from pipelines.warehouse.statements import statement


class RefusedError(LakeError):
    """What would be committed is wrong; another try would find the same."""


def run(connection: duckdb.DuckDBPyConnection, name: str, **words: str) -> list[tuple[Any, ...]]:
    """Run ``sql/lake/<name>.sql`` with some words in their places; gives the rows of its last statement."""
    return connection.execute(Template(statement(f"lake/{name}")).substitute(words)).fetchall()


def find_difference(connection: duckdb.DuckDBPyConnection, table: LakeTable, condition: str) -> None:
    """Put into the temporary table ``difference`` which rows of a table were added (side > 0) and removed (side < 0)."""
    run(
        connection,
        "difference",
        written=table.rows_of("written"),
        former=table.rows_of("former"),
        condition=condition,
    )


def write_difference(connection: duckdb.DuckDBPyConnection, table: LakeTable, *, is_shared: bool = False) -> bool:
    """Write the rows of ``difference``; gives whether there were any.

    With ``is_shared``, other workers write the same rows: what they have removed or added already is no fault.

    Raises:
        RefusedError: the rows that would be written are not what they must be.
    """
    ((added, removed),) = connection.execute(
        "SELECT count(*) FILTER (side > 0), count(*) FILTER (side < 0) FROM difference"
    ).fetchall()
    if removed:
        ((deleted,),) = run(connection, "delete", table=table.name, same=_same(table.key, "kept", "gone"))
        if deleted != removed and not is_shared:
            raise RefusedError(_fault(table, f"{removed} rows were to be replaced, and {deleted} were found"))
    if added and is_shared:
        run(connection, "forget_known", table=table.name, same=_same(table.key, "added", "kept"))
    if added:
        missing = " OR ".join(f'"{column}" IS NULL' for column in table.required) or "false"
        ((known, keys, rows, values),) = run(
            connection,
            "faults",
            table=table.name,
            same=_same(table.key, "written", "kept"),
            key=_listed(table.key),
            missing=missing,
        )
        if rows or values or (table.is_keyed and (known or keys)):
            raise RefusedError(
                _fault(
                    table,
                    f"of {added} rows, {known} have a known key, {keys + rows} occur twice, {values} lack a value",
                )
            )
        order = _listed(("district_id", *table.key) if table.has_district else table.key)
        run(connection, "insert", table=table.name, order=order)
    return bool(added or removed)


def _same(columns: Sequence[str], left: str, right: str) -> str:
    return " AND ".join(f'{left}."{column}" IS NOT DISTINCT FROM {right}."{column}"' for column in columns)


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in dict.fromkeys(columns))


def _fault(table: LakeTable, what: str) -> str:
    return (
        f"{table.relation}: {what}, so nothing was committed to the lake. Run `clever-warehouse doctor`; if the next sync fails the same "
        "way, please report it."
    )
