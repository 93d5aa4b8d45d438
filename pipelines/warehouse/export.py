"""How published tables and views become files for other tools: CSV, CSV that a spreadsheet opens unchanged, or Parquet."""

import difflib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import duckdb
import sqlalchemy as sa

from pipelines.warehouse import tables
from pipelines.warehouse.database import quoted
from pipelines.warehouse.errors import DiskFullError, ExportRefusedError
from pipelines.warehouse.session import translate_errors
from pipelines.warehouse.statements import statement
from pipelines.warehouse.store import Warehouse

PRIVATE: Final = 0o600
"""The mode of an exported file: only its owner may read it."""

BYTE_ORDER_MARK: Final = "\ufeff"
"""What tells Excel that a file is UTF-8."""

SHEET_ROWS: Final = 2**20 - 1
"""Rows that a sheet in Excel holds below the headings."""


class Form(StrEnum):
    """What is written to a file."""

    CSV = "csv"
    """RFC 4180 in UTF-8. A list is JSON, an instant ISO 8601 in UTC, and NULL an empty cell."""
    SPREADSHEET = "spreadsheet"
    """The same, but nothing that a spreadsheet would convert or run, as sql/export/spreadsheet.sql says."""
    PARQUET = "parquet"
    """The columns with their types."""

    @property
    def suffix(self) -> str:
        """The end of a file's name."""
        return ".parquet" if self is Form.PARQUET else ".csv"


CELLS: Final[Mapping[Form, Mapping[str, str]]] = {
    Form.CSV: {"VARCHAR[]": "to_json({})"},
    Form.SPREADSHEET: {
        "VARCHAR": "text_for_spreadsheet({})",
        "VARCHAR[]": "text_for_spreadsheet(array_to_string({}, '; '))",
        "JSON": "text_for_spreadsheet({}::VARCHAR)",
        "BOOLEAN": "CASE {} WHEN true THEN 'yes' WHEN false THEN 'no' END",
        "TIMESTAMP WITH TIME ZONE": "strftime({}, '%Y-%m-%d %H:%M:%S')",
    },
    Form.PARQUET: {},
}
"""The expressions that make the cells of a column, by the type of the column; any other type is written as it is."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A table or view that was written to a file."""

    relation: str
    file: Path
    rows: int


def export(
    warehouse: Warehouse,
    relations: Sequence[str],
    folder: Path,
    form: Form,
    *,
    as_of: str | None = None,
    overwrite: bool = False,
) -> list[Exported]:
    """Write tables and views of the published file to files, each named after its table or view.

    All are of one sync, because the file is opened once. Each file is finished in a folder of its own first, and all are moved to their
    places when the last one is finished.

    Args:
        warehouse: Where the tables and views are published.
        relations: Their names, such as ``students`` or ``sync.runs``.
        folder: Where the files are written; it is created if there is none.
        form: What is written.
        as_of: An instant as DuckDB reads it, for the rows as they were then; without an offset it is in UTC.
        overwrite: Whether files that exist are replaced.

    Raises:
        ExportRefusedError: A name, the instant or a file cannot be used; nothing was written.
        DiskFullError: There is no room for the files; none was written.
        NothingPublishedError: No sync has published a file yet.
    """
    chosen = [_relation(name, has_history=as_of is not None) for name in dict.fromkeys(relations)]
    files = {tables.relation_name(table): folder / f"{tables.relation_name(table)}{form.suffix}" for table in chosen}
    if not overwrite:
        _require_absent(files.values())
    with closing(warehouse.reading()) as connection:
        instant = None if as_of is None else _instant(connection, as_of)
        if form is Form.SPREADSHEET:
            connection.execute(statement("export/spreadsheet"))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            unfinished = tempfile.TemporaryDirectory(dir=folder, prefix=".export-")
        except OSError as error:
            raise ExportRefusedError(f"No file can be written in {folder} ({error.strerror}).") from None
        with unfinished as name:
            try:
                exported = [
                    Exported(relation, file, _write(connection, relation, instant, Path(name, file.name), form))
                    for relation, file in files.items()
                ]
            except DiskFullError:
                raise DiskFullError(str(folder)) from None
            if not overwrite:
                _require_absent(files.values())
            for file in files.values():
                Path(name, file.name).replace(file)
    return exported


def _relation(name: str, *, has_history: bool) -> sa.Table:
    """The table or view of a name."""
    known = {tables.relation_name(table): table for table in tables.published()}
    table = known.get(name.removeprefix("main."))
    if table is None:
        closest = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
        hint = f"did you mean {closest[0]}?" if closest else "sql/README.md lists them."
        raise ExportRefusedError(f"There is no table or view {name}; {hint}")
    if has_history and table not in tables.with_history():
        message = f"{name} keeps no history, so it cannot be exported as of an instant: leave it out, or leave out the instant."
        raise ExportRefusedError(message)
    return table


def _instant(connection: duckdb.DuckDBPyConnection, written: str) -> str:
    """An instant as a literal of SQL."""
    ((instant,),) = connection.execute("SELECT try_cast(? AS TIMESTAMPTZ)::VARCHAR", [written]).fetchall()
    if instant is None:
        message = f"{written} is not an instant: write it as 2026-09-01 or '2026-09-01 08:00:00 America/Chicago', for instance."
        raise ExportRefusedError(message)
    return f"TIMESTAMPTZ '{instant}'"


def _require_absent(files: Iterable[Path]) -> None:
    """Refuse to replace a file."""
    for file in files:
        if file.exists():
            message = f"{file} exists already and was not changed: name another folder, or replace its files with --overwrite."
            raise ExportRefusedError(message)


def _write(connection: duckdb.DuckDBPyConnection, relation: str, instant: str | None, file: Path, form: Form) -> int:
    """Write a table or view to a new file; returns its number of rows."""
    source = relation if instant is None else f"{relation}_as_of({instant})"
    options = "FORMAT parquet" if form is Form.PARQUET else "FORMAT csv, HEADER"
    with translate_errors(f"export of {relation}"):
        described = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM {source})").fetchall()
        cells = [CELLS[form].get(type_, "{}").format(f'"{name}"') for name, type_ in described]
        names = [name for name, _ in described]
        if form is Form.SPREADSHEET:
            names[0] = f"{BYTE_ORDER_MARK}{names[0]}"
        columns = ", ".join(f'{cell} AS "{name}"' for cell, name in zip(cells, names, strict=True))
        query = f"SELECT {columns} FROM {source}"
        ((rows,),) = connection.execute(f"COPY ({query}) TO {quoted(file)} ({options})").fetchall()
    file.chmod(PRIVATE)
    return int(rows)
