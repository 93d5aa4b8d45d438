"""A read is a snapshot: what a sync applies is what Clever showed at one moment, whatever changes while it is read.

Where the app has events, the newest one must be the same before and after a read. Where it has none, what no comparison of /users
with the role views can see, because no role is given or taken away, is a field of a person that changes on a page that has been read
already, such as an e-mail address: the next sync brings it. All other lists are read twice.
"""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from pipelines.progress import ReadAgain
from pipelines.sandbox import ROLES, Meanwhile, Status
from pipelines.sandbox.faults import ANY, NO_ROLE
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


OF_SCHOOLS = ("districts", "schools", "courses", "terms", "sections", "resources")

PLACES = (
    *((NO_ROLE, page) for page in (1, 3, 5)),
    *((role, 1) for role in ROLES),
    *((stream, 1) for stream in OF_SCHOOLS),
    *(("sections", page) for page in (2, 3, 4)),
)
"""Lists and pages before which a change may come: of /users by role, and of the others."""

SchoolChange = Callable[[Sandbox, str], None]


def _sections(sandbox: Sandbox, district_id: str) -> tuple[str, str]:
    """Return two sections on different pages, of which the first has a student who is not in the second."""
    first, *_, last = [each for each in sandbox.served("v3.0", "sections", district_id) if len(each["students"]) > 2]
    assert {*first["students"]} - {*last["students"]}
    return first["id"], last["id"]


def _student_of(sandbox: Sandbox, district_id: str) -> str:
    one, other = (sandbox._districts[district_id].year.seen_students(each) for each in _sections(sandbox, district_id))
    return next(each for each in one if each not in other)


def _student_moves(sandbox: Sandbox, district_id: str) -> None:
    sandbox.move(_student_of(sandbox, district_id), *_sections(sandbox, district_id))


def _two_sections_are_renamed(sandbox: Sandbox, district_id: str) -> None:
    for section_id in _sections(sandbox, district_id):
        sandbox.rename_record("sections", section_id, "Renamed")


def _student_leaves_all_sections(sandbox: Sandbox, district_id: str) -> None:
    sandbox.remove(_student_of(sandbox, district_id))


def _teacher_is_replaced(sandbox: Sandbox, district_id: str) -> None:
    sandbox.add_person(district_id, ("teacher",))
    teacher_id = sandbox.roster(district_id).ids("teacher")[-1]
    for section_id in _sections(sandbox, district_id):
        sandbox.assign_teachers(section_id, teacher_id)


def _term_begins(sandbox: Sandbox, district_id: str) -> None:
    term_id = sandbox.create_record(district_id, "terms", {"name": "Summer"})
    for section_id in _sections(sandbox, district_id):
        sandbox.change_record("sections", section_id, {"term_id": term_id})


SCHOOL_CHANGES: dict[str, SchoolChange] = {
    "a student moves to another section": _student_moves,
    "two sections are renamed": _two_sections_are_renamed,
    "a student leaves the district and all sections": _student_leaves_all_sections,
    "a teacher is replaced": _teacher_is_replaced,
    "a term begins": _term_begins,
}


@pytest.mark.search
@pytest.mark.parametrize("has_events", [True, False], ids=["with events", "without events"])
@pytest.mark.parametrize("meanwhile", SCHOOL_CHANGES.values(), ids=SCHOOL_CHANGES.keys())
def test_a_change_of_schools_at_any_page_of_any_list_is_applied_whole_or_not_at_all(
    begin: "Begin", meanwhile: SchoolChange, *, has_events: bool
) -> None:
    with begin(districts=len(PLACES), users=22) as trial:
        _changes_meanwhile(trial, meanwhile, has_events=has_events)


@pytest.mark.parametrize("has_events", [True, False], ids=["with events", "without events"])
def test_a_student_who_moves_between_two_pages_is_in_one_section(begin: "Begin", *, has_events: bool) -> None:
    with begin(districts=3, users=22) as trial:
        _changes_meanwhile(
            trial, _student_moves, has_events=has_events, places=[("sections", page) for page in (1, 2, 4)]
        )


def _changes_meanwhile(
    trial: "Trial",
    meanwhile: SchoolChange,
    *,
    has_events: bool,
    places: Sequence[tuple[str, int]] = PLACES,
) -> None:
    """Let a change come before another page in each district: all tables of a district must show one moment of the world."""
    sandbox = trial.sandbox
    trial.page_limit = PAGE_LIMIT
    for district_id in trial.districts:
        if not has_events:
            sandbox.disable_events(district_id)
        for role in ROLES:
            sandbox.add_person(district_id, (role,))
    trial.sync()
    faults = []
    for district_id, (place, page) in zip(trial.districts, places, strict=True):
        # Something that has changed already, so that the read is no repetition of the one before.
        sandbox.rename_record("sections", sandbox.served("v3.0", "sections", district_id)[1]["id"], "Renamed before")

        def change(district_id: str = district_id) -> None:
            with sandbox.lock:
                meanwhile(sandbox, district_id)

        stream, role = (place, ANY) if place in OF_SCHOOLS else ("users", place)
        faults.append(
            sandbox.inject(Meanwhile(change), district=district_id, stream=stream, role=role, page=page, times=1)
        )
    before = {each: (sandbox.truth(each), sandbox.school(each)) for each in trial.districts}
    outcomes = [outcome.outcome for outcome in trial.sync().outcomes]
    assert [fault.struck for fault in faults] == [1] * len(faults)
    assert outcomes == ["applied"] * len(outcomes)
    for district_id in trial.districts:
        now = sandbox.truth(district_id), sandbox.school(district_id)
        assert any(
            trial.wrong(district_id, truth=truth) == [] and trial.wrong_schools(district_id, school=school) == []
            for truth, school in (now, before[district_id])
        ), (district_id, trial.wrong(district_id))
    trial.sync()
    assert trial.wrong() == []


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
