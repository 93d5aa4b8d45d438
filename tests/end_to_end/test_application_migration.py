"""An application's accounts are brought to v3 IDs with the commands of docs/legacy-ids.md, and equal the sandbox's truth afterwards."""

import csv
import random
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial
    from tests.end_to_end.conftest import Terminal

ACCOUNTS = 10_000
"""Rows of the application's table."""

USERS = 5_000
"""Users of the district."""

NONSENSE = ["", "mary@lamb.example", "5.5E+23", f"{0x5F << 88:024x}"]
"""What is in the table and is no ID that Clever ever gave."""


@pytest.fixture
def trial(begin: "Begin") -> "Iterator[Trial]":
    """Return a district that has not been synced."""
    with begin(users=USERS, seed=14) as made:
        yield made


class People:
    """The sandbox's truth: to which user each ID leads, as the test itself has let it happen."""

    def __init__(self, trial: "Trial", chance: random.Random) -> None:
        self._sandbox = trial.sandbox
        self._roster = trial.sandbox.roster(trial.districts[0])
        self._chance = chance
        self._holders: dict[str, str] = {}
        self._users: set[str] = set()
        self._heirs: dict[str, str | None] = {}
        self._split: list[tuple[str, tuple[str, ...]]] = []
        self._left_alone: set[str] = set()
        self._note()

    def user_of(self, written: str) -> str | None:
        """Return the user to whom an ID leads, who may be gone; None if these are several, or if it is no ID."""
        an_id = written.lower()
        user_id: str | None = self._holders.get(an_id, an_id if an_id in self._users else None)
        while user_id in self._heirs:
            user_id = self._heirs[user_id]
        return user_id

    def ids(self) -> list[str]:
        """Return every ID, legacy and v3, each once."""
        return sorted({*self._holders, *self._users})

    def gone_before_the_first_sync(self) -> None:
        """Let some leave."""
        for user_id in self._some(60, "student") + self._some(8, "teacher"):
            self._sandbox.remove(user_id)

    def change(self) -> None:
        """Let some merge, split, leave, lose a role, and let legacy IDs be issued again."""
        for one, other in zip(self._some(8, "teacher"), self._some(8, "staff"), strict=False):
            self._merge(one, other)
        for user_id in self._some(6, "staff", "teacher"):
            parts = self._sandbox.split(user_id, keep=self._chance.random() < 0.5)
            self._split.append((user_id, parts))
            self._left_alone.update(parts)
            if user_id not in parts:
                self._heirs[user_id] = None
        for giver, taker in zip(self._some(3, "staff", "teacher"), self._some(3, "teacher"), strict=False):
            given = self._roster.record(giver)["roles"]["teacher"]["legacy_id"]
            self._sandbox.reissue(given, taker)
        for user_id in self._some(3, "staff", "teacher"):
            self._sandbox.drop_role(user_id, "staff")
        for user_id in self._some(100, "student") + self._some(5, "contact"):
            self._sandbox.remove(user_id)
        self._note()

    def merge_again(self) -> None:
        """Let users who came from a merge merge with others, and the parts of a split come together again."""
        merged = [each for each in set(self._heirs.values()) if each]
        for one, other in zip(sorted(merged)[:4], self._some(4, "district_admin"), strict=False):
            self._merge(one, other)
        for user_id, parts in self._split[:3]:
            together = self._merge(*parts)
            if user_id not in parts:
                self._heirs[user_id] = together
        self._note()

    def _merge(self, one: str, other: str) -> str:
        together = self._sandbox.merge(one, other)
        self._heirs |= {one: together, other: together}
        self._left_alone.add(together)
        return together

    def _note(self) -> None:
        self._holders |= {link.legacy_id: link.user_id for link in self._sandbox.truth().crosswalk}
        self._users.update(self._holders.values())

    def _some(self, many: int, *roles: str) -> list[str]:
        """Choose users who hold exactly these roles, and to whom nothing has happened."""
        free = [each for each in self._roster.ids() if sorted(self._roster.roles(each)) == list(roles)]
        chosen = self._chance.sample([each for each in free if each not in self._left_alone], many)
        self._left_alone.update(chosen)
        return chosen


