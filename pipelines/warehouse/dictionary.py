"""Which files are made from the declaration? sql/README.md, the analysts' dictionary, sql/schema.sql, sql/sources.yml, and those in docs/.

Run as ``python -m pipelines.warehouse.dictionary`` (make docs); with ``--check`` it writes nothing and says what is not current.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from pipelines.records import CATALOG, Field, Tier
from pipelines.warehouse import dbt_sources, schema, tables
from pipelines.warehouse.checks import checks
from pipelines.warehouse.data_map import data_map
from pipelines.warehouse.diagram import diagram
from pipelines.warehouse.statements import FOLDER, not_compared

SCHEMAS = {
    "main": "The roster, and every legacy ID that was ever seen.",
    "sync": "About the syncs: what was read, the results, and the findings. It holds no name, e-mail or birth date.",
    "past": "Ended versions. Query the history through the views and macros above: these tables may change.",
}
"""The schemas in the order of the dictionary, each with a sentence."""


TITLE = """\
# The dictionary

What is in `warehouse.duckdb`: questions that analysts ask, ready to run, then how the tables are related, then each table. This file is
generated from the declaration of the tables (`make docs`); the same comments are in the file itself (`SELECT * FROM duckdb_columns()`).
`schema.sql` has all definitions as SQL, and `sources.yml` describes the tables and views to dbt.
"""


def _introduction() -> str:
    return f"""\
## Opening the file

Open it for reading only, with DuckDB 1.3 or any later version. The file is never changed in place: each sync publishes a
new file under the same name.

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

