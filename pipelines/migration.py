"""How Clever's migration CSVs enter the crosswalk: laid out by their headers, judged against what the API showed, reported row by row."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.csv_files import CsvFile, UnusableFileError, new_file, opened, plain
from pipelines.progress import Report, Stage
from pipelines.warehouse import Session, Warehouse

COLUMNS = {
    "role_id": "role_id",
    "user_id": "user_id",
    "role": "role",
    "district": "district_id",
    "district_id": "district_id",
}
"""The headers that are known, each with the column that it is. Known of Clever's files are role_id (the legacy id) and user_id
(the v3 id), by the public code of an application that used them; role and district are read where they are there."""

NEEDED = ("role_id", "user_id")
"""The columns that a migration CSV must have."""

VERDICTS = ("new", "agreeing", "contradicting", "repeated", "malformed")
"""What can be said of a row."""


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """What came of one migration CSV."""

    name: str
    rows: Mapping[str, int]
    """Rows by verdict."""
    passed_over: Sequence[str]
    """Headers of columns that are not known and were not read."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of an import."""

    files: Sequence[ImportedFile]
    entered: int
    """Links that were not in the crosswalk and are now."""
    placed: int
    """Links of unknown role or district of which these are known now."""


def import_migration(
    warehouse: Warehouse, files: Sequence[Path], import_id: str, *, report_file: Path, report: Report
) -> ImportResult:
    """Bring the links of migration CSVs into the crosswalk, write the report and publish.

    A link that API v3 has shown stays as it is. One that it has not shown enters with the source migration_csv and is not
    current, also where it contradicts the API; nothing is chosen by that.

    Raises:
        UnusableFileError: a file is missing, lacks a column that it must have or has a line that cannot be read, or the report
            exists already; nothing was begun.
        WarehouseError: nothing was imported.
    """
    with opened(files) as found, _extracted(found) as extracts, new_file(report_file):

        def run(session: Session) -> ImportResult:
            report(Stage("reading"))
            _read(session, extracts)
            report(Stage("comparing"))
            session.run("migration/judge")
            ((entered, placed),) = session.rows("migration/changes")
            rows: dict[str, dict[str, int]] = {file.name: {} for file in found}
            for name, verdict, count in session.rows("migration/counts"):
                rows[name][verdict] = count
            session.run("migration/report", report=str(report_file))
            if entered or placed:
                report(Stage("applying"))
                imported_at = session.clock.now()
                with session.transaction():
                    session.run("migration/enter", observed_at=imported_at)
                    session.insert("sync.imports", [{"import_id": import_id, "imported_at": imported_at}])
                report(Stage("publishing"))
                session.publish()
            imported = [ImportedFile(file.name, rows[file.name], _others(file)) for file in found]
            return ImportResult(imported, entered, placed)

        return warehouse.write(import_id, run, report)


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
    missing = [column for column in NEEDED if column not in positions]
    if missing:
        message = (
            f"{file.name} has no column {' and no column '.join(missing)}; a migration CSV has role_id (the legacy id) and user_id "
            "(the v3 id). Nothing was imported."
        )
        raise UnusableFileError(message)
    header = [plain(column) for column in file.header]
    for column in NEEDED:
        if header.count(column) > 1:
            raise UnusableFileError(f"{file.name} has the column {column} more than once. Nothing was imported.")
    return positions


def _others(file: CsvFile) -> list[str]:
    """The headers of the columns that are not read."""
    _, others = file.positions(COLUMNS)
    return others


def _read(session: Session, extracts: Sequence[tuple[CsvFile, Path]]) -> None:
    """Lay the rows of the files out."""
    session.run("migration/open")
    for file, extract in extracts:
        session.run(
            "migration/read",
            file=str(extract),
            file_name=file.name,
            is_of_one_district=file.is_in_zip,
            file_district_id=file.id_in_name,
        )
