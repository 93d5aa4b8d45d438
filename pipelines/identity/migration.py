"""Import Clever's migration CSVs into the crosswalk: staged by their headers, compared with what the API returned, reported per row."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.identity.csv_files import CsvFile, UnusableFileError, new_file, opened, plain
from pipelines.progress import Report, Stage
from pipelines.warehouse import Session, Warehouse, WarehouseError, heirs

COLUMNS = {
    "role_id": "role_id",
    "user_id": "user_id",
    "role": "role",
    "district": "district_id",
    "district_id": "district_id",
}
"""The headers that are known, each with the column that it is. Known of Clever's files are role_id (the legacy id) and user_id
(the v3 id), by the public code of an application that used them; role and district are read where they are there."""

REQUIRED = ("role_id", "user_id")
"""The columns that a migration CSV must have."""

VERDICTS = ("new", "agreeing", "contradicting", "misplaced", "repeated", "malformed")
"""Possible verdicts on a row."""


class UnknownImportError(WarehouseError):
    """There is no such import to revert."""


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """Result of one migration CSV."""

    name: str
    rows: Mapping[str, int]
    """Rows by verdict."""
    passed_over: Sequence[str]
    """Headers of columns that are not known and were not read."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Result of an import."""

    import_id: str | None
    """None if the crosswalk already had all links of the files."""
    files: Sequence[ImportedFile]
    entered: int
    """Links that were not in the crosswalk and are now."""
    left: int
    """Links that left it with the import that was replaced."""
    placed: int
    """Links of unknown role or district of which these are known now."""


def import_migration(
    warehouse: Warehouse,
    files: Sequence[Path],
    import_id: str,
    *,
    replaced: str | None = None,
    report_file: Path,
    report: Report,
) -> ImportResult:
    """Bring the links of migration CSVs into the crosswalk, write the report and publish; ``replaced`` is taken back with it.

    A link that API v3 has shown stays as it is. One that it has not shown enters with the source migration_csv and is not
    current, also where it contradicts the API; nothing is chosen by that.

    Raises:
        UnusableFileError: a file is missing, lacks a column that it must have or has a line that cannot be read, or the report
            exists already; nothing was begun.
        UnknownImportError: there is no import ``replaced``, or it was taken back before; nothing was changed.
        WarehouseError: nothing was imported.
    """
    with opened(files) as found, _extracted(found) as extracts, new_file(report_file):

        def run(session: Session) -> ImportResult:
            report(Stage("reading the files"))
            _read(session, extracts)
            report(Stage("comparing"))
            with session.transaction():
                if replaced is not None:
                    _take_back(session, replaced)
                session.run("migration/judge", import_id=import_id)
                is_new = session.rows("migration/is_new") == [(True,)]
                if is_new:
                    session.run("migration/enter", import_id=import_id, observed_at=session.clock.now())
                entered = left = placed = 0
                if is_new or replaced is not None:
                    report(Stage("applying"))
                    entered, left, placed = _derive(session)
                session.run("migration/report", report=str(report_file))
            rows: dict[str, dict[str, int]] = {file.name: {} for file in found}
            for name, verdict, count in session.rows("migration/counts"):
                rows[name][verdict] = count
            if is_new or replaced is not None:
                report(Stage("publishing"))
                session.publish()
            imported = [ImportedFile(file.name, rows[file.name], _others(file)) for file in found]
            return ImportResult(import_id if is_new else None, imported, entered, left, placed)

        return warehouse.write(import_id, run, report)


def take_back(warehouse: Warehouse, import_id: str, change_id: str, report: Report) -> int:
    """Revert one import: remove the links that only it has from the crosswalk. Links that API v3 has returned stay.

    Returns:
        How many links left the crosswalk.

    Raises:
        UnknownImportError: there is no such import, or it was taken back before; nothing was changed.
        WarehouseError: nothing was changed.
    """

    def run(session: Session) -> int:
        report(Stage("applying"))
        with session.transaction():
            _take_back(session, import_id)
            _, left, _ = _derive(session)
        report(Stage("publishing"))
        session.publish()
        return left

    return warehouse.write(change_id, run, report)


def _take_back(session: Session, import_id: str) -> None:
    """Remove what an import reported."""
    if session.rows("imports/is_import", import_id=import_id) != [(True,)]:
        message = (
            f"There is no import {import_id} to revert, so nothing was changed. "
            "Run `clever-warehouse import-migration --list` to see the imports."
        )
        raise UnknownImportError(message)
    session.run("imports/take_back", import_id=import_id, observed_at=session.clock.now())


def _derive(session: Session) -> tuple[int, int, int]:
    """Update the crosswalk and the heirs from the imports; return the number of links added, removed, and placed in a role or district."""
    heirs.begin(session)
    heirs.place_told_links(session)
    heirs.find_heirs(session)
    ((entered, left, placed),) = session.rows("imports/changes")
    return entered, left, placed


@contextmanager
def _extracted(files: Sequence[CsvFile]) -> Iterator[list[tuple[CsvFile, Path]]]:
    """Each file with its known columns in a form for DuckDB; all of them have been read to their end."""
    with tempfile.TemporaryDirectory(prefix="clever-warehouse-") as folder:
        extracts = []
        for number, file in enumerate(files):
            target = Path(folder, f"{number:05d}.csv")
            positions = _positions(file)
            try:
                file.extract(
                    [positions.get(column) for column in dict.fromkeys(COLUMNS.values())], target, blank_lines=False
                )
            except UnusableFileError as error:
                raise UnusableFileError(f"{error} Nothing was imported.") from None
            extracts.append((file, target))
        yield extracts


def _positions(file: CsvFile) -> dict[str, int]:
    """Where the known columns of a migration CSV are."""
    positions, _ = file.positions(COLUMNS)
    missing = [column for column in REQUIRED if column not in positions]
    if missing:
        message = (
            f"{file.name} has no column {' and no column '.join(missing)}; a migration CSV has role_id (the legacy id) and user_id "
            "(the v3 id). Nothing was imported."
        )
        raise UnusableFileError(message)
    header = [plain(column) for column in file.header]
    for column in REQUIRED:
        if header.count(column) > 1:
            raise UnusableFileError(f"{file.name} has the column {column} more than once. Nothing was imported.")
    return positions


def _others(file: CsvFile) -> list[str]:
    """The headers of the columns that are not read."""
    _, others = file.positions(COLUMNS)
    return others


def _read(session: Session, extracts: Sequence[tuple[CsvFile, Path]]) -> None:
    """Lay the rows of the files out."""
    session.run("migration/tables")
    for file, extract in extracts:
        session.run(
            "migration/read",
            file=str(extract),
            file_name=file.name,
            is_of_one_district=file.is_in_zip,
            file_district_id=file.id_in_name,
        )
