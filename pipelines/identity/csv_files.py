"""How CSV files that people hand in are read: strictly, so that every line is accounted for or the file is refused with its line."""

import codecs
import csv
import os
import re
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

DELIMITERS = (",", ";", "\t", "|")
"""Delimiters that are tried; the first that gives the header the most columns is chosen."""

MAX_CHARACTERS = 16_000_000
"""Characters that a line or a cell may have; more can only be a damaged file, and would fill the memory."""

MAX_ID_CHARACTERS = 1_000
"""Characters of a cell that are looked at for an ID."""

BINARY_FORMATS = {
    b"\x1f\x8b": "is compressed (gzip): unpack it first",
    b"BZh": "is compressed (bzip2): unpack it first",
    b"\xfd7zXZ": "is compressed (xz): unpack it first",
    b"(\xb5/\xfd": "is compressed (zstd): unpack it first",
    b"7z\xbc\xaf": "is compressed (7z): unpack it first",
    b"Rar!": "is compressed (rar): unpack it first",
    b"%PDF": "is a PDF: export the table as CSV",
    b"PAR1": "is a Parquet file: export it as CSV",
    b"\xd0\xcf\x11\xe0": "is an Excel workbook: save it in Excel as CSV UTF-8",
}
"""How files that are no text begin, and what to do about each."""

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""How a zip begins: one with files, and an empty one."""

_ENCRYPTED = 0x1
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UNDECODABLE = "clever-warehouse.undecodable"
_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])")
_LINE_END = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')

csv.field_size_limit(MAX_CHARACTERS)


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Put a lone surrogate, which no text holds, where a byte cannot be decoded: so its line is found when it is read."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


codecs.register_error(_UNDECODABLE, _mark)


class UnusableFileError(Exception):
    """A file cannot be used; the message names the file and, if one is at fault, the line or column. It quotes no row."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file and its header."""

    name: str
    """As the person who handed it in knows it; for a file in a zip, the zip's name and the file's."""
    path: Path
    header: Sequence[str]
    delimiter: str
    encoding: str
    first_line: int = 1
    """The line of the header."""
    is_in_zip: bool = False

    @property
    def id_in_name(self) -> str | None:
        """The one Clever ID that the file's name holds, if it holds one."""
        found = set(_ID.findall(self.name.rpartition("/")[2].lower()))
        return found.pop() if len(found) == 1 else None

    def positions(self, known: Mapping[str, str]) -> tuple[dict[str, int], list[str]]:
        """Where the wanted columns are, and the headers of all others.

        Args:
            known: the name of a wanted column for each header that it may have; the first column of a name is it.
        """
        found: dict[str, int] = {}
        others: list[str] = []
        for position, column in enumerate(self.header):
            name = known.get(plain(column))
            if name is None or name in found:
                others.append(column.strip() or f"(column {position + 1}, without a name)")
            else:
                found[name] = position
        return found, others

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every row below the header, with the physical line on which it starts; a blank line is a row without cells.

        Raises:
            UnusableFileError: a line cannot be read as CSV.
        """
        rows = _rows(self.path, self.name, self.encoding, self.delimiter, self.first_line)
        next(rows, None)
        return rows

    def extract(self, positions: Sequence[int | None], target: Path, *, blank_lines: bool) -> int:
        """Write the line and some cells of every row in a form that DuckDB reads without a guess; returns the widest row's cells.

        Args:
            positions: of the columns that are wanted; None gives an empty column.
            target: the file that is written.
            blank_lines: whether a blank line is a row.

        Raises:
            UnusableFileError: a line cannot be read as CSV.
        """
        widest = len(self.header)
        wanted = [sys.maxsize if at is None else at for at in positions]

        def extracts() -> Iterator[list[str | int]]:
            nonlocal widest
            for line, row in self.rows():
                cells = len(row)
                if cells > widest:
                    widest = max(widest, len(_without_trailing_blanks(row)))
                if cells or blank_lines:
                    yield [line] + [_on_one_line(row[at]) if at < cells else "" for at in wanted]

        with target.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(extracts())
        return widest


@contextmanager
def opened(paths: Sequence[Path]) -> Iterator[list[CsvFile]]:
    """The CSV files that the paths name, those in zips unpacked while the block runs.

    Raises:
        UnusableFileError: a file is missing, is given twice, or cannot be read.
    """
    with ExitStack() as stack:
        files: list[CsvFile] = []
        for path in paths:
            if _start_of(path, str(path)).startswith(ZIP):
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clever-warehouse-")))
                files += _unpacked(path, folder)
            else:
                files.append(csv_file(path))
        for name, times in Counter(file.name for file in files).items():
            if times > 1:
                raise UnusableFileError(f"{name} is given more than once: name it once.")
        yield files


def csv_file(path: Path, name: str | None = None, *, is_in_zip: bool = False) -> CsvFile:
    """A CSV file by its header.

    Raises:
        UnusableFileError: it is missing, is no CSV, or has no header.
    """
    name = name or str(path)
    start = _start_of(path, name)
    if start.startswith(ZIP):
        raise UnusableFileError(f"{name} {_kind_of_zip(path)}.")
    for magic, what in BINARY_FORMATS.items():
        if start.startswith(magic):
            raise UnusableFileError(f"{name} {what}.")
    encoding = "utf-16" if start.startswith(_UTF_16) else "utf-8-sig"
    declared = _declared_delimiter(path, encoding)
    first_line = 1 if declared is None else 2
    headers: dict[str, list[str]] = {}
    faults: list[UnusableFileError] = []
    for delimiter in DELIMITERS if declared is None else (declared,):
        try:
            headers[delimiter] = next((row for _, row in _rows(path, name, encoding, delimiter, first_line)), [])
        except UnusableFileError as fault:
            faults.append(fault)
    delimiter = max(headers, key=lambda one: len(headers[one]), default="")
    header = headers.get(delimiter, [])
    if faults and len(header) < 2:  # noqa: PLR2004 (a quote that is at fault hides the delimiters behind it)
        raise faults[0]
    if not any(column.strip() for column in header):
        raise UnusableFileError(f"{name} is empty: its first line must name the columns.")
    if any(re.fullmatch(rf"\W*{_ID.pattern}\W*", column.lower()) for column in header):
        message = f"{name}, line {first_line}: a Clever ID is where the names of the columns must be. Add a first line that names them."
        raise UnusableFileError(message)
    return CsvFile(name, path, header, delimiter, encoding, first_line, is_in_zip)


@contextmanager
def new_file(path: Path) -> Iterator[None]:
    """Reserve the file of a report, readable by its owner only; if the block fails, no report is left.

    Raises:
        UnusableFileError: the file exists, or cannot be created.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        what = "exists already" if path.is_symlink() or path.exists() else f"cannot be written ({error.strerror})"
        raise UnusableFileError(f"{path} {what}: name another file for the report.") from None
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def plain(column: str) -> str:
    """A header as it is compared: without case, invisible characters, surrounding blanks, and what separates its words."""
    visible = re.sub(r"[\u200b-\u200f\u2060\ufeff\u00ad]", "", column)
    return re.sub(r"[\s-]+", "_", visible.strip()).casefold()


