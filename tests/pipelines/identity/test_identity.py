"""Who an ID is: one answer from every view, macro, report and query, for the histories that make it hard."""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.identity.migration import ImportResult, import_migration
from pipelines.identity.resolution import Resolution, ResolutionSummary, resolve_file, resolve_one
from pipelines.progress import silent
from pipelines.sandbox import Html
from pipelines.sync import Limits, LimitsByDistrict, approve
from pipelines.warehouse.statements import statement
from tests.expected.identity import IdentityOracle
from tests.expected.identity_answers import disagreements, recomputed_differences, resolve_disagreements
from tests.expected.truth import Truth

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

    def user(self, district: int = A, **legacy_ids: str | None) -> str:
        """Let a user arrive with these roles and legacy IDs."""
        user_id = self.sandbox.add_person(self.trial.districts[district], tuple(legacy_ids))
        self.holds(user_id, district, **legacy_ids)
        return user_id

    def holds(self, user_id: str, district: int = A, **legacy_ids: str | None) -> None:
        """Return a user exactly these roles and legacy IDs; restore the user who was removed."""
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
        """Return the status of an ID and the user it leads to."""
        answer = resolve_one(self.trial.warehouse, id_)
        return answer.status, answer.user_id

    def resolved(self, id_: str) -> Resolution:
        """Resolve an ID."""
        return resolve_one(self.trial.warehouse, id_)

    def chain(self, user_id: str) -> set[tuple[str, str]]:
        """Return the legacy IDs of an identity chain, each with the user who held it."""
        query = "SELECT legacy_id, former_user_id FROM identity_chains WHERE user_id = ?"
        return set(self.trial.rows(query, user_id))

    def changes(self, legacy_id: str) -> "list[Row]":
        """Return the changes of a legacy ID, in order."""
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

    def file(self, *lines: str, district: int | None = None) -> tuple[ResolutionSummary, list[str]]:
        """Resolve a file of IDs; returns the proof and the lines of the report."""
        number = next(self.trial.numbers)
        asked, report = (self.trial.folder / f"{name}-{number}.csv" for name in ("ids", "report"))
        of_district = "" if district is None else f",{self.trial.districts[district]}"
        header = "id" if district is None else "id,district_id"
        asked.write_text("\n".join([header, *(f"{line}{of_district}" for line in lines)]) + "\n")
        proof = resolve_file(self.trial.warehouse, asked, "id", report)
        return proof, report.read_text().splitlines()[1:]


@pytest.fixture
def story(begin: "Begin") -> Iterator[Story]:
    """Return a warehouse of two small districts that were never synced."""
    with begin(districts=2, users=6) as trial:
        trial.records = ("users",)  # whose IDs it is about
        yield Story(trial)


def test_identity_of_an_ambiguous_person_who_is_gone_has_all_links(story: Story) -> None:
    one, other = story.user(teacher=L1, staff=L2), story.user(B, teacher=L1)
    story.sync()
    story.leaves(one)
    story.leaves(other, district=B)
    story.sync()
    assert story.status(one) == ("ambiguous", None)
    assert story.identity(one) >= {(one, one, L1), (one, one, L2), (other, other, L1)}


def test_identity_of_a_person_who_is_only_reported_has_no_link_that_the_api_contradicts(story: Story) -> None:
    user = story.user(teacher=L1)
    story.sync()
    story.tell((L7, V7), (L1, V7))
    assert story.status(L1) == ("current", user)
    assert story.identity(V7) == {(V7, V7, L7)}


@pytest.mark.parametrize("legacy_ids", [{"teacher": L1}, {"student": None}])
def test_identity_chains_has_a_reported_link_of_a_user_to_itself(
    story: Story, legacy_ids: dict[str, str | None]
) -> None:
    user = story.user(A, **legacy_ids)
    story.sync()
    story.tell((user, user))
    shown = {(each, user) for each in legacy_ids.values() if each}
    assert story.chain(user) == {(user, user), *shown}
    story.leaves(user)
    story.sync()
    assert story.identity(user) == {(user, former, each) for each, former in {(user, user), *shown}}


