"""Where the text of sql/ comes from: a statement by name, with a table's own columns filled in."""

import re
from functools import cache
from pathlib import Path
from string import Template
from typing import Final

import sqlalchemy as sa

from pipelines.records import CATALOG

FOLDER = Path(__file__).resolve().parents[2] / "sql"
"""The folder of SQL text; it is next to pipelines/ in a checkout and in an installed wheel."""


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


def definition_for(name: str, table: str, versions: str) -> str:
    """The text of ``sql/<name>.sql``, a view or macro of a table with history; ``versions`` names the view of all versions."""
    return Template(statement(name)).substitute(table=table, versions=versions)


@cache
def inputs(name: str) -> frozenset[str]:
    """The variables that ``sql/<name>.sql`` reads: each call of the statement gives exactly these."""
    return frozenset(re.findall(r"getvariable\('(\w+)'\)", statement(name)))


VERSION_COLUMNS: Final = frozenset({"first_seen_at", "valid_from", "change"})
"""Columns that say when the warehouse saw a row; they are not compared."""


def not_compared(table: sa.Table) -> list[str]:
    """The columns of a table whose change alone makes no version of a row."""
    return [column.name for column in table.columns if column.name in VERSION_COLUMNS.union(table.info["operational"])]


@cache
def statement_for(name: str, table: sa.Table) -> str:
    """The text of ``sql/<name>.sql`` for a table with history: its name, key and compared columns in place of the $words."""
    key = list(table.info["row_key"])
    operational = list(table.info["operational"])
    compared = [column.name for column in table.columns if column.name not in {*not_compared(table), *key}]
    json = [column for column in compared if isinstance(table.columns[column].type, sa.JSON)]

    def listed(columns: list[str], owner: str = "") -> str:
        return ", ".join(f'{owner}"{column}"' for column in columns)

    def row(columns: list[str], owner: str = "") -> str:
        return f"row({listed(columns, owner)})" if columns else "NULL"

    def same(left: str, right: str) -> str:
        return " AND ".join(
            f'{left}."{column}" {"IS NOT DISTINCT FROM" if table.columns[column].nullable else "="} {right}."{column}"'
            for column in key
        )

    return Template(statement(name)).substitute(
        table=table.name,
        stream=table.info["stream"],
        endpoint=CATALOG.stream(table.info["stream"]).endpoint,
        id_column=f'"{table.info["id_column"]}"',
        key=listed(key),
        staged_key=listed(key, "staged."),
        kept_key=listed(key, "kept."),
        compared=row(compared),
        staged_compared=row(compared, "staged."),
        operational=row(operational),
        staged_operational=row(operational, "staged."),
        kept_operational=row(operational, "kept."),
        roles="array_to_string(roles, ',')" if "roles" in table.columns else "NULL",
        set_operational=", ".join(f'"{column}" = staged."{column}"' for column in operational),
        staged_but_json=row([column for column in compared if column not in json], "staged."),
        kept_but_json=row([column for column in compared if column not in json], "kept."),
        same_json=" AND ".join(
            f'leaves(staged."{column}") IS NOT DISTINCT FROM leaves(kept."{column}")' for column in json
        ),
        staged_is_kept=same("staged", "kept"),
        staged_is_archived=same("staged", "archived"),
        ended_is_kept=same("ended", "kept"),
        difference_is_kept=same("difference", "kept"),
        difference_is_archived=same("difference", "archived"),
    )
