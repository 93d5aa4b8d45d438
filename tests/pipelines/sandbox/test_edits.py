"""Fields of role objects that change from one day to the next."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from tests.expected.sandbox import Sandbox


def differing(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """List the paths at which two JSON values differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() | after.keys():
            yield from differing(before.get(name), after.get(name), f"{path}.{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            yield from differing(one, other, f"{path}[]")
    elif before != after:
        yield path


@pytest.mark.parametrize(
    "path",
    [
        ".roles.student.grade",
        ".roles.student.ell_status",
        ".roles.student.enrollments[].end_date",
        ".roles.student.location.address",
        ".roles.student.frl_status",
        ".roles.contact.phone",
        ".roles.contact.phone_type",
        ".roles.contact.student_relationships[].relationship",
        ".roles.contact.student_relationships[].type",
        ".roles.teacher.state_id",
        ".roles.staff.department",
    ],
)
def test_days_change_a_field_and_last_modified_with_it(path: str, histories: list[dict[str, dict[str, Any]]]) -> None:
    found = [
        set(differing(before[user_id], after[user_id]))
        for before, after in itertools.pairwise(histories)
        for user_id in before.keys() & after.keys()
        if before[user_id] != after[user_id]
    ]
    changed = [paths for paths in found if path in paths]
    assert changed
    assert all(".last_modified" in paths for paths in changed)


@pytest.fixture(scope="module")
def histories() -> list[dict[str, dict[str, Any]]]:
    """Records by user ID before the first of 40 days and after each."""
    sandbox = Sandbox(districts=3, users=600, seed=2)
    days = [sandbox.truth().by_id]
    for _ in range(40):
        sandbox.advance()
        days.append(sandbox.truth().by_id)
    return days


def test_days_edit_no_contact_without_a_sis_id(histories: list[dict[str, dict[str, Any]]]) -> None:
    for before, after in itertools.pairwise(histories):
        for user_id in before.keys() & after.keys():
            contact = before[user_id]["roles"].get("contact")
            if contact and not contact.get("sis_id"):
                assert after[user_id]["roles"]["contact"] == contact


def test_days_without_changes_remain() -> None:
    sandbox = Sandbox(users=200)
    days = [sandbox.advance() for _ in range(40)]
    assert 2 < sum(not changes for changes in days) < 20


def test_the_same_seed_gives_the_same_edits() -> None:
    one, other = Sandbox(2, 200, 6), Sandbox(2, 200, 6)
    one.advance(10)
    other.advance(10)
    assert one.truth().records == other.truth().records
    assert one.log == other.log