def test_identity_chains_has_a_reported_link_when_both_ids_lead_to_the_user(story: Story) -> None:
    one = story.user(teacher=L1, staff=L2)
    story.sync()
    story.leaves(one)
    two, other = story.user(staff=L2, district_admin=L3), story.user(teacher=L4)
    story.sync()
    story.tell((L1, two), (L3, one), (L4, two))
    assert story.status(L1) == ("inherited", two)
    assert story.chain(two) == {(L1, one), (L2, one), (L3, one), (L1, two), (L2, two), (L3, two)}
    assert story.chain(other) == {(L4, other)}


def test_legacy_id_that_is_replaced_by_one_with_the_same_hash_in_duckdb_is_an_update(story: Story) -> None:
    former, new = "55dbb007f9daf65939000013", "55dbb006f9daf65939000012"
    one = story.user(teacher=former)
    story.sync()
    assert story.trial.value("SELECT hash(?) = hash(?)", former, new)
    story.holds(one, teacher=new)
    assert story.sync() == ["applied", "unchanged"]
    assert story.trial.wrong() == []
    assert story.status(new) == ("current", one)


def test_reported_link_that_two_districts_contradict_is_in_the_same_district_whichever_is_synced_last(
    story: Story,
) -> None:
    one = story.user(teacher=L1)
    story.shows(one, B)
    story.sync()
    story.tell((L1, V9))
    told = "SELECT district_id, role FROM legacy_id_crosswalk WHERE source = 'migration_csv'"
    before = story.trial.rows(told)
    for district in (A, B, A):
        story.user(district, staff=None)
        story.sync(district)
        assert story.trial.rows(told) == before


# The cases of the contract


def test_legacy_id_leads_to_the_user_who_has_the_other_legacy_id_of_its_last_user(story: Story) -> None:
    one = story.user(teacher=L1, staff=L2)
    story.sync()
    story.holds(one, staff=L2)
    story.sync()
    assert story.status(L1) == ("current", one)
    story.leaves(one)
    three = story.user(staff=L2, district_admin=L5)
    story.sync()
    # the user left without L1, so nothing but the v3 ID of the user leads on
    assert story.status(L1) == ("inherited", three)
    assert story.status(one) == ("inherited", three)
    assert story.chain(three) == {(L1, one), (L2, one), (L2, three), (L5, three)}


def test_file_with_two_legacy_ids_of_one_person_is_one_person_with_two_ids(story: Story) -> None:
    one = story.user(teacher=L1, staff=L2)
    story.sync()
    story.holds(one, staff=L2)
    story.sync()
    story.leaves(one)
    story.user(staff=L2, district_admin=L5)
    story.sync()
    proof, _ = story.file(L1, L2)
    assert (proof.resolved, proof.people_with_several_ids, proof.ids_of_these) == (2, 1, 2)


def test_overlap_is_recorded_when_it_begins_and_the_former_user_is_in_the_chain(story: Story) -> None:
    one = story.user(teacher=L1)
    story.sync()
    three = story.user(teacher=L1, staff=L2)
    story.sync()
    assert story.changes(L1) == [("reassigned", one, three)]
    assert story.status(L1) == ("ambiguous", None)
    assert (story.chain(one), story.chain(three)) == ({(L1, one)}, {(L1, three), (L2, three)})
    story.leaves(one)
    story.sync()
    assert story.changes(L1) == [("reassigned", one, three)]
    assert story.chain(three) == {(L1, one), (L1, three), (L2, three)}
    assert story.status(one) == ("inherited", three)


def test_split_that_keeps_an_id_gives_each_user_a_chain_of_its_own(story: Story) -> None:
    one = story.user(teacher=L1, staff=L2)
    story.sync()
    story.holds(one, teacher=L1)
    two = story.user(staff=L2)
    story.sync()
    assert (story.chain(one), story.chain(two)) == ({(L1, one)}, {(L2, two)})


def test_merge_that_is_undone_is_no_identity(story: Story) -> None:
    one, two = story.user(teacher=L1), story.user(staff=L2)
    story.sync()
    story.holds(one, teacher=L1, staff=L2)
    story.leaves(two)
    story.sync()
    assert story.chain(one) == {(L1, one), (L2, one), (L2, two)}
    story.holds(one, teacher=L1)
    story.holds(two, staff=L2)
    story.sync()
    assert (story.chain(one), story.chain(two)) == ({(L1, one)}, {(L2, two)})


