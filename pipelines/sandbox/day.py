"""What a day changes in a district: arrivals, leavers, returns, role changes, identity changes, or nothing at all."""

import random
from collections.abc import Callable

from pipelines.sandbox.edits import edit
from pipelines.sandbox.people import (
    CONTACT,
    DISTRICT_ADMIN,
    EMPLOYEE_ROLES,
    GRADES,
    KINDS,
    STAFF,
    STUDENT,
    TEACHER,
    Kind,
)
from pipelines.sandbox.roster import Roster

QUIET_SHARE = 0.2
"""The share of days without changes."""

SHARING_SHARE = 0.1
"""The share of the other days on which the district changes what it shares."""

PEOPLE_PER_CHANGE = 400
"""How many people it takes for one more change on a day."""

TRIES = 300
"""How many people are looked at by chance before everyone is."""

LEAVING_GRADES = ("12", "13", "PostGraduate")
"""Who is in one of these when the school year ends leaves."""


class Day:
    """One day in one district; the same seed, number and roster lead to the same changes."""

    def __init__(self, roster: Roster, seed: int, number: int) -> None:
        """Choose the day."""
        self._roster = roster
        self._rng = random.Random(f"night {seed} {number} {roster.district_id}")
        self._everyone = roster.ids()
        self._edits_rng = random.Random(f"edits {seed} {number} {roster.district_id}")
        self.is_quiet = False
        """Whether nothing happens; known after `apply`."""

    def apply(self, *, keep_shared: bool = False) -> None:
        """Apply the changes of the day; a change without a suitable person is skipped.

        Args:
            keep_shared: Whether the district goes on to share what it shares.
        """
        if self._rng.random() < QUIET_SHARE:
            self.is_quiet = True
            return
        possible: list[Callable[[], None]] = [
            *(self._arrival, self._arrival, self._leaving, self._leaving, self._return),
            *(self._gain, self._loss, self._change, self._change, self._email),
            *(self._merge, self._split, self._reissue, self._remint),
        ]
        for _ in range(1 + self._rng.randrange(3) + len(self._roster) // PEOPLE_PER_CHANGE):
            self._rng.choice(possible)()
        if self._rng.random() < SHARING_SHARE and not keep_shared:
            self._sharing()

    def edit_fields(self) -> None:
        """Edit fields of the roles of a few people, unless the night is quiet.

        All districts do this after the rest of the night, so that the IDs given in the night do not depend on it.
        """
        if self.is_quiet or not self._everyone:
            return
        rng, roster = self._edits_rng, self._roster
        for _ in range(1 + rng.randrange(3) + len(roster) // PEOPLE_PER_CHANGE):
            user_id = rng.choice(self._everyone)
            if user_id in roster and (changes := edit(rng, roster.record(user_id))):
                roster.change(user_id, changes)

    def roll_over(self) -> None:
        """Let the school year end: the oldest leave, the others move up, as many newcomers arrive."""
        roster = self._roster
        left = 0
        for user_id in roster.ids(STUDENT):
            grade = roster.record(user_id)["roles"][STUDENT].get("grade")
            if grade in LEAVING_GRADES:
                roster.remove(user_id)
                left += 1
            elif grade in GRADES[:17]:
                roster.change(user_id, {"roles.student.grade": GRADES[GRADES.index(grade) + 1]})
        for _ in range(left):
            roster.add_person((STUDENT,))

    def _any_person(self, fits: Callable[[Kind], bool]) -> str | None:
        """Choose someone whose roles fit, or None if there is no one; the rare are found by looking at everyone."""
        roster = self._roster
        for _ in range(TRIES if self._everyone else 0):
            user_id = self._rng.choice(self._everyone)
            if user_id in roster and fits(roster.roles(user_id)):
                return user_id
        found = [user_id for user_id in roster.ids() if fits(roster.roles(user_id))]
        return self._rng.choice(found) if found else None

    def _holder(self, role: str) -> str | None:
        return self._any_person(lambda roles: role in roles)

    def _arrival(self) -> None:
        self._roster.add_person(self._rng.choices(list(KINDS), weights=list(KINDS.values()))[0])

    def _leaving(self) -> None:
        if user_id := self._any_person(lambda _roles: True):
            self._roster.remove(user_id)

    def _return(self) -> None:
        if gone := self._roster.gone():
            self._roster.restore(self._rng.choice(gone))

    def _gain(self) -> None:
        """Let an employee take on a further role."""
        if user_id := self._holder(self._rng.choice((TEACHER, STAFF))):
            lacking = [role for role in EMPLOYEE_ROLES if role not in self._roster.roles(user_id)]
            if lacking:
                self._roster.give_role(user_id, self._rng.choice(lacking))

    def _loss(self) -> None:
        """Let an employee with several roles lose one, but not the one that allows the others."""
        if user_id := self._any_person(lambda roles: len(roles) > 1):
            roles = self._roster.roles(user_id)
            self._roster.drop_role(user_id, DISTRICT_ADMIN if DISTRICT_ADMIN in roles else self._rng.choice(roles))

    def _change(self) -> None:
        if user_id := self._holder(STUDENT):
            self._roster.change(user_id, {"roles.student.grade": self._rng.choice(GRADES)})
        if self._rng.choice((True, False)) and (user_id := self._holder(TEACHER)):
            self._roster.rename(user_id)

    def _email(self) -> None:
        if user_id := self._holder(self._rng.choice((TEACHER, STAFF, STUDENT))):
            self._roster.change_email(user_id)

    def _merge(self) -> None:
        """Let a teacher and a member of staff turn out to be one person."""
        teacher = self._any_person(lambda roles: roles == (TEACHER,))
        staff = self._any_person(lambda roles: roles == (STAFF,))
        if teacher and staff:
            self._roster.merge(teacher, staff)

    def _split(self) -> None:
        if user_id := self._any_person(lambda roles: TEACHER in roles and STAFF in roles):
            self._roster.split(user_id, keep=self._rng.choice((True, False)))

    def _reissue(self) -> None:
        """Let a teacher's legacy id name another teacher, who had another until then."""
        giver, taker = self._holder(TEACHER), self._holder(TEACHER)
        if giver and taker and giver != taker:
            legacy_id = self._roster.record(giver)["roles"][TEACHER].get("legacy_id")
            if legacy_id:
                self._roster.reissue(legacy_id, taker, (giver, TEACHER))

    def _remint(self) -> None:
        if user_id := self._holder(CONTACT):
            self._roster.remint_contact(user_id)

    def _sharing(self) -> None:
        """Switch the sharing of a role off, or on again if it is off."""
        if hidden := sorted(self._roster.hidden_roles):
            self._roster.share(role=hidden[0])
        else:
            self._roster.unshare(role=self._rng.choice((CONTACT, DISTRICT_ADMIN)))
