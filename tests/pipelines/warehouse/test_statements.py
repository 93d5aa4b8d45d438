"""Rules that every statement of sql/ follows."""

import re
from pathlib import Path

import pytest

from pipelines.warehouse.statements import FOLDER

INSERTING = re.compile(r"\bINSERT INTO\s+([\w.${}]+)(.*)", re.DOTALL)

SORTED_LAST = re.compile(r"\bORDER BY\s[^()]*$")
"""An ORDER BY that no parenthesis follows, so that it sorts what the whole statement gives."""


def _unsorted(text: str) -> list[str]:
    """Name the tables that a statement of this text reads and inserts into, without sorting what it inserts."""
    statements = re.sub(r"--.*", "", text).split(";")
    inserts = [found for each in statements if (found := INSERTING.search(each))]
    return [
        table
        for table, rest in (found.groups() for found in inserts)
        if re.search(rf"\b(?:FROM|JOIN)\s+{re.escape(table)}(?![\w.])", rest) and not SORTED_LAST.search(rest)
    ]


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.sql")), ids=lambda file: str(file.relative_to(FOLDER)))
def test_what_is_inserted_into_a_table_that_the_statement_reads_is_sorted_first(file: Path) -> None:
    # With threads, and without preserve_insertion_order, DuckDB 1.5.5 appends what one branch of a UNION ALL gives while another
    # still scans the table, and crashes now and then. A sort reads everything before it gives its first row.
    assert _unsorted(file.read_text()) == []


def test_a_statement_that_is_not_sorted_is_found() -> None:
    insert = "INSERT INTO kept BY NAME SELECT * FROM found ANTI JOIN kept USING (id)"
    assert _unsorted(f"{insert};") == ["kept"]
    assert _unsorted(f"{insert.replace('found', '(FROM found ORDER BY id)')};") == ["kept"]
    assert _unsorted(f"{insert} ORDER BY id;") == []
    assert _unsorted("INSERT INTO kept FROM sync.kept; INSERT INTO one FROM two;") == []
