"""How files that people hand in are read: every line is accounted for, or the file is refused with its line."""

import bz2
import csv
import gzip
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.identity.csv_files import MAX_CHARACTERS, CsvFile, UnusableFileError, csv_file, new_file, opened

ID = "55dbb001ba6f48d8db0000"
"""An ID without its last two digits."""

Read = Callable[[str | bytes], CsvFile]


def short(value: object) -> str:
    """Name a parameter by its first characters."""
    return repr(value)[:40]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a file and open it."""

    def reading(content: str | bytes) -> CsvFile:
        file = tmp_path / "mine.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return csv_file(file, "mine.csv")

    return reading


def _refusal(read: Read, content: str | bytes) -> str:
    with pytest.raises(UnusableFileError) as refused:
        list(read(content).rows())
    return str(refused.value)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_have_the_physical_lines_on_which_they_start(end: str, read: Read) -> None:
    lines = ["clever_id,note", f'{ID}01,"two{end}lines"', "", f"{ID}02", f"{ID}03,a,b"]
    assert list(read(end.join(lines)).rows()) == [
        (2, [f"{ID}01", f"two{end}lines"]),
        (4, []),
        (5, [f"{ID}02"]),
        (6, [f"{ID}03", "a", "b"]),
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"id,n\n1,a\n2,\xe9\n", 3),
        (b"id,n\xe9\n1,a\n", 1),
        (b"id,n\r1,a\r2,b\r3,\xa0\r", 4),
        (b"id,n\n" + b"1,a\n" * 5_000 + b"2,\xa0\n", 5_002),
        (b"id,n\n1,\xed\xa0\x80\n", 2),
        (b"id,n\n1,\xe2\x82", 2),
        (b"id,n\n1,a\n2,\0\n", 3),
        ("id,n\n1,a\n".encode("utf-16-le"), 1),
        ("id,n\n1,a\n".encode("utf-32"), 1),
        ("id,n\n1,a".encode("utf-16")[:-1], 2),
    ],
    ids=short,
)
def test_a_byte_that_is_no_text_refuses_the_file_with_its_line(content: bytes, line: int, read: Read) -> None:
    assert f"mine.csv, line {line} holds" in _refusal(read, content)


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (f'id,n\n{ID}01,"Big Joe\n{ID}02,plain\n{ID}03,plain\n', 2, "is never closed"),
        (f'id,n\n{ID}01,"two\nlines"\n{ID}02,"Big Joe\n{ID}03,plain\n', 4, "is never closed"),
        (f'id,m,n\n{ID}01,"two\nlines","Big Joe\n{ID}02,a,plain\n', 3, "is never closed"),
        (f'id,"n\n{ID}01,plain\n', 1, "is never closed"),
        (f'"id\n{ID}01\n', 1, "is never closed"),
        (f'id,n\n{ID}01,"Big Joe\n{ID}02,plain\n{ID}03,"Tiny\n', 2, "is not closed before line 4"),
        (f'id,n\n{ID}01,"Big Joe\n{ID}02,5\'10"\n{ID}03,plain\n', 2, "is not closed before line 3"),
        (f'n,id\n"Big Joe,{ID}01\n5\'10",{ID}02\n', 2, "is not closed before line 3"),
        (f'id\n"{ID}01\n{ID}02"\n', 2, "is not closed before line 3"),
        ('a,b,c\n1,"x,2\n3,y,4\n5,z",6\n', 2, "is not closed before line 4"),
        (f'id,n\n{ID}01,"a"b\n', 2, "is closed before the end of its cell"),
        (f'sep=;\nid;n\n{ID}01;"a\n{ID}02;b\n', 3, "is never closed"),
        ('id,n\n1,"' + "x\n" * (MAX_CHARACTERS // 2 + 1) + '"', 2, "is never closed"),
    ],
    ids=short,
)
def test_a_quote_that_swallows_rows_refuses_the_file_with_the_line_on_which_it_opens(
    content: str, line: int, words: str, read: Read
) -> None:
    assert _refusal(read, content).startswith(f"mine.csv, line {line}: the quote that opens here {words}")


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        (f'note;id\n"two\nlines";{ID}01\n', ["two\nlines", f"{ID}01"]),
        (
            f'id,address,z\n{ID}01,"12 Main St\nSpringfield, IL\nUSA",z\n',
            [f"{ID}01", "12 Main St\nSpringfield, IL\nUSA", "z"],
        ),
        (f'id,n\n"{ID}01\n",a\n', [f"{ID}01\n", "a"]),
        (f'id,n\n{ID}01,a"b\n', [f"{ID}01", 'a"b']),
        (f'id,n\n{ID}01,"say ""hi"""\n', [f"{ID}01", 'say "hi"']),
        (f'"id","first,\nlast"\n{ID}01,x\n', [f"{ID}01", "x"]),
        (f"sep=;\r\nid;n\r\n{ID}01;x\r\n", [f"{ID}01", "x"]),
        (f'"SEP=\t"\nid\tn\n{ID}01\tx\n', [f"{ID}01", "x"]),
        (f"id|n\n{ID}01|x", [f"{ID}01", "x"]),
        (f"id,n\n{ID}01,{'x' * 3_000_000}\n", [f"{ID}01", "x" * 3_000_000]),
    ],
    ids=short,
)
def test_what_people_write_is_understood(content: str, cells: list[str], read: Read) -> None:
    ((_, row),) = read(content).rows()
    assert row == cells


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_sets_the_encoding(encoding: str, read: Read) -> None:
    file = read(f"id\tn\r\n{ID}01\té\r\n".encode(encoding))
    assert (file.header, list(file.rows())) == (["id", "n"], [(2, [f"{ID}01", "é"])])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\n\nid\n", "is empty"),
        (b"sep=;\n", "is empty"),
        (gzip.compress(b"id\n", mtime=0), "unpack it first"),
        (bz2.compress(b"id\n"), "unpack it first"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it in Excel as CSV"),
        (f"{ID}01\n{ID}02\n".encode(), "line 1: a Clever ID is where the names of the columns must be"),
        (f'a,"=""{ID}01"""\n'.encode(), "line 1: a Clever ID is where"),
        (b"id,n\n1," + b"x" * (MAX_CHARACTERS + 1), "line 2 has more than 16,000,000 characters"),
    ],
    ids=short,
)
def test_a_file_that_is_no_csv_is_refused_in_a_sentence(content: bytes, words: str, read: Read) -> None:
    assert words in _refusal(read, content)


