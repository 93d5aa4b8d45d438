"""How the declaration becomes text for people: sql/README.md, the analysts' dictionary, and sql/schema.sql.

Run as ``python -m pipelines.warehouse.dictionary`` (make docs); with ``--check`` it writes nothing and says what is not current.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from duckdb_sqlalchemy import Dialect

from pipelines.warehouse import schema, tables
from pipelines.warehouse.checks import checks
from pipelines.warehouse.statements import FOLDER, NOT_COMPARED

SCHEMAS = {
    "main": "The roster, and every legacy id that was ever seen.",
    "sync": "About the syncing itself: what was read, what came of it, what is doubtful. It holds no name, e-mail or birth date.",
    "past": "What history is made of. Query the history by the views and macros above; these tables may change their shape.",
}
"""The schemas in the order of the dictionary, each with a sentence."""

INTRODUCTION = f"""\
# The dictionary

What stands in `warehouse.duckdb`, table by table. This file is generated from the declaration of the tables
(`make docs`); the same comments are in the file itself (`SELECT * FROM duckdb_columns()`). `schema.sql` beside it holds
all definitions as SQL, and `queries/` holds questions that analysts ask, ready to run.

## Opening the file

Open it for reading only, with DuckDB 1.3 or any later version. The file is never written in place: each sync puts a
finished file under the same name.

    duckdb -readonly data/warehouse.duckdb

    import duckdb
    warehouse = duckdb.connect("data/warehouse.duckdb", read_only=True)

An open connection keeps showing the file that it opened, complete and unchanged, however long it stays open. An open reader
never delays a sync, and a sync never delays a reader. DuckDB opens a file once per process: while an old connection is open,
a second `connect` shows the old file too. To see a newer sync in a notebook, restart the kernel, or close every connection of
the process to the file and open it again:

    import duckdb
    warehouse.close()
    warehouse = duckdb.connect("data/warehouse.duckdb", read_only=True)

With DuckDB 1.3 to 1.5, Python needs the package `pytz` to fetch a timestamp ("Required module 'pytz' failed to import"). Run
`pip install pytz`, or cast the column in the query: `valid_from::VARCHAR`. DuckDB 2.0 does not need it.

To copy the whole warehouse into a database of your own, with views, macros and comments:

    ATTACH 'data/warehouse.duckdb' AS warehouse (READ_ONLY);
    ATTACH 'copy.duckdb' AS copy;
    COPY FROM DATABASE warehouse TO copy;

`EXPORT DATABASE` and `IMPORT DATABASE` work with DuckDB 1.4 or any later version; what 1.3 exports, no DuckDB can import.

The macros need the warehouse to be the default database: after `ATTACH 'warehouse.duckdb' AS warehouse (READ_ONLY)`, run
`USE warehouse`. Without it, the `_as_of` macros fail instead of reading tables of another database.

## What to know first

**Times** are TIMESTAMPTZ and mean an instant. DuckDB shows them in the time zone of your session; `SET TimeZone = 'UTC'`
shows UTC. Casting one to DATE uses the session's time zone too, and so does every date or time without an offset that you
compare with an instant or give to `users_as_of`: `'2026-09-01'` is midnight where your session is. Unambiguous are
`'2026-09-01 00:00:00+00'` and `'2026-09-01 00:00:00 America/Chicago'`.

**Text** is as Clever sent it, except that an empty string is NULL. Clever neither verifies nor normalises e-mails: compare
`lower(email)`.

**Lists** such as `roles` and `school_ids` are sorted and never NULL: `list_contains(roles, 'teacher')`, `len(school_ids)`,
`unnest(school_ids)`.

**A person** is one row of `users`, a **role** that a person holds is one row of `user_roles`. Join them by `district_id` and
`user_id`. A person with three roles has three rows in `user_roles`, so count people with `count(DISTINCT user_id)`:

    SELECT users.last_name, user_roles.role, user_roles.title
    FROM users
    JOIN user_roles USING (district_id, user_id);

**A row belongs to a district.** What one district shows never changes the rows of another. Clever's IDs are unique, so an ID in
two districts is a fault of the data: it has a row in each, and a finding. Name the columns you join by: `first_seen_at`, `extra`,
`valid_from` and `change` are in several tables; each describes its own row.

