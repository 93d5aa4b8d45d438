"""What a warehouse must remember of one district after a number of syncs: outcomes, versions and the dated crosswalk.

It is told the truth at each sync that was applied, of people and of schools, and works out, in plain Python and from nothing
else, what the project's contract promises about history and identity. Syncs are numbered from 1 in the order told.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tests.expected.role_tables import ROLE_OF
from tests.expected.school import STREAM_OF
from tests.expected.school_tables import School
from tests.expected.table_rows import Key
from tests.expected.truth import CrosswalkRow, Truth, UserRoleRow
from tests.expected.versions import State, Version, Versions

LegacyKey = tuple[str, str]
"""A role and a legacy id."""

Holders = dict[LegacyKey, frozenset[str]]
"""The users who hold each legacy ID. A legacy ID that no user holds is absent."""


NO_USERS: frozenset[str] = frozenset()


class Outcome(NamedTuple):
    """What a sync did; the numbers count people."""

    outcome: str
    """applied or unchanged; applied also where nothing but last_modified differs, which counts no one."""
    added: int
    updated: int
    """People of whom a row changed in any table, Clever's own times of change aside; also those who gained or lost a role."""
    archived: int
    restored: int


class IdentityChange(NamedTuple):
    """One row of crosswalk_changes."""

    sync: int
    change: str
    """To another holder: merged, split, role_moved or reassigned. To none: legacy_id_replaced, legacy_id_removed, role_lost
    or archived. Back to the same holder: role_regained or restored."""
    role: str
    legacy_id: str
    from_user_id: str | None
    to_user_id: str | None
    from_is_gone: bool | None = False
    """Whether the former holder is absent after the sync."""
    to_is_new: bool | None = None
    """Whether the sync is the first to show the new holder; None if there is no new holder."""
    replaced_by: str | None = None
    """The legacy ID that the former holder has in the role instead, if the change is legacy_id_replaced."""


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