An encrypted file needs its key: [how to open it](../docs/privacy.md#open-an-encrypted-file).

## What to know first

**Times** are TIMESTAMPTZ and mean an instant. DuckDB shows them in the time zone of your session; `SET TimeZone = 'UTC'`
shows UTC. Casting one to DATE uses the session's time zone too, and so does every date or time without an offset that you
compare with an instant or give to `users_as_of`: `'2026-09-01'` is midnight where your session is. Write
`'2026-09-01 00:00:00+00'` or `'2026-09-01 00:00:00 America/Chicago'` instead.

**Text** is as Clever sent it, except that an empty string is NULL. Clever neither verifies nor normalizes e-mails: compare
`lower(email)`.

**Lists** such as `roles` and `school_ids` are sorted and never NULL: `list_contains(roles, 'teacher')`, `len(school_ids)`,
`unnest(school_ids)`.

**People.** `users` has one row per person and district. `user_roles` has one row per role of a person, with what roles have in
common: legacy ID, `sis_id`, title, and schools. Each role has a table of its own, with every field that Clever documents for it:
{_role_tables()}. A person with three roles has one row in `users`, three in `user_roles`, and one in each of three role tables, so
count people with `count(DISTINCT user_id)`. Join these tables by `district_id` and `user_id`:

    SELECT users.last_name, students.grade, students.dob
    FROM users
    JOIN students USING (district_id, user_id);

A column of a role table is NULL if Clever did not send the field. Columns that only API v3.1 has are always there.

**Lists of objects** have tables of their own: {_list_tables()}. Clever gives their items no ID, so a row is identified by all of
its columns together: a changed item is an archived row and a new one, and an item that Clever sends twice is one row. Compare
columns that may be NULL with `IS NOT DISTINCT FROM`.

**References** such as `student_id` and `school_ids` may lead nowhere, because districts share only some of their records. Use
`LEFT JOIN`.

**Views for analysts.** `student_roster`, `section_rosters`, `student_contacts`, `staff_directory`, and `enrollment_by_grade` join these
tables correctly; start with them. They show what is in Clever now. Whether a term is in progress depends on today's date in the
time zone of your session: `SET TimeZone = 'America/Chicago'` if that is not the district's.

**Fields without a column.** `extra` has, as JSON, what Clever sent and no column holds, under Clever's names: fields that its
specifications do not list, values of another type than documented, and dates that cannot be read. A documented field with a value
that is not documented keeps it in its column. `sync.drift` counts these records by path, without values (see
[Kinds of drift](#kinds-of-drift)).

**A row belongs to a district.** What one district shows never changes the rows of another. Clever's IDs are unique, so an ID in
two districts is an error in the data: it has a row in each, and a finding. Name the columns you join by: `first_seen_at`, `extra`,
`valid_from` and `change` are in several tables; each describes its own row.

**Legacy IDs** are the IDs that people had before API v3.0, one per role. `v3_user_id('...')` returns the v3 ID of a legacy ID, for a
single ID or for a column of them: the current user if there is one, else the last one known, else NULL.
`legacy_id_crosswalk` shows which of these it is, and since when:

    SELECT app.clever_id, v3_user_id(app.clever_id) AS user_id
    FROM app_users AS app;

`v3_user_id_as_of('...', '2026-09-01 00:00:00+00')` gives the user whose role had the legacy ID at that instant, else the last one
before it. It answers from the role versions of API v3 only: links that only a migration CSV has are not dated.

**What counts as a change of a row.** A sync compares each row, column by column, with the row that the warehouse has. These columns
are not compared: {", ".join(f"`{name}`" for name in sorted({name for table in tables.with_history() for name in not_compared(table)}))}.
A change of nothing but `last_modified_at` updates the row without a new version. In `extra`, a different order of keys
or different white space is not a change.

**History.** A table holds the latest version of each row that is in Clever now. `<table>_history` holds every version, and
`FROM <table>_as_of('2026-09-01 00:00:00+00')` returns the rows as they were in the warehouse at that instant, for instance
`students_as_of`. All tables of people have both. `valid_from` is when a sync wrote a version to the warehouse, not when someone
changed the record at the district; `change` says what happened:

| change | meaning |
|---|---|
| created | the key was never seen before; there is one such version per key |
| updated | a compared column differs from the version before |
| archived | the row is gone from here on: it is not in the current table; history only |
| restored | the row came back after it was archived |

Instants are those of the clock of the machine that synced, and each is later than all before it: after a sync whose clock was
ahead, they may lie in the future for a while. An instant in the future is treated as now, so `users_as_of(now())` always gives the
rows of `users`. Order syncs by `sync.runs.sequence`, which does not depend on a clock.

After a rollback, or a restore of a backup, the history is that of the restored file: between `restored_from` and
`rolled_back_at` of a row in `sync.rollbacks`, the as-of macros do not show what was published then.

`valid_to` is when the version ended; NULL says that it is the latest one. A version is valid from `valid_from` up to, and
without, `valid_to`. `first_seen_at` stays the same through absence and return.

**Sensitivity.** Every column has a tier:

{_tier_rows()}
"""


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return ", ".join(quoted[:-1]) + (f", and {quoted[-1]}" if len(quoted) > 1 else "".join(quoted))


def _role_tables() -> str:
    return _listed([table.name for table in tables.ROLE_TABLES])


def _list_tables() -> str:
    return _listed([table.name for table in CATALOG.tables if table.is_list])


def _tier_rows() -> str:
    meanings = {
        Tier.PUBLIC: "about schools and districts, not about a person",
        Tier.INTERNAL: "opaque Clever IDs and instants, and what says little about a person",
        Tier.IDENTIFIER: "names, e-mail addresses, phone numbers, addresses, usernames, and SIS IDs",
        Tier.SENSITIVE: "birth date, gender, race, language, disability, income status, and the like",
        Tier.UNKNOWN: "anything that a district or Clever may send",
    }
    return "\n".join(["| tier | what it is |", "|---|---|", *(f"| {tier.value} | {meanings[tier]} |" for tier in Tier)])


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
        for text in schema.macros()
        for found in pattern.finditer(text)
    ]


def questions() -> Mapping[str, str]:
    """The question that each file of sql/queries answers, by the file's name: its first line."""
    return {
        file.name: file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("-- ")
        for file in sorted((FOLDER / "queries").glob("*.sql"))
    }


def dictionary() -> str:
    """The text of sql/README.md."""
    return (
        "\n".join(
            [
                TITLE,
                *_questions(),
                _introduction(),
                *_diagram(),
                *_contents(),
                *_documented_values(),
                *_drift_kinds(),
                *_not_kept(),
                *_relations(),
                *_macros(),
                *_checks(),
            ]
        ).rstrip()
        + "\n"
    )


def schema_text() -> str:
    """The text of sql/schema.sql."""
    heading = "-- Which statements make an empty database into a warehouse without rows. Generated: make docs."
    statements = [definition.strip().removesuffix(";") + ";" for definition in schema.definitions()]
    return _without_trailing_space("\n\n".join([heading, *statements])) + "\n"


def generated() -> Mapping[Path, str]:
    """What each generated file must hold."""
    return {
        FOLDER / "README.md": dictionary(),
        FOLDER / "schema.sql": schema_text(),
        FOLDER / "sources.yml": dbt_sources.sources(),
        FOLDER.parent / "docs" / "data-map.md": data_map(),
        FOLDER.parent / "docs" / "pictures" / "tables.svg": diagram(tables.assets()),
    }


def outdated() -> list[Path]:
    """The generated files that do not hold what they must."""
    return [
        file for file, text in generated().items() if not file.is_file() or file.read_text(encoding="utf-8") != text
    ]


def _in_schema(name: str) -> list[sa.Table]:
    return [table for table in tables.metadata.tables.values() if (table.schema or "main") == name]


def _contents() -> Iterator[str]:
    yield "## What there is"
    yield ""
    yield "| relation | what it holds |"
    yield "|---|---|"
    for name in SCHEMAS:
        for table in _in_schema(name):
            said = tables.relation_name(table)
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


def _diagram() -> Iterator[str]:
    yield "## How the tables are related"
    yield ""
    picture = "../docs/pictures/tables.svg"
    yield f"[![The tables with their keys, and a line from each column to the table that it refers to]({picture})]({picture})"
    yield ""
    yield (
        "Underlined columns are the key of a table, together with `district_id`, which is part of every key and not shown. A line leads "
        "from a column to the table that it refers to; where it forks, several rows may refer to one, or one to several. Every reference "
        "is within a district: join by `district_id`, too. A reference may lead nowhere, because districts share only a part of their "
        "records."
    )
    yield ""


def _documented_values() -> Iterator[str]:
    yield "## Documented values"
    yield ""
    yield (
        "The values that Clever's specifications list. A column may hold others, which `sync.drift` counts as `unknown_value`; a role "
        "that is not documented is in `extra` instead."
    )
    yield ""
    yield "| table | column | values |"
    yield "|---|---|---|"
    for _stream, table, field in CATALOG.fields():
        if field.values:
            yield f"| `{table.name}` | `{field.column}` | {_cell(_values(field))} |"
    yield ""


def _values(field: Field) -> str:
    """The documented values of a field; many of them by the lookup that has them."""
    found = CATALOG.lookup_of(field)
    lookup = f"`{'.'.join(found)}`" if found else ""
    if lookup and len(field.values) > tables.MOST_VALUES:
        return f"the {len(field.values)} values of {lookup}"
    case = "in upper or lower case: " if field.ignores_case else ""
    return f"{case}{', '.join(field.values)}{f' (in order: {lookup})' if lookup else ''}"


def _drift_kinds() -> Iterator[str]:
    yield "## Kinds of drift"
    yield ""
    yield "How `sync.drift` says that records differ from Clever's specifications, or from what they were:"
    yield ""
    yield "| kind | meaning |"
    yield "|---|---|"
    for kind, meaning in {**tables.DRIFT_KINDS, **tables.CHANGE_KINDS}.items():
        yield f"| {kind} | {meaning} |"
    yield ""


def _not_kept() -> Iterator[str]:
    yield "## What Clever sends and no table keeps"
    yield ""
    yield "Fields that Clever documents and that are neither in a column nor in `extra`, by stream:"
    yield ""
    for stream in CATALOG.record_streams:
        paths = ", ".join(f"`{path}`" for path in stream.not_kept)
        yield f"- `{stream.name}`: {paths or 'none. Every documented field has a column.'}"
    yield ""


def _relation(table: sa.Table) -> Iterator[str]:
    yield f"### {tables.relation_name(table)}"
    yield ""
    yield f"{'A view. ' if 'view' in table.info else ''}{table.comment}"
    yield ""
    has_sources = any(column.info["sources"] for column in table.columns)
    yield f"| column | type | key | tier |{' Clever field |' if has_sources else ''} comment |"
    yield f"|---|---|---|---|{'---|' if has_sources else ''}---|"
    for column in table.columns:
        key = "key" if tables.is_key(column) else ""
        fields = f" {_cell(', '.join(column.info['sources']))} |" if has_sources else ""
        yield (
            f"| `{column.name}` | {tables.column_type(column)} | {key} | {column.info['tier'].value} |{fields} {_cell(column.comment)} |"
        )
    yield ""


def _macros() -> Iterator[str]:
    yield "## Macros"
    yield ""
    yield "| macro | what it returns | how to call it |"
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
        "Each rule is a check in the Dagster UI; the records that break it are rows of `sync.findings`. A rule is a file of `checks/`, "
        "or is generated from the record types (`dates_of_…_are_readable`). A finding never stops a sync."
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
        "If a question is about one ID, day or file, set it at the top of the file."
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
