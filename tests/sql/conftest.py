"""A warehouse with a little past, synced over real HTTP from a fake Clever API, and a way to put the analysts' questions to it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.warehouse import Warehouse
from tests.expected.truth import Truth
from tests.expected.written import Written, question_text

if TYPE_CHECKING:
    from tests.conftest import Begin

Row = dict[str, Any]


@dataclass
class Past:
    """What was done to the fake people between the two syncs."""

    warehouse: Warehouse
    here: str
    """The district to which everything below happened."""
    elsewhere: str
    """The other district, which stayed as it was."""
    before: Truth
    after: Truth
    between_the_syncs: datetime
    arrived: str
    gone: str
    changed: str
    merged: tuple[str, str]
    merged_into: str
    split: str
    split_into: tuple[str, ...]
    lost_a_role: str
    without_email: str
    sharing: tuple[str, str]
    in_a_strange_school: str
    recreated: tuple[str, str]
    """A contact, and the one that Clever made anew with the same name."""


Ask = Callable[..., list[Row]]


@pytest.fixture(scope="session")
def past(begin: "Begin") -> Iterator[Past]:
    """Two districts, synced, changed in every way that a question asks about, and synced again."""
    with begin(districts=2, users=400, seed=5) as trial:
        sandbox = trial.sandbox
        here, elsewhere = trial.districts
        assert trial.outcomes() == ["applied", "applied"]
        before = sandbox.truth()
        between_the_syncs = datetime.now(UTC)

        people = {row.user_id: row.roles for row in sandbox.truth(here).users}

        def some(*roles: str) -> Iterator[str]:
            return iter([user_id for user_id, held in people.items() if held == roles])

        teachers, staff, students = some("teacher"), some("staff"), some("student")
        several = (user_id for user_id, held in people.items() if len(held) > 1)
        arrived = sandbox.add_person(here, ("student",))
        gone, changed, strange = next(students), next(students), next(students)
        sandbox.remove(gone)
        sandbox.change(changed, {"name.middle": "Changed"})
        sandbox.change(strange, {"roles.student.school": "f" * 24})
        merged = next(teachers), next(staff)
        merged_into = sandbox.merge(*merged)
        split = next(several)
        split_into = sandbox.split(split)
        lost_a_role = next(several)
        sandbox.drop_role(lost_a_role, people[lost_a_role][0])
        without_email = next(staff)
        sandbox.change_email(without_email, None)
        sandbox.change(without_email, {"email": ""})
        sharing = next(teachers), next(teachers)
        sandbox.change_email(sharing[0], "The.Same@district.example")
        sandbox.change_email(sharing[1], "the.same@district.example")
        contact = next(some("contact"))
        name = before.by_id[contact]["name"]
        recreated = contact, sandbox.remint_contact(contact)
        sandbox.change(recreated[1], {"name": name})
        assert trial.outcomes() == ["applied", "unchanged"]
        yield Past(
            warehouse=trial.warehouse,
            here=here,
            elsewhere=elsewhere,
            before=before,
            after=sandbox.truth(),
            between_the_syncs=between_the_syncs,
            arrived=arrived,
            gone=gone,
            changed=changed,
            merged=merged,
            merged_into=merged_into,
            split=split,
            split_into=split_into,
            lost_a_role=lost_a_role,
            without_email=without_email,
            sharing=sharing,
            in_a_strange_school=strange,
            recreated=recreated,
        )


@pytest.fixture
def ask(past: Past) -> Ask:
    """Put a question of sql/queries to the warehouse; the variables take the place of those at the top of the file."""

    def answer(question: str, **variables: str | date | Path) -> list[Row]:
        with past.warehouse.reading() as connection:
            connection.execute(question_text(question, **variables))
            columns = [column[0] for column in connection.description or ()]
            return [dict(zip(columns, row, strict=True)) for row in connection.fetchall()]

    return answer


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a warehouse file without rows."""
    file = tmp_path_factory.mktemp("written") / "warehouse.duckdb"
    Written(file).connection.close()
    return file


@pytest.fixture
def written(empty_warehouse: Path, tmp_path: Path) -> Iterator[Written]:
    """Return a new warehouse to which the test adds rows."""
    made = Written(Path(shutil.copy(empty_warehouse, tmp_path)))
    yield made
    made.connection.close()