def test_swapped_roles_of_two_users_who_stay_are_role_moved_and_lead_to_the_present_holders(story: Story) -> None:
    one, two = story.user(teacher=L1, staff=L2), story.user(teacher=L3, staff=L4)
    story.sync()
    story.holds(one, teacher=L1, staff=L4)
    story.holds(two, teacher=L3, staff=L2)
    story.sync()
    assert story.changes(L2) == [("role_moved", one, two)]
    assert story.changes(L4) == [("role_moved", two, one)]
    columns = "SELECT DISTINCT from_is_gone, to_is_new FROM crosswalk_changes"
    assert story.trial.rows(columns) == [(False, False)]
    assert (story.status(L2), story.status(L4)) == (("current", two), ("current", one))


def test_user_who_returns_in_another_role_is_current_for_the_former_legacy_id(story: Story) -> None:
    one = story.user(teacher=L1)
    story.sync()
    story.leaves(one)
    story.sync()
    assert story.status(L1) == ("gone", one)
    story.holds(one, staff=L2)
    story.sync()
    answer = story.resolved(L1)
    assert (answer.status, answer.user_id, answer.reason) == ("current", one, "role_removed")
    assert story.changes(L1) == [("archived", one, None), ("restored", one, one)]


def test_other_legacy_id_in_the_same_role_is_legacy_id_replaced(story: Story) -> None:
    one = story.user(teacher=L1)
    story.sync()
    story.holds(one, teacher=L9)
    story.sync()
    assert story.changes(L1) == [("legacy_id_replaced", one, None)]
    answer = story.resolved(L1)
    assert (answer.status, answer.user_id, answer.reason) == ("current", one, "legacy_id_replaced")


def test_former_v3_id_and_legacy_id_of_a_merged_user_are_one_person(story: Story) -> None:
    one, two = story.user(teacher=L1), story.user(staff=L2)
    story.sync()
    three = story.sandbox.merge(one, two)
    story.sync()
    assert story.status(one) == ("inherited", three)
    assert story.status(L1) == ("current", three)
    proof, _ = story.file(one, L1)
    assert (proof.is_whole, proof.people_with_several_ids, proof.ids_of_these) == (True, 1, 2)


@pytest.mark.parametrize("district", [None, A, B])
def test_legacy_id_first_shown_in_a_held_snapshot_is_newer(story: Story, district: int | None) -> None:
    story.sync()
    story.user(B, teacher=L9)
    story.leaves(story.sandbox.roster(story.trial.districts[B]).ids()[0], district=B)
    story.trial.limits = STRICT
    assert story.sync() == ["unchanged", "held"]
    answer = story.resolved(L9)
    assert (answer.status, answer.user_id, answer.reason) == ("newer", None, "held")
    _, (line,) = story.file(L9, district=district)
    assert ",newer,,held," in line


def test_id_of_a_newcomer_is_newer_when_the_district_failed(story: Story) -> None:
    story.sync()
    newcomer = story.user(B, teacher=L9)
    story.sandbox.inject(Html(), district=story.trial.districts[B], stream="users")
    assert story.sync() == ["unchanged", "failed"]
    for id_ in (newcomer, L9):
        answer = story.resolved(id_)
        assert (answer.status, answer.reason) in {("newer", "not_up_to_date"), ("newer", "made_after_the_last_sync")}
        _, (line,) = story.file(id_, district=B)
        assert ",newer," in line


def test_approval_keeps_the_time_at_which_clever_showed_the_link(story: Story) -> None:
    story.sync()
    newcomer = story.user(teacher=L9)
    story.leaves(story.sandbox.roster(story.trial.districts[A]).ids()[0])
    story.trial.limits = STRICT
    story.sync(A)
    read_at = story.trial.value("SELECT max(read_at) FROM sync.runs")
    story.approve(A)
    assert story.status(L9) == ("current", newcomer)
    assert story.trial.value("SELECT last_seen_at FROM legacy_id_crosswalk WHERE legacy_id = ?", L9) == read_at