def test_a_folder_a_pipe_and_a_missing_file_are_refused_in_a_sentence(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path, words in (
        (tmp_path, "is a folder"),
        (pipe, "is not a regular file"),
        (tmp_path / "no.csv", "There is no file"),
        (tmp_path / ("x" * 300), "cannot be read"),
    ):
        with pytest.raises(UnusableFileError, match=words):
            csv_file(path)


def _zip(file: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def test_what_macos_and_windows_add_to_a_zip_is_skipped(tmp_path: Path) -> None:
    junk = b"\x00\x05\x16\x07\x00\x02"
    zipped = _zip(
        tmp_path / "clever.zip",
        **{
            "one/two/a.csv": b"role_id,user_id\n",
            "b.CSV": b"role_id,user_id\n",
            "one/._a.csv": junk,
            "__MACOSX/one/a.csv": junk,
            "one/__MACOSX/._b.csv": junk,
            ".DS_Store": junk,
            "Thumbs.db": junk,
            "readme.txt": b"text",
        },
    )
    with opened([zipped]) as files:
        assert [file.name for file in files] == [f"{zipped}/one/two/a.csv", f"{zipped}/b.CSV"]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a.csv": b"id\n", "inner.zip": b"PK"}, "inner.zip is no CSV file"),
        ({"a.csv": b"id\n", "b.xlsx": b"PK"}, "b.xlsx is no CSV file"),
        ({"[Content_Types].xml": b"x", "xl/workbook.xml": b"x"}, "is an Excel workbook: save it in Excel as CSV"),
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, "is a spreadsheet document"),
        ({"a.csv": b"id\n\xe9\n"}, "a.csv, line 2 holds"),
        ({"a.csv": b"PK\x03\x04"}, "a.csv is a damaged zip"),
    ],
    ids=short,
)
def test_a_zip_that_cannot_be_read_in_full_is_refused(members: dict[str, bytes], words: str, tmp_path: Path) -> None:
    zipped = _zip(tmp_path / "clever.zip", **members)

    def read_all() -> None:
        with opened([zipped]) as files:
            for file in files:
                list(file.rows())

    with pytest.raises(UnusableFileError, match=words):
        read_all()


