"""Who an ID is: one answer from every view, macro, report and query, for the histories that make it hard."""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.decisions import approve
from pipelines.holding import Limits, LimitsByDistrict
from pipelines.migration import ImportResult, import_migration
from pipelines.progress import silent
from pipelines.resolving import Answer, Proof, resolve_file, resolve_one
from pipelines.sandbox import Truth
from pipelines.warehouse.statements import statement
from tests.identity_answers import disagreements, recomputed_differences, resolve_disagreements
from tests.identity_oracle import IdentityOracle

if TYPE_CHECKING:
    from tests.conftest import Begin, Row, Trial

L1, L2, L3, L4, L5, L7, L8, L9 = (f"a{number:023x}" for number in (1, 2, 3, 4, 5, 7, 8, 9))
"""Legacy IDs of the histories."""

V7, V8, V9 = (f"b{number:023x}" for number in (7, 8, 9))
"""V3 IDs that only migration CSVs tell."""

A, B = 0, 1
"""The two districts."""

STRICT = LimitsByDistrict(Limits(max_archived_percent=0, max_changed_percent=0, min_records=1))
"""Limits that hold every snapshot in which a user leaves or changes."""


class Story:
    """A warehouse of two districts, the users of a history in them, and the oracle, which is fed whatever is applied."""

    def __init__(self, trial: "Trial") -> None:
        self.trial = trial
        self.sandbox = trial.sandbox
        self.oracle = IdentityOracle()
        self.held: dict[str, tuple[Truth, int, str]] = {}
        """For each district, the snapshot that is held, the number of the sync that read it, and its digest."""

    def user(self, district: int = A, **legacy_ids: str) -> str:
        """Let a user arrive with these roles and legacy IDs."""
        user_id = self.sandbox.add_person(self.trial.districts[district], tuple(legacy_ids))
        self.holds(user_id, district, **legacy_ids)
        return user_id

    def holds(self, user_id: str, district: int = A, **legacy_ids: str | None) -> None:
        """Give a user exactly these roles and legacy IDs; restore the user who was removed."""
        roster = self.sandbox.roster(self.trial.districts[district])
        if user_id not in roster:
            roster.restore(user_id)
        for role in set(roster.roles(user_id)) - legacy_ids.keys():
            roster.drop_role(user_id, role)
        for role, legacy_id in legacy_ids.items():
            if role not in roster.roles(user_id):
                roster.give_role(user_id, role, legacy_id)
            roster.change(user_id, {f"roles.{role}.legacy_id": legacy_id})

    def leaves(self, *user_ids: str, district: int = A) -> None:
        """Let users leave a district."""
        for user_id in user_ids:
            self.sandbox.roster(self.trial.districts[district]).remove(user_id)

    def shows(self, user_id: str, district: int = B, **legacy_ids: str) -> None:
        """Let another district show a user of the first one as its own, with these roles and legacy IDs."""
        self.sandbox.roster(self.trial.districts[district]).show(
            self.sandbox.roster(self.trial.districts[A]).record(user_id)
        )
        if legacy_ids:
            self.holds(user_id, district, **legacy_ids)

    def sync(self, *districts: int) -> list[str]:
        """Sync some districts, or both, and compare every answer with the oracle."""
        asked = [self.trial.districts[number] for number in districts]
        order = self.oracle.begin()
        outcomes = self.trial.sync(*asked).outcomes
        for outcome in outcomes:
            truth = self.sandbox.truth(outcome.district_id)
            if outcome.outcome in {"applied", "unchanged"}:
                self.oracle.apply(outcome.district_id, truth)
            elif outcome.outcome == "held":
                self.held[outcome.district_id] = truth, order, str(outcome.digest)
        self.check()
        return [outcome.outcome for outcome in outcomes]

    def approve(self, district: int = A) -> None:
        """Approve the snapshot that is held of a district."""
        district_id = self.trial.districts[district]
        truth, order, digest = self.held.pop(district_id)
        said = {"reason": "as told", "decided_by": "a user", "decision_id": f"decision-{next(self.trial.numbers)}"}
        approve(self.trial.warehouse, district_id=district_id, digest=digest, report=silent, **said)
        self.oracle.begin()
        self.oracle.apply(district_id, truth, read=order)
        self.check()

    def tell(self, *pairs: tuple[str, str]) -> ImportResult:
        """Import a migration CSV."""
        number = next(self.trial.numbers)
        file = self.trial.folder / f"migration-{number}.csv"
        file.write_text("\n".join(["role_id,user_id", *map(",".join, pairs)]) + "\n")
        result = import_migration(
            self.trial.warehouse, [file], f"import-{number}", report_file=file.with_suffix(".report"), report=silent
        )
        self.oracle.tell(pairs)
        self.check()
        return result

    def check(self) -> None:
        """Compare every answer with the oracle."""
        own = {user_id for legacy_id, user_id in self.oracle.links if legacy_id.startswith("a")}
        ids = sorted(id_ for id_ in self.oracle.ids() if id_.startswith(("a", "b")) or id_ in own)
        with closing(self.trial.warehouse.reading()) as connection:
            found = disagreements(connection, self.oracle, people=ids)
        found += resolve_disagreements(self.trial.warehouse, self.oracle, ids)
        assert found + recomputed_differences(self.trial.warehouse.published, self.trial.folder) == []

    def status(self, id_: str) -> tuple[str, str | None]:
        """Give the status of an ID and the user it leads to."""
        answer = resolve_one(self.trial.warehouse, id_)
        return answer.status, answer.user_id

    def resolved(self, id_: str) -> Answer:
        """Resolve an ID."""
        return resolve_one(self.trial.warehouse, id_)

    def chain(self, user_id: str) -> set[tuple[str, str]]:
        """Give the legacy IDs of an identity chain, each with the user who held it."""
        query = "SELECT legacy_id, former_user_id FROM identity_chains WHERE user_id = ?"
        return set(self.trial.rows(query, user_id))

    def changes(self, legacy_id: str) -> "list[Row]":
        """Give the changes of a legacy ID, in order."""
        query = (
            "SELECT change, from_user_id, to_user_id FROM crosswalk_changes WHERE legacy_id = ? ORDER BY observed_at"
        )
        return self.trial.rows(query, legacy_id)

    def identity(self, id_: str) -> set[tuple[Any, ...]]:
        """Ask the query of a person's identity: the users, the former users and the legacy IDs."""
        text = statement("queries/identity_of_a_person")
        with closing(self.trial.warehouse.reading()) as connection:
            connection.execute("SET VARIABLE id = ?", [id_])
            rows = connection.execute(text[text.index("WITH asked") :]).fetchall()
        return {(row[0], row[1], row[4]) for row in rows}

    def file(self, *lines: str, district: int | None = None) -> tuple[Proof, list[str]]:
        """Resolve a file of IDs; gives the proof and the lines of the report."""
        number = next(self.trial.numbers)
        asked, report = (self.trial.folder / f"{name}-{number}.csv" for name in ("ids", "report"))
        of_district = "" if district is None else f",{self.trial.districts[district]}"
        header = "id" if district is None else "id,district_id"
        asked.write_text("\n".join([header, *(f"{line}{of_district}" for line in lines)]) + "\n")
        proof = resolve_file(self.trial.warehouse, asked, "id", report)
        return proof, report.read_text().splitlines()[1:]


@pytest.fixture
def story(begin: "Begin") -> Iterator[Story]:
    """Give a warehouse of two small districts that were never synced."""
    with begin(districts=2, users=6) as trial:
        yield Story(trial)


def test_identity_of_an_ambiguous_person_who_is_gone_has_all_links(story: Story) -> None:
    one, other = story.user(teacher=L1, staff=L2), story.user(B, teacher=L1)
    story.sync()
    story.leaves(one)
    story.leaves(other, district=B)
    story.sync()
    assert story.status(one) == ("ambiguous", None)
    assert story.identity(one) >= {(one, one, L1), (one, one, L2), (other, other, L1)}


def test_identity_of_a_person_who_is_only_told_has_no_link_that_the_api_contradicts(story: Story) -> None:
    user = story.user(teacher=L1)
    story.sync()
    story.tell((L7, V7), (L1, V7))
    assert story.status(L1) == ("current", user)
    assert story.identity(V7) == {(V7, V7, L7)}