**Legacy ids** are the ids that people had before API v3.0, one a role. `v3_user_id('...')` gives the v3 id that one has, for a
single id and for a column of them. It gives the current user where there is one, else the last one known, else NULL;
`legacy_id_crosswalk` says which of these it is, and since when:

    SELECT app.clever_id, v3_user_id(app.clever_id) AS user_id
    FROM app_users AS app;

`v3_user_id_as_of('...', '2026-09-01 00:00:00+00')` gives the user whose role had the legacy ID at that instant, else the last one
before it. It answers from the role versions of API v3 only: links that only a migration CSV has are not dated.

**What counts as a change of a row.** A sync compares each row, column by column, with the row that the warehouse has. Not
compared are {", ".join(f"`{name}`" for name in sorted(NOT_COMPARED))}:
a change of nothing but `last_modified_at` brings the row up to date and makes no version. In `extra`, another order of keys
or other white space is no change.

**History.** `users` and `user_roles` hold the latest version of what is there now. `users_history` and `user_roles_history` hold every
version there ever was. `FROM users_as_of('2026-09-01 00:00:00+00')` gives the rows as they stood in the warehouse at that
instant, and `user_roles_as_of` likewise. `valid_from` is when a sync put a version of a row into the warehouse, not when somebody changed
it at the district; `change` says how the version came:

| change | meaning |
|---|---|
| created | the key was never seen before; one such version a key, ever |
| updated | a compared column differs from the version before |
| archived | the row is gone from here on: it is not in the current table; history only |
| restored | the row came back after it was archived |

Instants are those of the clock of the machine that synced, and each is later than all before it: after a sync whose clock was
ahead, they may lie in the future for a while. An instant in the future counts as now, so `users_as_of(now())` always gives the
rows of `users`. Order syncs by `sync.runs.sequence`, which no clock decides.

After a rollback, the history is that of the restored file: between `restored_from` and `rolled_back_at` of a row in
`sync.rollbacks`, the as-of macros do not show what was published then.

`valid_to` is when the version ended; NULL says that it is the latest one. A version is valid from `valid_from` up to, and
without, `valid_to`. `first_seen_at` stays the same through absence and return.

**Personal data** is marked in the last column of each table below, with its kind. Columns of kind `unknown` may hold anything
that Clever sends and no column has a place for.
"""
"""What an analyst needs to know before the tables."""


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro of sql/macros."""

    name: str
    parameters: str
    comment: str
    """The comment lines that stand directly before it."""
    gives_table: bool


def macros() -> list[Macro]:
    """The macros that the warehouse has, by file and in the order of each file."""
    pattern = re.compile(
        r"(?P<comment>(?:^-- [^\n]*\n)+)CREATE OR REPLACE MACRO (?P<name>\w+)\((?P<parameters>[^)]*)\) AS(?P<table> TABLE)?\b",
        re.MULTILINE,
    )
    return [
        Macro(
            name=found["name"],
            parameters=found["parameters"],
            comment=" ".join(line.removeprefix("-- ") for line in found["comment"].splitlines()),
            gives_table=bool(found["table"]),
        )
        for file in sorted((FOLDER / "macros").glob("*.sql"))
        for found in pattern.finditer(file.read_text(encoding="utf-8"))
    ]


def questions() -> Mapping[str, str]:
    """The question that each file of sql/queries answers, by the file's name: its first line."""
    return {
        file.name: file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("-- ")
        for file in sorted((FOLDER / "queries").glob("*.sql"))
    }


def dictionary() -> str:
    """The text of sql/README.md."""
    return "\n".join([INTRODUCTION, *_contents(), *_relations(), *_macros(), *_checks(), *_questions()]).rstrip() + "\n"


def schema_text() -> str:
    """The text of sql/schema.sql."""
    heading = "-- Which statements make an empty database into a warehouse without rows. Generated: make docs."
    statements = [definition.strip().removesuffix(";") + ";" for definition in schema.definitions()]
    return _without_trailing_space("\n\n".join([heading, *statements])) + "\n"


def generated() -> Mapping[Path, str]:
    """What each generated file must hold."""
    return {FOLDER / "README.md": dictionary(), FOLDER / "schema.sql": schema_text()}


