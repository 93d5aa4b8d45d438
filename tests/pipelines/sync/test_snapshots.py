"""A read is a snapshot: what a sync applies is the roster as it was at one moment, whatever changes while it is read.

What no comparison of /users with the role views can see, because no role is given or taken away: a field that changes on a page
that has been read already, such as an e-mail address, which the next sync brings; and a change that is undone before the view of
its role is read, which leaves the roster as it was.
"""

from collections.abc import Callable
from functools import partial
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from pipelines.progress import ReadAgain
from pipelines.sandbox import ROLES, Meanwhile, Status
from pipelines.sandbox.faults import NO_ROLE
from pipelines.sandbox.roster import Roster
from tests.expected.sandbox import Sandbox
from tests.expected.truth import Truth

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

PAGE_LIMIT = 5

PAGES = {NO_ROLE: 5, "student": 3, "teacher": 1, "staff": 1, "district_admin": 1, "contact": 2}
"""How many pages /users and the role views have, before each of which a change may come."""
POSITIONS = [(role, page) for role, pages in PAGES.items() for page in range(1, pages + 1)]

OUT_OF_ORDER = 0.5
"""Seconds that a request of /users waits for one of a role view that only comes if the views are read at the same time."""


def _at_one_moment(sandbox: Sandbox, change: "Change", roster: Roster) -> None:
    with sandbox.lock:
        change(roster)


def _person(roster: Roster, *roles: str, number: int = 0) -> str:
    """Return the id of someone who holds exactly these roles."""
    return [each for each in roster.ids() if roster.roles(each) == roles][number]


def _arrives(roster: Roster, roles: tuple[str, ...]) -> None:
    roster.add_person(roles)


def _nothing(_roster: Roster) -> None:
    pass


def _student_leaves(roster: Roster) -> None:
    roster.remove(_person(roster, "student"))


def _student_returns(roster: Roster) -> None:
    roster.restore(roster.gone()[0])


def _teacher_becomes_staff(roster: Roster) -> None:
    roster.give_role(_person(roster, "teacher"), "staff")


def _teacher_is_no_longer_staff(roster: Roster) -> None:
    roster.drop_role(_person(roster, "teacher", "staff"), "staff")


def _contacts_are_no_longer_shared(roster: Roster) -> None:
    roster.unshare(role="contact")


def _contacts_are_shared_again(roster: Roster) -> None:
    roster.share(role="contact")


def _contact_is_replaced(roster: Roster) -> None:
    roster.remint_contact(_person(roster, "contact"))


def _two_employees_are_merged(roster: Roster) -> None:
    roster.merge(_person(roster, "teacher"), _person(roster, "staff"))


def _two_contacts_leave(roster: Roster) -> None:
    for user_id in (_person(roster, "contact"), _person(roster, "contact", number=-1)):
        roster.remove(user_id)


Change = Callable[[Roster], None]

CHANGES: dict[str, tuple[Change, Change]] = {
    "a student leaves": (_nothing, _student_leaves),
    "a teacher who is staff as well arrives": (_nothing, partial(_arrives, roles=("teacher", "staff"))),
    "a student returns": (_student_leaves, _student_returns),
    "a teacher becomes staff as well": (_nothing, _teacher_becomes_staff),
    "a teacher is no longer staff": (_teacher_becomes_staff, _teacher_is_no_longer_staff),
    "contacts are no longer shared": (_nothing, _contacts_are_no_longer_shared),
    "contacts are shared again": (_contacts_are_no_longer_shared, _contacts_are_shared_again),
    "a contact is replaced by one with another id": (_nothing, _contact_is_replaced),
    "two employees are merged": (_nothing, _two_employees_are_merged),
    "two contacts leave": (_nothing, _two_contacts_leave),
}
"""By name, what happens before a read, and what happens in the middle of it."""