def test_legacy_id_of_two_users_in_two_districts_is_ambiguous_however_it_is_written(story: Story) -> None:
    one, two = story.user(teacher=L1), story.user(B, teacher=L1)
    story.sync()
    for written in (L1, L1.upper(), f"  {L1} ", f'ObjectId("{L1}")'):
        assert story.trial.value("SELECT v3_user_id(?)", written) is None
        answer = story.resolved(written)
        assert (answer.status, answer.user_id, answer.reason) == ("ambiguous", None, "several_current_users")
        assert list(answer.user_ids or ()) == sorted([one, two])


def test_reported_link_that_the_api_never_showed_is_unconfirmed(story: Story) -> None:
    story.sync()
    story.tell((L7, V7))
    for id_ in (L7, V7):
        answer = story.resolved(id_)
        assert (answer.status, answer.user_id, answer.reason) == ("unconfirmed", V7, "migration_csv")
    listed = story.trial.rows(statement("queries/legacy_ids_without_a_current_user"))
    assert [row[-1] for row in listed if L7 in row] == ["only in migration_csv"]


@pytest.mark.parametrize("is_imported_first", [True, False])
def test_link_that_the_api_contradicts_is_kept_and_overruled_in_either_order(
    story: Story, *, is_imported_first: bool
) -> None:
    one = story.user(teacher=L1)
    if is_imported_first:
        story.tell((L1, V9))
        assert story.status(L1) == ("unconfirmed", V9)
    story.sync()
    if not is_imported_first:
        story.tell((L1, V9))
    answer = story.resolved(L1)
    assert (answer.status, answer.user_id) == ("current", one)
    assert {(link.user_id, link.is_current, link.why, link.source) for link in answer.links} == {
        (one, True, None, "api"),
        (V9, False, "contradicted", "migration_csv"),
    }
    assert story.trial.rows(
        "SELECT role, user_id, is_current, end_reason FROM legacy_id_crosswalk WHERE legacy_id = ? ORDER BY is_current",
        L1,
    ) == [("teacher", V9, False, None), ("teacher", one, True, None)]


@pytest.mark.parametrize("is_imported_first", [True, False])
def test_csv_with_swapped_columns_enters_nothing_that_leads_anywhere(story: Story, *, is_imported_first: bool) -> None:
    one = story.user(teacher=L1)
    if is_imported_first:
        story.tell((one, L1))
    story.sync()
    if not is_imported_first:
        result = story.tell((one, L1))
        assert result.files[0].rows == {"misplaced": 1}
        assert result.entered == 0
    assert (story.status(L1), story.status(one)) == (("current", one), ("current", one))
    assert story.trial.rows("SELECT * FROM legacy_id_crosswalk WHERE source = 'migration_csv'") == []


def test_legacy_id_that_is_archived_here_and_held_elsewhere_leads_there_with_a_warning(story: Story) -> None:
    one = story.user(teacher=L1)
    story.sync()
    story.leaves(one)
    nine = story.user(B, teacher=L1)
    story.sync()
    assert not any(L1 in row for row in story.trial.rows(statement("queries/legacy_ids_without_a_current_user")))
    proof, (line,) = story.file(L1, district=A)
    assert proof.is_whole
    assert proof.ids_in_another_district == 1
    assert nine in line
    assert story.status(L1) == ("current", nine)


def test_identity_of_a_user_archived_long_ago_has_all_ids(story: Story) -> None:
    one = story.user(teacher=L1, staff=L2)
    story.sync()
    story.leaves(one)
    for _ in range(3):
        story.sync()
    for id_ in (one, L1, L2):
        assert story.identity(id_) == {(one, one, L1), (one, one, L2)}


@pytest.mark.parametrize("together", [True, False])
def test_legacy_id_whose_users_in_two_districts_leave_is_ambiguous_still(story: Story, *, together: bool) -> None:
    one, two = story.user(teacher=L1), story.user(B, teacher=L1)
    story.sync()
    story.leaves(one)
    story.leaves(two, district=B)
    for asked in [(A, B)] if together else [(A,), (B,)]:
        story.sync(*asked)
    answer = story.resolved(L1)
    assert (answer.status, answer.user_id, list(answer.user_ids or ())) == ("ambiguous", None, sorted([one, two]))


