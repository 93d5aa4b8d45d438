"""How long history is kept: what ended or was gone before an instant is removed, but no ID is forgotten."""

from datetime import datetime
from string import Template

import sqlalchemy as sa

from pipelines.records import Tier
from pipelines.warehouse import tables
from pipelines.warehouse.session import Session
from pipelines.warehouse.statements import statement

SAYS_MORE = frozenset({Tier.IDENTIFIER, Tier.SENSITIVE, Tier.UNKNOWN})
"""The tiers of columns that say more of somebody than an ID."""


def forget_history(session: Session, before: datetime) -> None:
    """Remove every version that ended before an instant, and empty identifier, sensitive and unknown columns of what was gone by then.

    Raises:
        StatementError: nothing was removed.
    """
    with session.transaction():
        session.set(before=before)
        for table in tables.with_history():
            session.execute(Template(statement("retention/ended")).substitute(table=table.name), "retention/ended")
            if columns := _emptied(table):
                text = Template(statement("retention/gone")).substitute(
                    table=table.name,
                    emptied=", ".join(f'"{column}" = NULL' for column in columns),
                    holds=" OR ".join(f'"{column}" IS NOT NULL' for column in columns),
                )
                session.execute(text, "retention/gone")


def _emptied(table: sa.Table) -> list[str]:
    """The columns of a table that are emptied: those of its key are not, by which a row is known when it returns."""
    return [
        column.name
        for column in table.columns
        if column.info["tier"] in SAYS_MORE and column.nullable and not tables.is_key(column)
    ]
