"""How CSV files of other people's are opened: plain or in a zip, their header first, whatever its order; the rows are DuckDB's."""

import csv
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

DELIMITERS = (",", ";", "\t", "|")
"""What may stand between two columns; the first that finds the most columns does."""

_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])")


class UnusableFileError(Exception):
    """A file is missing or is not what was asked for; the message names the file or column and quotes nothing of its rows."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file and its header."""

    name: str
    """As the person who named it knows it; for a file in a zip, the zip's name and the file's."""
    path: Path
    header: Sequence[str]
    delimiter: str
    is_in_zip: bool = False

    @property
    def id_in_name(self) -> str | None:
        """The one Clever id that the file's name holds, if it holds one."""
        found = set(_ID.findall(self.name.rpartition("/")[2].lower()))
        return found.pop() if len(found) == 1 else None

    def read_as(self, known: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
        """The columns as DuckDB reads them, and which are passed over.

        ``known`` gives the name for each header that is wanted; the first column of a name is it.
        """
        columns: dict[str, str] = {}
        passed_over: list[str] = []
        for position, column in enumerate(self.header):
            name = known.get(plain(column))
            if name is None or name in columns:
                columns[f"passed over {position}"] = "VARCHAR"
                passed_over.append(column.strip() or f"(column {position + 1}, without a name)")
            else:
                columns[name] = "VARCHAR"
        return columns, passed_over


@contextmanager
def opened(paths: Sequence[Path]) -> Iterator[list[CsvFile]]:
    """The CSV files that the paths name, those in zips unpacked while the block runs.

    Raises:
        UnusableFileError: a file is missing, cannot be read or has no header.
    """
    with ExitStack() as stack:
        files: list[CsvFile] = []
        for path in paths:
            if not path.is_file():
                raise UnusableFileError(f"There is no file {path}.")
            if zipfile.is_zipfile(path):
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clever-warehouse-")))
                files += _unpacked(path, folder)
            else:
                files.append(csv_file(path))
        yield files


def csv_file(path: Path, name: str | None = None, *, is_in_zip: bool = False) -> CsvFile:
    """A CSV file by its header.

    Raises:
        UnusableFileError: it is missing, cannot be read or has no header.
    """
    name = name or str(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header = lines.readline(1_000_000)
    except FileNotFoundError:
        raise UnusableFileError(f"There is no file {name}.") from None
    except UnicodeDecodeError:
        raise UnusableFileError(f"{name} is not text in UTF-8: save it as CSV in UTF-8 and try again.") from None
    except OSError as error:
        raise UnusableFileError(f"{name} cannot be read ({error.strerror}).") from None
    if not header.strip():
        raise UnusableFileError(f"{name} is empty: its first line must name the columns.")
    delimiter = max(DELIMITERS, key=lambda one: len(_columns(header, one)))
    return CsvFile(name, path, _columns(header, delimiter), delimiter, is_in_zip)


def _unpacked(path: Path, folder: Path) -> list[CsvFile]:
    """The CSV files of a zip; other files in it are no concern of ours."""
    files = []
    try:
        with zipfile.ZipFile(path) as archive:
            for number, member in enumerate(archive.infolist()):
                name = member.filename
                if member.is_dir() or not name.lower().endswith(".csv") or name.startswith("__MACOSX/"):
                    continue
                unpacked = folder / f"{number:05d}.csv"
                with archive.open(member) as source, unpacked.open("wb") as target:
                    shutil.copyfileobj(source, target)
                if unpacked.stat().st_size:
                    files.append(csv_file(unpacked, f"{path}/{name}", is_in_zip=True))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise UnusableFileError(f"{path} cannot be unpacked ({type(error).__name__}).") from None
    if not files:
        raise UnusableFileError(f"{path} holds no CSV file with a header.")
    return files


def _columns(header: str, delimiter: str) -> list[str]:
    return next(csv.reader([header.rstrip("\r\n")], delimiter=delimiter), [])


def plain(column: str) -> str:
    """A header as it is compared: without case, surrounding blanks, and what stands between its words."""
    return re.sub(r"[\s-]+", "_", column.strip()).casefold()
