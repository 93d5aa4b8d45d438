"""What is stored about whom, column by column: docs/data-map.md, made from the declaration of the tables."""

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

from pipelines.records import Tier, Treatment
from pipelines.warehouse import tables
from pipelines.warehouse.reduced import EMPTY

HEAD: Final = """\
# Data map

Every column that the warehouse stores, with its sensitivity tier, the field of Clever's records that it comes from, and what the
[de-identified copy](privacy.md#de-identified-copy) has in its place. This file is generated from the declaration of the tables
(`make docs`).

The columns of a table and of its history are in `warehouse.duckdb`, in `state/work.duckdb`, and in the files that are kept for
rollbacks (`state/published/`). What Clever sent, with fields that no column keeps, is in landing files (`state/landing/`). All of these
are plain, unless you turn on [encryption at rest](privacy.md#encryption-at-rest).
[How long data are kept](privacy.md#how-long-data-are-kept) says for how long, and
[who may open a file](privacy.md#who-may-open-a-file) who can read it. Logs, Dagster's events and error messages hold IDs and counts
only.
"""


def data_map() -> str:
    """The text of docs/data-map.md."""
    stored = [table for table in tables.stored() if table.schema != "past"]
    columns = [column for table in stored for column in table.columns]
    counted = ", ".join(f"{sum(column.info['tier'] is tier for column in columns)} {tier.value}" for tier in Tier)
    parts = [HEAD, f"{len(columns)} columns: {counted}.\n"]
    parts += [
        "\n".join([f"## {tables.relation_name(table)}", "", str(table.comment), "", *_rows(table), ""])
        for table in stored
    ]
    return "\n".join(parts)


def _rows(table: sa.Table) -> Iterator[str]:
    yield "| column | tier | from Clever | de-identified |"
    yield "|---|---|---|---|"
    for column in table.columns:
        sources = ", ".join(f"`{path}`" for path in column.info["sources"]) or "-"
        yield f"| `{column.name}` | {column.info['tier'].value} | {sources} | {_treated(table, column)} |"


def _treated(table: sa.Table, column: sa.Column[object]) -> str:
    if table.schema == "sync" and table.name in EMPTY:
        return "no rows"
    treatment: Treatment = column.info["treatment"]
    if column.info["tier"] is Tier.SENSITIVE and treatment is not Treatment.AGE:
        return f"withheld; if asked for: {treatment.value}"
    return treatment.value