def test_an_encrypted_and_a_damaged_zip_are_refused(tmp_path: Path) -> None:
    zipped = _zip(tmp_path / "clever.zip", **{"a.csv": b"role_id,user_id\n" * 50})
    whole = bytearray(zipped.read_bytes())
    encrypted, damaged = whole.copy(), whole.copy()
    directory = whole.index(b"PK\x01\x02")
    encrypted[6] |= 1
    encrypted[directory + 8] |= 1
    damaged[60] ^= 0xFF
    for content, words in (
        (encrypted, "is encrypted"),
        (damaged, "cannot be unpacked"),
        (whole[:-30], "cannot be unpacked"),
    ):
        zipped.write_bytes(content)
        with pytest.raises(UnusableFileError, match=words), opened([zipped]):
            pass


def test_a_zip_or_workbook_where_one_csv_file_is_expected_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="is a zip: unpack it first"):
        csv_file(_zip(tmp_path / "mine.csv", **{"a.csv": b"id\n"}))
    with pytest.raises(UnusableFileError, match="is an Excel workbook"):
        csv_file(_zip(tmp_path / "mine.xlsx", **{"[Content_Types].xml": b"x"}))


def test_a_file_given_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("role_id,user_id\n")
    with pytest.raises(UnusableFileError, match="is given more than once"), opened([file, file]):
        pass


def test_a_report_is_private_never_replaces_a_file_and_leaves_nothing_of_a_failure(tmp_path: Path) -> None:
    report = tmp_path / "reports" / "one.csv"
    with pytest.raises(ZeroDivisionError), new_file(report):
        raise ZeroDivisionError
    assert not report.exists()
    with new_file(report):
        assert report.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UnusableFileError, match="exists already"), new_file(report):
        pass
    assert report.exists()
    (tmp_path / "file").touch()
    with pytest.raises(UnusableFileError, match="cannot be written"), new_file(tmp_path / "file" / "one.csv"):
        pass


PIECES = st.lists(
    st.sampled_from(
        [
            ",",
            ";",
            '"',
            '"',
            "\n",
            "\r\n",
            "\r",
            " ",
            "\t",
            "a",
            "é",
            "\u200b",
            "\u2028",
            "\x0c",
            "=",
            "sep=",
            "\0",
            "\udcff",
            f"{ID}01",
        ]
    )
    | st.text(max_size=3),
    max_size=40,
).map("".join)


def _start_lines(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Every row as Python's csv reads it, with the line on which it starts."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, start = [], 1
    for row in lines:
        rows.append((start, row))
        start = lines.line_num + 1
    return rows


@settings(max_examples=300)
@given(text=PIECES)
@example(text=f'id,n\n{ID}01,"a\n{ID}02,b"\n')
@example(text="sep=;\nid;n\n1;2\n")
def test_any_text_is_read_as_python_reads_it_or_refused_with_a_line(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.csv"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        source = csv_file(file, "any.csv")
        rows = list(source.rows())
    except UnusableFileError as refused:
        assert ", line " in str(refused) or "is empty" in str(refused)  # noqa: PT017
        return
    expected = _start_lines(text.removeprefix("\ufeff"), source.delimiter)
    assert [(source.first_line, list(source.header)), *rows] == expected[source.first_line - 1 :]


@settings(max_examples=300)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "any.csv"
    file.write_bytes(b"id,n\n" + content)
    try:
        rows = list(csv_file(file, "any.csv").rows())
    except UnusableFileError as refused:
        assert ", line " in str(refused)  # noqa: PT017
        return
    assert rows == _start_lines((b"id,n\n" + content).decode(), ",")[1:]
