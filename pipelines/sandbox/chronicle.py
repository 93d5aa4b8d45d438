"""What a warehouse must remember of one district after a number of syncs: outcomes, versions and the dated crosswalk.

It is told the truth at each sync that was applied and works out, in plain Python and from nothing else, what the
project's contract promises about history and identity. Syncs are numbered from 1 in the order told.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from pipelines.sandbox.truth import CrosswalkRow, Truth, UserRoleRow, UserRow

Row = UserRow | UserRoleRow
AKey = TypeVar("AKey", str, tuple[str, str])
State = tuple[Row, tuple[object, ...]]
"""A row, and what was sent beside it that no column holds."""

LegacyKey = tuple[str, str]
"""A role and a legacy id."""


class Outcome(NamedTuple):
    """What a sync did; the numbers count people."""

    outcome: str
    """applied or unchanged; applied also where nothing but last_modified differs, which counts nobody."""
    added: int
    updated: int
    """People whose row in users or user_roles changed, last_modified aside; also those who gained or lost a role."""
    archived: int
    restored: int


class Version(NamedTuple):
    """One row of a history table: at which sync, and why, a row became what it is."""

    sync: int
    change: str
    """created, updated, archived (the row repeats the last state) or restored."""
    row: Row


class IdentityChange(NamedTuple):
    """One row of crosswalk_changes."""

    sync: int
    change: str
    """merged, split, reassigned, role_lost, role_regained, archived or restored."""
    role: str
    legacy_id: str
    from_user_id: str | None
    to_user_id: str | None


@dataclass(slots=True)
class Link:
    """When a legacy id named a user."""

    first_sync: int
    last_sync: int
    ended_sync: int | None = None
    end_reason: str | None = None
    """reassigned, role_removed or archived; None while current."""

    @property
    def is_current(self) -> bool:
        """Whether the legacy id names the user at the last sync."""
        return self.ended_sync is None


class Chronicle:
    """The memory of one district's syncs."""

    def __init__(self) -> None:
        """Begin before the first sync."""
        self.syncs = 0
        self.outcomes: list[Outcome] = []
        self.crosswalk: dict[CrosswalkRow, Link] = {}
        """Every link ever seen."""
        self.changes: list[IdentityChange] = []
        """Changes of identity in the order of syncs, within one sync by role and legacy id."""
        self.users: dict[str, list[Version]] = {}
        """The versions of each person, by user id."""
        self.user_roles: dict[tuple[str, str], list[Version]] = {}
        """The versions of each role of a person, by user id and role."""
        self._people: dict[str, State] = {}
        self._roles: dict[tuple[str, str], State] = {}
        self._holders: dict[LegacyKey, str] = {}
        self._last_holders: dict[LegacyKey, str] = {}

    def sync(self, truth: Truth) -> Outcome:
        """Remember one applied sync of the district, and tell what it did."""
        self.syncs += 1
        people: dict[str, State] = {row.user_id: (row, truth.unknown_of(row.user_id)) for row in truth.users}
        roles: dict[tuple[str, str], State] = {
            (row.user_id, row.role): (row, truth.unknown_of(row.user_id, row.role)) for row in truth.user_roles
        }
        outcome = self._outcome(people, roles)
        self._write_versions(self.users, self._people, people)
        self._write_versions(self.user_roles, self._roles, roles)
        holders = {(row.role, row.legacy_id): row.user_id for row in truth.crosswalk}
        self._write_changes(holders, people)
        self._write_links(truth.crosswalk, people)
        self._people, self._roles, self._holders = people, roles, holders
        self._last_holders |= holders
        self.outcomes.append(outcome)
        return outcome

    def _outcome(self, people: Mapping[str, State], roles: Mapping[tuple[str, str], State]) -> Outcome:
        arrived = people.keys() - self._people.keys()
        added = len(arrived - self.users.keys())
        archived = len(self._people.keys() - people.keys())
        changed = {user_id for user_id in people if _differs(self._people.get(user_id), people[user_id])}
        for key in roles.keys() | self._roles.keys():
            if _differs(self._roles.get(key), roles.get(key)):
                changed.add(key[0])
        updated = len(changed & people.keys() & self._people.keys())
        restored = len(arrived) - added
        is_first = not self.outcomes
        is_same = not changed and people == self._people
        outcome = "applied" if is_first or not is_same else "unchanged"
        return Outcome(outcome, added, updated, archived, restored)

    def _write_versions(
        self, versions: dict[AKey, list[Version]], before: Mapping[AKey, State], after: Mapping[AKey, State]
    ) -> None:
        for key in sorted(before.keys() | after.keys()):
            if key not in after:
                versions[key].append(Version(self.syncs, "archived", before[key][0]))
            elif key not in versions:
                versions[key] = [Version(self.syncs, "created", after[key][0])]
            elif key not in before:
                versions[key].append(Version(self.syncs, "restored", after[key][0]))
            elif _differs(before[key], after[key]):
                versions[key].append(Version(self.syncs, "updated", after[key][0]))

    def _write_links(self, rows: list[CrosswalkRow], people: Mapping[str, State]) -> None:
        seen = set(rows)
        named = {row.legacy_id for row in rows}
        for row in rows:
            link = self.crosswalk.setdefault(row, Link(self.syncs, self.syncs))
            link.last_sync, link.ended_sync, link.end_reason = self.syncs, None, None
        for row, link in self.crosswalk.items():
            if link.is_current and row not in seen:
                link.ended_sync = self.syncs
                still_there = "role_removed" if row.user_id in people else "archived"
                link.end_reason = "reassigned" if row.legacy_id in named else still_there

    def _write_changes(self, holders: Mapping[LegacyKey, str], people: Mapping[str, State]) -> None:
        """Tell each change of holder, and each role that comes back to a user under a legacy id that nobody held before.

        A move is a merge when the new holder's legacy ids were held by two users before, one of whom may be the new
        holder; else a split when the former holder's have gone to two; else a reassignment.
        """
        held_before: dict[str, set[str]] = defaultdict(set)
        held_after: dict[str, set[str]] = defaultdict(set)
        for key, holder in holders.items():
            if key in self._last_holders:
                held_before[holder].add(self._last_holders[key])
                held_after[self._last_holders[key]].add(holder)
        held_role = {(row.role, row.user_id) for row in self.crosswalk}
        holds_role = {(role, user_id) for (role, _), user_id in self._holders.items()}
        for key in sorted(holders.keys() | self._holders.keys()):
            former, now = self._holders.get(key), holders.get(key)
            last = former or self._last_holders.get(key)
            if last is None and now and (key[0], now) in held_role - holds_role:
                last = now
            if former == now or last is None:
                continue
            if now is None:
                change = "role_lost" if last in people else "archived"
            elif last == now:
                change = "role_regained" if last in self._people else "restored"
            elif len(held_before[now]) > 1:
                change = "merged"
            else:
                change = "split" if len(held_after[last]) > 1 else "reassigned"
            self.changes.append(IdentityChange(self.syncs, change, *key, last, now))


def _differs(before: State | None, after: State | None) -> bool:
    """Tell whether a row changed in more than its last_modified."""
    if before is None or after is None:
        return before is not after
    return (_settled(before[0]), before[1]) != (_settled(after[0]), after[1])


def _settled(row: Row) -> Row:
    """Give a row as it is apart from last_modified."""
    return row._replace(last_modified_at=row.created_at) if isinstance(row, UserRow) else row
