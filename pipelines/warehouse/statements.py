"""Where the text of sql/ comes from: a statement by name, with a table's own columns filled in."""

from functools import cache
from pathlib import Path
from string import Template

import sqlalchemy as sa

FOLDER = Path(__file__).resolve().parents[2] / "sql"
"""The folder of SQL text; it stands beside pipelines/ in a checkout and in an installed wheel."""

NOT_COMPARED = frozenset({"first_seen_at", "last_modified_at", "valid_from", "change"})
"""Columns that do not make another version: when the warehouse saw the row, and Clever's own time stamp."""


@cache
def statement(name: str) -> str:
    """The text of ``sql/<name>.sql``."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


HEIRS = "heir_of_every_id"
"""The name of the relation that views and macros share: a file of sql/heirs without a semicolon, and $ before it where it is read."""


@cache
def definition(name: str) -> str:
    """The text of ``sql/<name>.sql``, a view or macro, with the shared relation in its place."""
    lines = [line for line in statement(f"heirs/{HEIRS}").splitlines() if not line.startswith("--")]
    indented = "\n    ".join(lines)
    return statement(name).replace(f"${HEIRS}", f"\n    {indented}\n")


@cache
def statement_for(name: str, table: sa.Table) -> str:
    """The text of ``sql/<name>.sql`` for a table: its name, key and compared columns in place of the $words."""
    key = [column.name for column in table.primary_key]
    compared = [column.name for column in table.columns if column.name not in NOT_COMPARED and not column.primary_key]

    def listed(columns: list[str], owner: str = "") -> str:
        return ", ".join(f"{owner}{column}" for column in columns)

    def same(left: str, right: str) -> str:
        return " AND ".join(f"{left}.{column} = {right}.{column}" for column in key)

    but_extra = [column for column in compared if column != "extra"]
    return Template(statement(name)).substitute(
        table=table.name,
        key=listed(key),
        compared=listed(compared),
        last_modified_at="last_modified_at" if "last_modified_at" in table.columns else "NULL::TIMESTAMPTZ",
        staged_but_extra=listed(but_extra, "staged."),
        kept_but_extra=listed(but_extra, "kept."),
        difference_is_kept=same("difference", "kept"),
        difference_is_archived=same("difference", "archived"),
    )