def padded(row: list[str], width: int) -> list[str]:
    """A row with exactly so many cells: empty ones are added, or dropped behind the last that holds something."""
    return row[:width] + [""] * (width - len(row))


def _rows(path: Path, name: str, encoding: str, delimiter: str, first_line: int) -> Iterator[tuple[int, list[str]]]:
    """Every row from a line on, with the physical line on which it starts."""
    with path.open(encoding=encoding, errors=_UNDECODABLE, newline="") as file:
        lines = _Lines(file, name)
        for _ in range(1, first_line):
            file.readline()
            lines.number += 1
        start = lines.number + 1
        width = 0
        try:
            for row in csv.reader(lines.each(), delimiter=delimiter, strict=True):
                if lines.number > start and any(_swallows_rows(cell, delimiter, width) for cell in row):
                    raise _quote_fault(lines.kept, start, name, delimiter, width)
                width = width or len(row)
                yield start, row
                start = lines.number + 1
                lines.kept.clear()
        except csv.Error:
            raise _quote_fault(lines.kept, start, name, delimiter, width) from None


class _Lines:
    """The physical lines of a file, counted and checked; those of the present row are kept until it is complete."""

    def __init__(self, file: TextIO, name: str) -> None:
        self._file = file
        self._name = name
        self.number = 0
        self.kept: list[str] = []

    def each(self) -> Iterator[str]:
        for line in iter(partial(self._file.readline, MAX_CHARACTERS), ""):
            self.number += 1
            if "\0" in line:
                raise self._fault("holds a NUL byte, so the file is no plain text")
            if len(line) == MAX_CHARACTERS:
                raise self._fault(f"has more than {MAX_CHARACTERS:,} characters, so the file is no CSV")
            if not line.isascii() and not _is_encodable(line):
                raise self._fault("holds a byte that is not UTF-8 text")
            self.kept.append(line)
            yield line

    def _fault(self, what: str) -> UnusableFileError:
        return UnusableFileError(
            f"{self._name}, line {self.number} {what}. Save the file as CSV UTF-8 and run the command again."
        )