@pytest.mark.search
@pytest.mark.parametrize(("before", "meanwhile"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_at_any_page_of_a_read_is_applied_whole_or_not_at_all(
    begin: "Begin", before: Change, meanwhile: Change
) -> None:
    with begin(districts=len(POSITIONS), users=20) as trial:
        sandbox = trial.sandbox
        trial.page_limit = PAGE_LIMIT
        for district_id in trial.districts:
            for roles in (("staff",), ("contact",), ("contact",)):
                sandbox.add_person(district_id, roles)
            before(sandbox.roster(district_id))
        trial.sync()
        former = {district_id: sandbox.truth(district_id) for district_id in trial.districts}
        faults = []
        for district_id, (role, page) in zip(trial.districts, POSITIONS, strict=True):
            pages = max(1, -(-len(former[district_id].ids(None if role == NO_ROLE else role)) // PAGE_LIMIT))
            happening = Meanwhile(partial(_at_one_moment, sandbox, meanwhile, sandbox.roster(district_id)))
            faults.append(
                sandbox.inject(
                    happening, district=district_id, stream="users", role=role, page=min(page, pages), times=1
                )
            )
        result = trial.sync()
        assert [fault.struck for fault in faults] == [1] * len(faults)
        read_again = {event.district_id for event in trial.events if isinstance(event, ReadAgain)}
        shown = [
            former[outcome.district_id]
            if outcome.outcome == "unchanged" and outcome.district_id not in read_again
            else sandbox.truth(outcome.district_id)
            for outcome in result.outcomes
        ]
        assert {outcome.outcome for outcome in result.outcomes} <= {"applied", "unchanged"}
        assert trial.wrong(truth=Truth.of(record for truth in shown for record in truth)) == []


@pytest.mark.variants(1)
@pytest.mark.parametrize("change", [_contact_is_replaced, _two_contacts_leave])
def test_a_change_of_two_people_is_not_applied_by_half_when_it_falls_between_their_pages(
    begin: "Begin", change: Change
) -> None:
    """One is on a page that /users and the view have shown already, the other on one that neither has shown."""
    with begin(users=60) as trial:
        trial.page_limit = PAGE_LIMIT
        trial.sync()
        roster = trial.sandbox.roster(trial.districts[0])
        assert len(roster.ids("contact")) > PAGE_LIMIT
        view_has_begun, has_changed = Event(), Event()

        def meanwhile() -> None:
            view_has_begun.wait(OUT_OF_ORDER)
            _at_one_moment(trial.sandbox, change, roster)
            has_changed.set()

        inject = trial.sandbox.inject
        inject(Meanwhile(view_has_begun.set), stream="users", role="contact", page=2, times=1)
        inject(Meanwhile(has_changed.wait), stream="users", role="contact", page=2, times=1)
        inject(Meanwhile(meanwhile), stream="users", role=NO_ROLE, page=-(-len(roster) // PAGE_LIMIT), times=1)
        assert trial.outcomes() == ["applied"]
        assert has_changed.is_set()
        assert trial.wrong() == []


def test_role_views_are_requested_after_the_last_page_of_users(two: "Trial") -> None:
    two.page_limit = PAGE_LIMIT
    two.sync()
    for district_id in two.districts:
        roles = [
            dict(parse_qsl(request.query)).get("role")
            for request in two.sandbox.requests
            if request.path.endswith("/users") and request.district_id == district_id
        ]
        pages = roles.count(None)
        assert pages > 1
        assert roles[:pages] == [None] * pages
        assert set(roles[pages:]) == set(ROLES)


def test_no_role_view_is_requested_of_a_district_whose_users_cannot_be_read(two: "Trial") -> None:
    bad, good = two.districts
    two.sandbox.inject(Status(404), district=bad, stream="users", role=NO_ROLE)
    assert two.outcomes() == ["failed", "applied"]
    asked = [request.district_id for request in two.sandbox.requests if "role=" in request.query]
    assert bad not in asked
    assert asked.count(good) == len(ROLES)