def outdated() -> list[Path]:
    """The generated files that do not hold what they must."""
    return [
        file for file, text in generated().items() if not file.is_file() or file.read_text(encoding="utf-8") != text
    ]


def relation_name(table: sa.Table) -> str:
    """The name by which a query says the relation."""
    return f"{table.schema}.{table.name}" if table.schema else table.name


def _in_schema(name: str) -> list[sa.Table]:
    return [table for table in tables.metadata.tables.values() if (table.schema or "main") == name]


def _contents() -> Iterator[str]:
    yield "## What there is"
    yield ""
    yield "| relation | what it holds |"
    yield "|---|---|"
    for name in SCHEMAS:
        for table in _in_schema(name):
            said = relation_name(table)
            yield f"| [`{said}`](#{_anchor(said)}) | {_cell(table.comment)} |"
    for macro in macros():
        yield f"| [`{macro.name}({macro.parameters})`](#macros) | {_cell(macro.comment)} |"
    yield ""


def _relations() -> Iterator[str]:
    for name, sentence in SCHEMAS.items():
        found = _in_schema(name)
        if not found:
            continue
        yield f"## Schema `{name}`"
        yield ""
        yield sentence
        yield ""
        for table in found:
            yield from _relation(table)


def _relation(table: sa.Table) -> Iterator[str]:
    yield f"### {relation_name(table)}"
    yield ""
    yield f"{'A view. ' if 'view' in table.info else ''}{table.comment}"
    yield ""
    yield "| column | type | comment | |"
    yield "|---|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | {column_type(column)} | {_cell(column.comment)} | {', '.join(_marks(column))} |"
    yield ""


def column_type(column: sa.Column[Any]) -> str:
    """The type of a column in DuckDB's words."""
    return column.type.compile(dialect=Dialect()).replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")


def _marks(column: sa.Column[Any]) -> Iterator[str]:
    if column.primary_key:
        yield "key"
    if "personal" in column.info:
        yield f"personal: {column.info['personal']}"


def _macros() -> Iterator[str]:
    yield "## Macros"
    yield ""
    yield "| macro | what it gives | where it stands |"
    yield "|---|---|---|"
    for macro in macros():
        call = f"{macro.name}({macro.parameters})"
        where = f"`FROM {call}`" if macro.gives_table else f"`SELECT {call}`"
        yield f"| `{call}` | {_cell(macro.comment)} | {where} |"
    yield ""


def _checks() -> Iterator[str]:
    yield "## Data-quality rules"
    yield ""
    yield (
        "Each rule is a file of `checks/` and a check in the Dagster UI; the records that break it are rows of `sync.findings`. "
        "A finding never stops a sync."
    )
    yield ""
    yield "| rule | table | severity | what must hold |"
    yield "|---|---|---|---|"
    for check in checks():
        yield f"| `{check.name}` | `{check.table}` | {check.severity} | {_cell(check.description)} |"
    yield ""


def _questions() -> Iterator[str]:
    yield "## Questions, ready to run"
    yield ""
    yield (
        "    duckdb -readonly data/warehouse.duckdb < sql/queries/people_by_role_and_district.sql\n\n"
        "Where a question is about one id, day or file, the place for it is at the top."
    )
    yield ""
    yield "| file | question |"
    yield "|---|---|"
    for name, question in questions().items():
        yield f"| [{name}](queries/{name}) | {_cell(question)} |"
    yield ""


def _cell(text: str | None) -> str:
    """Text that may stand in a cell of a Markdown table."""
    return (text or "").replace("|", "\\|").replace("\n", " ")


def _anchor(heading: str) -> str:
    """How a link in Markdown names a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _without_trailing_space(text: str) -> str:
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)


def main(arguments: Sequence[str]) -> int:
    """Write the generated files, or with ``--check`` only say which are not current; gives the exit code."""
    if list(arguments) == ["--check"]:
        for file in outdated():
            sys.stderr.write(f"{file.relative_to(FOLDER.parent)} is not current: run `make docs`.\n")
        return 1 if outdated() else 0
    if arguments:
        sys.stderr.write("usage: python -m pipelines.warehouse.dictionary [--check]\n")
        return 2
    for file, text in generated().items():
        file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