def _is_encodable(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def _swallows_rows(cell: str, delimiter: str, width: int) -> bool:
    """Whether a cell of several lines looks like rows between a quote that was never closed and another such quote."""
    lines = _LINE_END.split(cell)
    if len(lines) == 1:
        return False
    with_id = [line for line in lines if _ID.search(line.lower())]
    return (
        len(with_id) > 1
        or any(delimiter in line for line in with_id)
        or any(line.count(delimiter) + 1 == width > 2 and f"{delimiter} " not in line for line in lines)  # noqa: PLR2004
    )


def _quote_fault(kept: Sequence[str], start: int, name: str, delimiter: str, width: int) -> UnusableFileError:
    """What is wrong with the quotes of a row, by the line on which the first quote at fault opens."""
    text = "".join(kept)
    cell = re.compile(rf'({_QUOTED.pattern}|(?!")[^{re.escape(delimiter)}\r\n]*+)(?:{re.escape(delimiter)}|[\r\n]*\Z)')
    position = 0
    while (
        position < len(text)
        and (found := cell.match(text, position))
        and not _swallows_rows(found[1], delimiter, width)
    ):
        position = found.end()

    def line_of(index: int) -> int:
        return start + len(_LINE_END.findall(text, 0, index))

    opens = line_of(position)
    closing = _QUOTED.match(text, position)
    closes = None if closing is None else line_of(closing.end())
    if closes is None:
        what = "is never closed"
    elif closes == opens:
        what = "is closed before the end of its cell"
    else:
        what = f"is not closed before line {closes}, and the lines between look like rows"
    return UnusableFileError(
        f"{name}, line {opens}: the quote that opens here {what}. Close it at the end of its cell or remove it (a quote within text "
        "is written twice), and run the command again."
    )


def _on_one_line(cell: str) -> str:
    """What a cell may hold of an ID, without line breaks: DuckDB refuses a file in which these differ, even between quotes."""
    return cell[:MAX_ID_CHARACTERS].replace("\r", " ").replace("\n", " ")


def _without_trailing_blanks(row: list[str]) -> list[str]:
    last = max((position for position, cell in enumerate(row) if cell), default=-1)
    return row[: last + 1]


def _declared_delimiter(path: Path, encoding: str) -> str | None:
    """The delimiter that a first line such as sep=; declares, as Excel writes and reads it."""
    with path.open(encoding=encoding, errors=_UNDECODABLE, newline="") as file:
        found = re.fullmatch(r'"?sep=([^"\r\n\udcff])"?[\r\n]*', file.readline(20), re.IGNORECASE)
    return found[1] if found else None


def _start_of(path: Path, name: str) -> bytes:
    """The first bytes of a file."""
    try:
        if path.is_dir():
            raise UnusableFileError(f"{name} is a folder: name a file in it.")
        if path.exists() and not path.is_file():
            raise UnusableFileError(f"{name} is not a regular file: write its content to a file first.")
        with path.open("rb") as file:
            return file.read(8)
    except FileNotFoundError:
        raise UnusableFileError(f"There is no file {name}.") from None
    except OSError as error:
        raise UnusableFileError(f"{name} cannot be read ({error.strerror}).") from None


def _unpacked(path: Path, folder: Path) -> list[CsvFile]:
    """The CSV files of a zip, without what macOS and Windows add; other text files are ignored."""
    files = []
    try:
        with zipfile.ZipFile(path) as archive:
            if workbook := _workbook(archive):
                raise UnusableFileError(f"{path} {workbook}.")
            for number, member in enumerate(archive.infolist()):
                *folders, name = member.filename.split("/")
                if not name or name.startswith(".") or "__MACOSX" in folders:
                    continue
                within = f"{path}/{member.filename}"
                if name.lower().endswith((".zip", ".gz", ".xlsx", ".xls")):
                    raise UnusableFileError(
                        f"{within} is no CSV file: unpack it, or save it as CSV, and name that file."
                    )
                if not name.lower().endswith(".csv"):
                    continue
                if member.flag_bits & _ENCRYPTED:
                    raise UnusableFileError(f"{path} is encrypted: unpack it with its password and name the CSV files.")
                unpacked = folder / f"{number:05d}.csv"
                with archive.open(member) as source, unpacked.open("wb") as target:
                    shutil.copyfileobj(source, target)
                if unpacked.stat().st_size:
                    files.append(csv_file(unpacked, within, is_in_zip=True))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        raise UnusableFileError(f"{path} cannot be unpacked ({reason}).") from None
    if not files:
        raise UnusableFileError(f"{path} holds no CSV file with a header.")
    return files


def _kind_of_zip(path: Path) -> str:
    """What a zip is where one CSV file was expected, and what to do about it."""
    with suppress(zipfile.BadZipFile, OSError), zipfile.ZipFile(path) as archive:
        return _workbook(archive) or "is a zip: unpack it first"
    return "is a damaged zip"


def _workbook(archive: zipfile.ZipFile) -> str | None:
    """What to do about a zip that is a workbook."""
    names = archive.namelist()
    if "[Content_Types].xml" in names:
        return "is an Excel workbook: save it in Excel as CSV UTF-8"
    if "mimetype" in names:
        return "is a spreadsheet document: save it as CSV in UTF-8"
    return None