# Harder ones of the same kinds: the oracle is asked after each sync


def test_cycle_of_users_who_are_gone_names_all_of_them(story: Story) -> None:
    one = story.user(teacher=L1, staff=L2)
    story.sync()
    two = story.user(teacher=L1, staff=L3)
    story.sync()
    story.leaves(one, two)
    story.sync()
    for id_ in (one, two, L1, L2, L3):
        answer = story.resolved(id_)
        assert (answer.status, list(answer.user_ids or ())) == ("ambiguous", sorted([one, two]))


def test_cycle_of_users_who_are_gone_leads_to_the_living_user_behind_it(story: Story) -> None:
    one = story.user(teacher=L1, staff=L2)
    two = story.user(teacher=L1, staff=L3)
    story.sync()
    story.leaves(one, two)
    story.sync()
    three = story.user(staff=L3)
    story.sync()
    assert {story.status(id_) for id_ in (one, two, L1, L2)} == {("inherited", three)}
    assert story.status(L3) == ("current", three)
    story.leaves(three)
    story.sync()
    # whoever is gone and leads on is not the last user
    assert {story.status(id_) for id_ in (one, two, three, L1, L2, L3)} == {("gone", three)}


def test_chain_of_four_merges_leads_from_the_first_id_to_the_last_user(story: Story) -> None:
    users = [story.user(teacher=L1)]
    story.sync()
    for number, (role, legacy_id) in enumerate((("staff", L2), ("district_admin", L3)), 1):
        other = story.user(A, **{role: legacy_id})
        story.sync()
        users += [other, story.sandbox.merge(users[-1], other)]
        story.sync()
        assert story.status(users[0]) == ("inherited", users[-1]), number
    for legacy_ids in ({"teacher": L1, "staff": L4}, {"staff": L4, "district_admin": L5}):
        story.leaves(users[-1])
        users.append(story.user(A, **legacy_ids))
        story.sync()
    assert {story.status(each) for each in users[:-1]} == {("inherited", users[-1])}
    assert {story.status(each)[1] for each in (L1, L2, L3, L4, L5)} == {users[-1]}
    story.leaves(users[-1])
    story.sync()
    assert {story.status(each) for each in (*users, L1, L2, L3, L4, L5)} == {("gone", users[-1])}


def test_user_who_is_split_and_whose_parts_are_merged_is_one_person(story: Story) -> None:
    one = story.user(teacher=L1, staff=L2)
    story.sync()
    parts = story.sandbox.split(one)
    story.sync()
    assert story.status(one) == ("ambiguous", None)
    merged = story.sandbox.merge(*parts)
    story.sync()
    assert {story.status(each) for each in (one, *parts)} == {("inherited", merged)}
    assert {story.status(each) for each in (L1, L2)} == {("current", merged)}


def test_split_leads_to_the_part_that_stays_when_the_other_is_gone(story: Story) -> None:
    one = story.user(teacher=L1, staff=L2)
    story.sync()
    parts = story.sandbox.split(one)
    story.sync()
    story.leaves(parts[0])
    story.sync()
    assert story.status(one) == ("inherited", parts[1])
    story.leaves(parts[1])
    story.sync()
    assert story.status(one) == ("ambiguous", None)


def test_user_gone_in_one_district_and_living_in_another_is_not_passed_through(story: Story) -> None:
    one = story.user(teacher=L1)
    story.shows(one, B, teacher=L2)
    story.sync()
    story.leaves(one)
    two = story.user(teacher=L1)
    story.sync()
    assert (story.status(one), story.status(L2), story.status(L1)) == (
        ("current", one),
        ("current", one),
        ("current", two),
    )
    story.leaves(one, district=B)
    story.sync()
    assert (story.status(one), story.status(L2)) == (("inherited", two), ("inherited", two))


def test_user_who_left_two_districts_with_different_legacy_ids_leads_along_both(story: Story) -> None:
    one = story.user(teacher=L1)
    story.shows(one, B, teacher=L2)
    story.sync()
    story.leaves(one)
    story.sync(A)
    story.leaves(one, district=B)
    story.sync(B)
    two, three = story.user(teacher=L1), story.user(B, teacher=L2)
    story.sync()
    answer = story.resolved(one)
    assert (answer.status, list(answer.user_ids or ())) == ("ambiguous", sorted([two, three]))