class ChangeLog:
    """The memory of one district's syncs."""

    def __init__(self) -> None:
        """Begin before the first sync."""
        self.syncs = 0
        self.outcomes: list[Outcome] = []
        self.crosswalk: dict[CrosswalkRow, Link] = {}
        """Every link ever seen."""
        self.changes: list[IdentityChange] = []
        """Changes of identity in the order of syncs, within one sync by role and legacy id."""
        self.people: Versions[str] = Versions()
        """Table users, by user ID."""
        self.held_roles: Versions[tuple[str, str]] = Versions()
        """Table user_roles, by user ID and role."""
        self.tables: dict[str, Versions[Key]] = {table: Versions() for table in (*ROLE_OF, *STREAM_OF)}
        """The tables of roles and of schools, by key."""
        self._holders: Holders = {}
        """The users who hold each legacy ID at the last sync."""
        self._last_holders: Holders = {}
        """The users who held each legacy ID when it was last held by any user."""
        self._left_with: dict[str, set[LegacyKey]] = {}
        """The legacy IDs of each user at the last sync before the user was archived, by user ID."""

    @property
    def users(self) -> Mapping[str, list[Version]]:
        """The versions of each person, by user id."""
        return self.people.by_key

    @property
    def user_roles(self) -> Mapping[tuple[str, str], list[Version]]:
        """The versions of each role of a person, by user id and role."""
        return self.held_roles.by_key

    @property
    def role_tables(self) -> Mapping[str, Mapping[Key, list[Version]]]:
        """The versions of each row of the tables of roles, by key."""
        return {table: self.tables[table].by_key for table in ROLE_OF}

    @property
    def school_tables(self) -> Mapping[str, Mapping[Key, list[Version]]]:
        """The versions of each row of the tables of schools, by key."""
        return {table: self.tables[table].by_key for table in STREAM_OF}

    def sync(self, truth: Truth, school: School | None = None) -> Outcome:
        """Remember one applied sync of the district, and tell what it did.

        Args:
            truth: The people whom the district shares.
            school: The streams of schools that it shares. The rows of a stream that it does not share stay as they are.
        """
        self.syncs += 1
        people: dict[str, State] = {row.user_id: (row, truth.extra_of(row.user_id)) for row in truth.users}
        roles: dict[tuple[str, str], State] = {
            (row.user_id, row.role): (row, truth.extra_of(row.user_id, row.role)) for row in truth.user_roles
        }
        shown = {**truth.role_tables, **(school.tables if school else {})}
        tables: dict[str, dict[Key, State]] = {
            table: {key: (row, row.extra) for key, row in rows.items()} for table, rows in shown.items()
        }
        outcome = self._outcome(people, roles, tables)
        were_here = frozenset(self.people.current)
        for table, states in tables.items():
            self.tables[table].write(self.syncs, states)
        self.people.write(self.syncs, people)
        self.held_roles.write(self.syncs, roles)
        holders = _holders(truth.crosswalk)
        self._write_changes(holders, were_here, truth.user_roles)
        self._write_links(truth.crosswalk, people)
        self._holders = holders
        self._last_holders |= holders
        self.outcomes.append(outcome)
        return outcome

    def _outcome(
        self,
        people: Mapping[str, State],
        roles: Mapping[tuple[str, str], State],
        tables: Mapping[str, Mapping[Key, State]],
    ) -> Outcome:
        former = self.people.current
        arrived = people.keys() - former.keys()
        added = len(arrived - self.users.keys())
        changed = self.people.changed(people) | {user_id for user_id, _ in self.held_roles.changed(roles)}
        for table in tables.keys() & ROLE_OF.keys():
            changed |= {user_id for user_id, *_ in self.tables[table].changed(tables[table])}
        is_same = people == former and roles == self.held_roles.current
        is_same &= all(states == self.tables[table].current for table, states in tables.items())
        return Outcome(
            "unchanged" if self.outcomes and is_same else "applied",
            added,
            updated=len(changed & people.keys() & former.keys()),
            archived=len(former.keys() - people.keys()),
            restored=len(arrived) - added,
        )

    def _write_links(self, rows: list[CrosswalkRow], people: Mapping[str, State]) -> None:
        seen = set(rows)
        named = {(row.role, row.legacy_id) for row in rows}
        for row in rows:
            link = self.crosswalk.setdefault(row, Link(self.syncs, self.syncs))
            link.last_sync, link.ended_sync, link.end_reason = self.syncs, None, None
        for row, link in self.crosswalk.items():
            if link.is_current and row not in seen:
                link.ended_sync = self.syncs
                still_there = "role_removed" if row.user_id in people else "archived"
                link.end_reason = "reassigned" if (row.role, row.legacy_id) in named else still_there

    def _write_changes(self, holders: Holders, were_here: frozenset[str], roles: list[UserRoleRow]) -> None:
        """Record each change of holder, and each role that returns to a user with a legacy ID that no user held before.

        The versions of users must be written first, and the links not yet.
        """
        night = _Transition(
            before=self._holders,
            after=holders,
            last=self._last_holders,
            were_here=were_here,
            are_here=frozenset(self.people.current),
            now_held={(row.user_id, row.role): row.legacy_id for row in roles},
        )
        moves: list[_Move] = []
        for key in holders.keys() | self._holders.keys():
            former, now = self._holders.get(key, NO_USERS), holders.get(key, NO_USERS)
            if now - former:
                moves += self._received(night, key, now - former)
            elif not now:
                moves += [_Move(night.word_without_holder(key, each), key, each, None) for each in former]
            elif not self._latest_receivers(key) & now:
                moves += [_Move("reassigned", key, each, other) for each in former - now for other in now]
        moves += self._restored(night)
        found = [
            IdentityChange(
                self.syncs,
                move.change,
                *move.key,
                move.former,
                move.now,
                from_is_gone=move.former not in night.are_here,
                to_is_new=None if move.now is None else self.users[move.now][0].sync == self.syncs,
                replaced_by=night.now_held[move.former, move.key[0]] if move.change == "legacy_id_replaced" else None,
            )
            for move in moves
        ]
        self.changes += sorted(found, key=lambda change: (change.role, change.legacy_id, str(change)))
        for user_id in night.were_here - night.are_here:
            self._left_with[user_id] = {key for key, users in self._holders.items() if user_id in users}

    def _received(self, night: "_Transition", key: LegacyKey, receivers: frozenset[str]) -> Iterator["_Move"]:
        """Name the changes by which users receive a legacy ID."""
        role, _ = key
        for user_id in receivers:
            givers = night.givers(key, user_id)
            yield from (_Move(night.word(key, giver, user_id), key, giver, user_id) for giver in givers)
            had_role = any((row.user_id, row.role) == (user_id, role) for row in self.crosswalk)
            has_it_still = any(user_id in users for (each, _), users in self._holders.items() if each == role)
            if not givers and had_role and not has_it_still:
                yield _Move("role_regained" if user_id in night.were_here else "restored", key, user_id, user_id)

    def _restored(self, night: "_Transition") -> Iterator["_Move"]:
        """Name the legacy IDs that no user has, and that users who return had last, until they were archived."""
        for user_id in night.are_here - night.were_here:
            for key in self._left_with.get(user_id, ()):
                if key not in night.after and user_id in self._last_holders[key]:
                    yield _Move("restored", key, user_id, user_id)

    def _latest_receivers(self, key: LegacyKey) -> set[str | None]:
        """Name the new holders in the changes of a legacy ID at the latest sync that changed it."""
        of_key = [change for change in self.changes if (change.role, change.legacy_id) == key]
        return {change.to_user_id for change in of_key if change.sync == of_key[-1].sync}


