"""The data-quality rules: each is a file of sql/checks, or is generated from the declarations of the record types.

The query of a rule returns the records that break it.
"""

import re
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from pipelines.records import CATALOG, Table
from pipelines.warehouse import tables
from pipelines.warehouse.database import open_database
from pipelines.warehouse.statements import FOLDER


@dataclass(frozen=True, slots=True)
class Check:
    """A rule for the rows of one table."""

    table: str
    name: str
    """Unique over all tables: findings have the name of the rule without the table."""
    description: str
    """The rule as a sentence: the file's first line."""
    severity: str
    """error or warning: the file's second line."""
    is_across_districts: bool
    """Whether what it finds in a district may depend on the rows of another: the file's third line may say so."""
    query: str
    """Returns district_id and record_id of each record that breaks the rule, and related_id if the finding is about another record
    too. A record may occur more than once, but with only one related_id.
    """

    def may_find_others(self, changed: Collection[str]) -> bool:
        """Whether the rule may find something else than before, if of the tables with history only these changed."""
        same = {table.name for table in tables.with_history()}.difference(changed)
        same |= {f"past.past_{name}" for name in same} | {lookup.name for lookup in CATALOG.lookups}
        return "current_date" in self.query or not _relations()[self.name] <= same


@cache
def checks() -> tuple[Check, ...]:
    """Return every rule, sorted by table and name."""
    written = [
        _read(table.name, file.stem, file.read_text(encoding="utf-8"))
        for table in _folders()
        for file in table.glob("*.sql")
    ]
    generated = [check for table in CATALOG.tables if (check := _dates_are_readable(table))]
    return tuple(sorted((*written, *generated), key=lambda check: (check.table, check.name)))


@cache
def _relations() -> Mapping[str, frozenset[str]]:
    """By rule, the tables and views that it reads, with their schema where it is named."""
    with closing(open_database()) as connection:
        return {
            check.name: _read_by(
                msgspec.json.decode(connection.execute("SELECT json_serialize_sql(?)", [check.query]).fetchall()[0][0])
            )
            for check in checks()
        }


def _read_by(syntax: object) -> frozenset[str]:
    """The relations in the syntax tree of a query, without those that it defines itself."""
    read: set[str] = set()
    defined: set[str] = set()
    nodes = [syntax]
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            nodes += node
        elif isinstance(node, dict):
            nodes += node.values()
            if node.get("type") == "BASE_TABLE":
                read.add(".".join(part for part in (node["schema_name"], node["table_name"]) if part))
            if "cte_map" in node:
                defined.update(entry["key"] for entry in node["cte_map"]["map"])
    return frozenset(read - defined)


def _folders() -> list[Path]:
    return sorted(folder for folder in (FOLDER / "checks").iterdir() if folder.is_dir())


def _read(table: str, name: str, text: str) -> Check:
    heading = re.match(
        r"-- (?P<description>[^\n]+)\n-- severity: (?P<severity>error|warning)\n(?P<across>-- across districts\n)?",
        text,
    )
    if heading is None:
        message = f"sql/checks/{table}/{name}.sql must begin with a line that says the rule and a line `-- severity: error` or `warning`."
        raise ValueError(message)
    return Check(
        table=table,
        name=name,
        description=heading["description"],
        severity=heading["severity"],
        is_across_districts=heading["across"] is not None,
        query=text[heading.end() :].strip().rstrip(";"),
    )


def _dates_are_readable(table: Table) -> Check | None:
    """Return the rule that all dates and times of a table can be read, if it has any."""
    fields = [field for field in table.fields if field.kind.is_parsed]
    if not fields:
        return None
    paths = ", ".join(f"'$.{field.path}'" for field in fields)
    return Check(
        table=table.name,
        name=f"dates_of_{table.name}_are_readable",
        description=f"Every date and time can be read: {', '.join(field.column for field in fields)}. "
        "One that cannot be read is NULL, and its text is in extra.",
        severity="warning",
        is_across_districts=False,
        query=f"""SELECT district_id, {table.id_column} AS record_id
FROM {table.name}
WHERE extra IS NOT NULL AND list_contains(json_type(extra, [{paths}]), 'VARCHAR')""",
    )