def test_id_that_is_a_v3_id_of_one_user_and_a_legacy_id_of_another_is_ambiguous(story: Story) -> None:
    one = story.user(teacher=L1)
    two = story.user(teacher=one)
    story.sync()
    assert story.resolved(one).status == "ambiguous"
    story.leaves(one)
    story.sync()
    assert story.status(one) == ("current", two)
    story.leaves(two)
    story.sync()
    assert story.resolved(one).status == "ambiguous"


def test_v3_id_of_a_user_who_is_gone_that_becomes_a_legacy_id_leads_to_its_holder(story: Story) -> None:
    one = story.user(teacher=L1)
    story.sync()
    story.leaves(one)
    story.sync()
    two = story.user(B, teacher=one)
    story.sync()
    assert (story.status(one), story.status(L1)) == (("current", two), ("gone", one))


def test_student_without_a_legacy_id_is_current_under_the_v3_id_and_gone_later(story: Story) -> None:
    student = story.user(student=L1)
    story.holds(student, student=None)
    story.sync()
    assert story.status(student) == ("current", student)
    story.leaves(student)
    story.sync()
    assert story.status(student) == ("gone", student)
    story.holds(student, student=student)
    story.sync()
    assert story.status(student) == ("current", student)


def test_student_in_two_districts_who_leaves_one_stays_current(story: Story) -> None:
    student = story.user(student=L1)
    story.holds(student, student=student)
    story.shows(student)
    story.sync()
    story.leaves(student)
    story.sync(A)
    assert story.status(student) == ("current", student)
    story.leaves(student, district=B)
    story.sync(B)
    assert story.status(student) == ("gone", student)


def test_contact_with_a_new_v3_id_and_an_old_legacy_id_inherits_all_former_ids(story: Story) -> None:
    contacts = [story.user(contact=L1)]
    story.sync()
    for _ in range(3):
        story.leaves(contacts[-1])
        contacts.append(story.user(contact=L1))
        story.sync()
    assert {story.status(each) for each in contacts[:-1]} == {("inherited", contacts[-1])}
    assert story.chain(contacts[-1]) == {(L1, each) for each in contacts}


def test_reminted_contact_with_a_new_legacy_id_leaves_the_former_one_gone(story: Story) -> None:
    contact = story.user(contact=L1)
    story.sync()
    new = story.sandbox.remint_contact(contact)
    story.sync()
    assert (story.status(L1), story.status(contact), story.status(new)) == (
        ("gone", contact),
        ("gone", contact),
        ("current", new),
    )


def test_later_holder_in_another_district_outweighs_the_one_who_left_before(story: Story) -> None:
    one, two = story.user(teacher=L1), story.user(B, teacher=L1)
    story.sync()
    story.leaves(one)
    story.sync()
    story.sync()
    assert story.status(L1) == ("current", two)
    story.leaves(two, district=B)
    story.sync()
    assert story.status(L1) == ("gone", two)
    assert story.status(one) == ("gone", two)


def test_reported_link_to_a_user_who_is_gone_leads_to_the_heir_unconfirmed(story: Story) -> None:
    one = story.user(teacher=L1)
    story.sync()
    story.tell((L7, one))
    assert story.status(L7) == ("unconfirmed", one)
    story.leaves(one)
    two = story.user(teacher=L1)
    story.sync()
    assert story.status(L7) == ("unconfirmed", two)
    assert story.chain(two) == {(L1, one), (L1, two), (L7, one)}
    story.leaves(two)
    story.sync()
    assert story.status(L7) == ("unconfirmed", two)


def test_reported_links_to_two_users_who_became_one_are_one_answer(story: Story) -> None:
    one, two = story.user(teacher=L1), story.user(staff=L2)
    story.sync()
    story.tell((L7, one), (L7, two))
    assert story.status(L7) == ("ambiguous", None)
    merged = story.sandbox.merge(one, two)
    story.sync()
    assert story.status(L7) == ("unconfirmed", merged)