class _Move(NamedTuple):
    """A change of the holder of a legacy ID at one sync."""

    change: str
    key: LegacyKey
    former: str
    now: str | None


@dataclass(frozen=True, slots=True)
class _Transition:
    """The holders of all legacy IDs and the users of a district before and after one sync."""

    before: Holders
    after: Holders
    last: Holders
    were_here: frozenset[str]
    are_here: frozenset[str]
    now_held: Mapping[tuple[str, str], str | None]
    """By user and role: the legacy ID after the sync, which may be None."""

    def givers(self, key: LegacyKey, receiver: str) -> frozenset[str]:
        """Name the users from whom a user received a legacy ID."""
        before, after = self.before.get(key, NO_USERS), self.after[key]
        if before:
            return before - after or before
        last = self.last.get(key, NO_USERS)
        if receiver in last or not last:
            return last & {receiver}
        return frozenset({max(last)})

    def word(self, key: LegacyKey, giver: str, receiver: str) -> str:
        """Name the change by which a legacy ID went from one user to another, or back to the same user."""
        if giver == receiver:
            return "role_regained" if receiver in self.were_here else "restored"
        if giver in self.after[key]:
            return "reassigned"
        if giver not in self.are_here:
            if len(self._sources(receiver)) > 1:
                return "merged"
            return "split" if len(self._receivers(giver)) > 1 else "reassigned"
        if receiver in self.were_here:
            return "role_moved"
        return "split" if any(giver in users for users in self.after.values()) else "reassigned"

    def word_without_holder(self, key: LegacyKey, former: str) -> str:
        """Name the change by which a legacy ID lost its last holder."""
        if former not in self.are_here:
            return "archived"
        if (former, key[0]) not in self.now_held:
            return "role_lost"
        return "legacy_id_removed" if self.now_held[former, key[0]] is None else "legacy_id_replaced"

    def _received(self) -> Iterator[tuple[LegacyKey, str]]:
        for key, users in self.after.items():
            for user_id in users - self.before.get(key, NO_USERS):
                yield key, user_id

    def _sources(self, receiver: str) -> set[str]:
        """Name the users whose legacy IDs a user has after the sync, of those that were held before."""
        kept = {receiver for key, users in self.before.items() if receiver in users & self.after.get(key, NO_USERS)}
        return kept.union(*(self.givers(key, receiver) for key, user_id in self._received() if user_id == receiver))

    def _receivers(self, giver: str) -> set[str]:
        """Name the users to whom a user's legacy IDs went."""
        return {user_id for key, user_id in self._received() if giver in self.givers(key, user_id)}


def _holders(rows: list[CrosswalkRow]) -> Holders:
    found: dict[LegacyKey, set[str]] = defaultdict(set)
    for row in rows:
        found[row.role, row.legacy_id].add(row.user_id)
    return {key: frozenset(users) for key, users in found.items()}
