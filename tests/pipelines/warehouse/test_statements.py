"""Rules that every statement of sql/ follows."""

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.warehouse import Session
from pipelines.warehouse.statements import FOLDER, inputs

if TYPE_CHECKING:
    from tests.conftest import Trial

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


class _Calls(ast.NodeVisitor):
    """The calls of Session.run and Session.rows in a module: the statement's name and the inputs that are given."""

    def __init__(self) -> None:
        self.found: list[tuple[str, frozenset[str]]] = []

    def visit_Call(self, node: ast.Call) -> None:
        """Note a call whose statement is named in the text."""
        match node:
            case ast.Call(ast.Attribute(attr="run" | "rows"), [ast.Constant(str(name)), *_]) if (
                FOLDER / f"{name}.sql"
            ).exists():
                self.found.append((name, frozenset(keyword.arg for keyword in node.keywords if keyword.arg)))
        self.generic_visit(node)


def test_every_call_of_a_statement_gives_exactly_its_inputs() -> None:
    calls = _Calls()
    for file in sorted((FOLDER.parent / "pipelines").rglob("*.py")):
        calls.visit(ast.parse(file.read_text()))
    assert len(calls.found) > 50
    assert [(name, given, inputs(name)) for name, given in calls.found if given != inputs(name)] == []


def test_statement_refuses_a_call_that_leaves_out_an_input(trial: "Trial") -> None:
    def run(session: Session) -> None:
        session.set(district_ids=["of an earlier statement"])
        with pytest.raises(TypeError, match="apply/applied reads"):
            session.rows("apply/applied")

    trial.warehouse.write("writing", run, lambda _why: None)