def test_reported_link_with_a_living_and_an_unknown_user_leads_to_the_living_one(story: Story) -> None:
    one = story.user(teacher=L1)
    story.sync()
    story.tell((L7, one), (L7, V7))
    assert story.status(L7) == ("unconfirmed", one)


def test_reported_link_is_confirmed_by_the_sync_that_shows_it(story: Story) -> None:
    story.sync()
    story.tell((L7, V7), (L8, V7))
    one = story.user(teacher=L1)
    story.sync()
    story.tell((L8, one))
    assert story.status(L8) == ("unconfirmed", one)
    story.holds(one, teacher=L8)
    story.sync()
    assert (story.status(L8), story.status(L7)) == (("current", one), ("unconfirmed", V7))
    assert story.trial.rows("SELECT DISTINCT source FROM legacy_id_crosswalk WHERE user_id = ?", one) == [("api",)]


def test_held_snapshot_decides_nothing_until_it_is_approved(story: Story) -> None:
    one, two = story.user(teacher=L1), story.user(staff=L2)
    story.sync()
    story.tell((L7, V7))
    merged = story.sandbox.merge(one, two)
    three = story.user(teacher=L7)
    story.trial.limits = STRICT
    assert story.sync(A) == ["held"]
    assert (story.status(L1), story.status(L7)) == (("current", one), ("unconfirmed", V7))
    story.approve(A)
    assert (story.status(L1), story.status(L7), story.status(one)) == (
        ("current", merged),
        ("current", three),
        ("inherited", merged),
    )


def test_approval_of_a_snapshot_read_before_another_district_showed_the_id(story: Story) -> None:
    one = story.user(teacher=L1)
    story.sync()
    story.leaves(one)
    story.trial.limits = STRICT
    assert story.sync(A) == ["held"]
    two = story.user(B, teacher=L1)
    story.sync(B)
    story.approve(A)
    assert story.status(L1) == ("current", two)


def test_restored_user_takes_the_ids_back_from_the_heir(story: Story) -> None:
    one = story.user(teacher=L1, staff=L2)
    story.sync()
    story.leaves(one)
    two = story.user(teacher=L1)
    story.sync()
    assert (story.status(one), story.status(L2)) == (("inherited", two), ("inherited", two))
    story.holds(one, staff=L2)
    story.sync()
    assert (story.status(one), story.status(L2), story.status(L1)) == (
        ("current", one),
        ("current", one),
        ("current", two),
    )
    story.leaves(one)
    story.sync()
    # the user left with L2 alone the second time
    assert (story.status(one), story.status(L2)) == (("gone", one), ("gone", one))


def test_user_who_left_without_a_legacy_id_leads_nowhere(story: Story) -> None:
    one = story.user(teacher=L1)
    story.sync()
    story.holds(one, teacher=None)
    story.sync()
    story.leaves(one)
    two = story.user(B, staff=L2)
    story.sync()
    assert (story.status(one), story.status(L1)) == (("gone", one), ("gone", one))
    story.holds(two, B, staff=L1)
    story.sync()
    assert (story.status(one), story.status(L1)) == (("gone", one), ("current", two))


def test_legacy_id_in_two_roles_of_one_user_is_one_answer(story: Story) -> None:
    one = story.user(teacher=L1, staff=L1)
    story.sync()
    assert story.status(L1) == ("current", one)
    story.holds(one, teacher=L1)
    story.sync()
    assert story.status(L1) == ("current", one)
    story.leaves(one)
    story.sync()
    assert story.status(L1) == ("gone", one)


def test_reissued_legacy_id_does_not_take_the_other_id_of_a_living_user_along(story: Story) -> None:
    one, two = story.user(teacher=L1, staff=L2), story.user(teacher=L3)
    story.sync()
    story.holds(one, staff=L2)
    story.holds(two, teacher=L1)
    story.sync()
    assert (story.status(L2), story.status(L1), story.status(L3)) == (
        ("current", one),
        ("current", two),
        ("current", two),
    )
    story.leaves(two)
    story.sync()
    assert (story.status(L1), story.status(L3)) == (("gone", two), ("gone", two))
    story.holds(one, teacher=L1, staff=L2)
    story.sync()
    assert (story.status(two), story.status(L3)) == (("inherited", one), ("inherited", one))
