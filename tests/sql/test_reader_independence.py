"""Whether the SQL means the same in every version of DuckDB that may read the warehouse, and keeps no list that the records declare.

What a version decides by itself: `~` matches the whole text in DuckDB 1 and a part of it in DuckDB 2, division by zero and
collations follow the reader, and DuckDB 2.0.0 refuses lambdas with an arrow.
"""

import re
from pathlib import Path

import pytest

from pipelines.records import CATALOG, Kind

SQL = Path(__file__).resolve().parents[2] / "sql"
FILES = [pytest.param(file, id=str(file.relative_to(SQL))) for file in sorted(SQL.rglob("*.sql"))]
WRITTEN = [file for file in FILES if file.id != "schema.sql"]
"""The files that are not generated."""

COMMENT = re.compile(r"--[^\n]*")
TEXT = re.compile(r"'(?:[^']|'')*'")
DIVISION = re.compile(r"//|(?<![/*])/(?![/*])|%|\bmod\(")
BY_A_NUMBER = re.compile(r"(?://|/|%)\s*(?!0\b)\d+")


def code(file: Path) -> str:
    """Return the statements of a file without comments and without what texts hold."""
    return COMMENT.sub("", TEXT.sub("''", COMMENT.sub("", file.read_text(encoding="utf-8"))))


def is_arrow_lambda(found: re.Match[str]) -> bool:
    """Return whether an arrow is not the one that takes a value out of JSON, which a text or number follows."""
    return re.match(r"\s*(?:''|\d)", found.string[found.end() :]) is None


@pytest.mark.parametrize("file", FILES)
def test_no_statement_matches_with_a_tilde(file: Path) -> None:
    assert "~" not in code(file).replace("~~", "")
    assert "SIMILAR TO" not in code(file)


@pytest.mark.parametrize("file", FILES)
def test_no_statement_divides_by_what_may_be_zero(file: Path) -> None:
    assert DIVISION.findall(BY_A_NUMBER.sub("", code(file))) == []


@pytest.mark.parametrize("file", FILES)
def test_lambdas_are_written_with_the_word(file: Path) -> None:
    arrows = re.finditer(r"(?<!-)->{1,2}", code(file))
    assert [found for found in arrows if is_arrow_lambda(found)] == []


@pytest.mark.parametrize("file", FILES)
def test_no_statement_uses_a_collation(file: Path) -> None:
    if file.name == "narrow_statistics.sql":
        return  # which PostgreSQL runs
    assert re.findall(r"\b(?:NOCASE|NOACCENT|COLLATE)\b", code(file), re.IGNORECASE) == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT a ~ b",
        "SELECT a // b",
        "SELECT a % b",
        "SELECT a / 0",
        "SELECT list_filter(a, x -> x > 1)",
        "SELECT a COLLATE NOCASE",
    ],
)
def test_a_statement_that_depends_on_the_reader_is_found(tmp_path: Path, statement: str) -> None:
    file = tmp_path / "statement.sql"
    file.write_text(f"-- A statement.\n{statement};\n")
    found = 0
    for test in (
        test_no_statement_matches_with_a_tilde,
        test_no_statement_divides_by_what_may_be_zero,
        test_lambdas_are_written_with_the_word,
        test_no_statement_uses_a_collation,
    ):
        try:
            test(file)
        except AssertionError:
            found += 1
    assert found == 1


@pytest.mark.parametrize("file", WRITTEN)
def test_no_statement_lists_documented_values(file: Path) -> None:
    """Roles are no such values: which of them there are decides what the statements of users do. Nor are the states of a district: two of
    them say whether its data may be old.
    """
    roles = {role for _stream, _table, field in CATALOG.fields() if field.kind is Kind.KEYS for role in field.values}
    texts = {text[1:-1] for text in TEXT.findall(COMMENT.sub("", file.read_text(encoding="utf-8")))}
    for _stream, table, field in CATALOG.fields():
        if not roles.issuperset(field.values) and field.column not in {"state", "lms_state"}:
            assert len(texts.intersection(field.values)) < 2, f"{table.name}.{field.column}"