def _write(file: Path, ids: Mapping[str, str]) -> None:
    with file.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerows([("account", "clever_id"), *ids.items()])


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def _export(trial: "Trial", file: Path) -> None:
    """Write the zip that Clever would make for the migration to API v3."""
    lines = [f"{link.legacy_id},{link.user_id}" for link in trial.sandbox.truth().crosswalk]
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{trial.districts[0]}.csv", "\n".join(["role_id,user_id", *lines]))


@pytest.mark.search
def test_ten_thousand_accounts_equal_the_truth_after_the_commands_of_the_readme(
    trial: "Trial", terminal: "Terminal"
) -> None:
    chance = random.Random(14)
    people = People(trial, chance)
    folder = terminal.folder
    _export(trial, folder / "clever.zip")
    ids = people.ids()
    written = [*ids, *(each.upper() for each in chance.choices(ids, k=ACCOUNTS - len(ids) - len(NONSENSE))), *NONSENSE]
    chance.shuffle(written)
    table = {str(number): an_id for number, an_id in enumerate(written)}
    assert len(table) == ACCOUNTS

    people.gone_before_the_first_sync()
    assert terminal.run("sync", on=trial, CLEVER_MAX_ARCHIVED_PERCENT="50").code == 0
    people.change()
    assert terminal.run("sync", on=trial, CLEVER_MAX_ARCHIVED_PERCENT="50").code == 0
    # half of a migration: someone brought these accounts to v3 IDs at this time
    for account in chance.sample(sorted(table), 600):
        table[account] = people.user_of(table[account]) or table[account]
    people.change()
    people.merge_again()
    assert terminal.run("sync", on=trial, CLEVER_MAX_ARCHIVED_PERCENT="50").code == 0

    expected = defaultdict(set)
    for account, an_id in table.items():
        user_id = people.user_of(an_id)
        expected[user_id or f"account {account}"].add(account)

    _write(folder / "accounts.csv", table)
    assert terminal.run("import-migration", "clever.zip", on=trial).code == 0
    terminal.run("verify-legacy", on=trial)
    asked = ("resolve", "accounts.csv", "--column", "clever_id")
    assert terminal.run(*asked, "--merge-list", "--output", "merges.csv", on=trial).code == 1, "some are nonsense"
    assert terminal.run(*asked, "--output", "resolved.csv", on=trial).code == 1

    # what the application does: merge the accounts as the list says, then set the ID of those it has kept
    accounts = {account: {account} for account in table}
    account_of_line = {row["line"]: row["account"] for row in _read(folder / "resolved.csv")}
    for row in _read(folder / "merges.csv"):
        if row["action"] == "merge":
            accounts[account_of_line[row["line_to_keep"]]] |= accounts.pop(row["account"])
    migrated = {row["account"]: row["v3_id"] or table[row["account"]] for row in _read(folder / "resolved.csv")}
    migrated = {account: migrated[account] for account in accounts}

    found = {people.user_of(table[account]) or f"account {account}": merged for account, merged in accounts.items()}
    assert sum(found[key] != accounts_of_one for key, accounts_of_one in expected.items()) == 0
    assert len(found) == len(accounts) == len(expected)
    wrong = [
        account for account, v3_id in migrated.items() if v3_id != (people.user_of(table[account]) or table[account])
    ]
    assert wrong == []

    _write(folder / "migrated.csv", migrated)
    again = terminal.run("resolve", "migrated.csv", "--column", "clever_id", "--migrated", on=trial)
    assert again.code == 0, again.out
    _write(folder / "unmerged.csv", migrated | {"one more": next(filter(None, map(people.user_of, migrated.values())))})
    assert terminal.run("resolve", "unmerged.csv", "--column", "clever_id", "--migrated", on=trial).code == 1
