"""Small edits of role objects: the fields of one person that change from one day to the next."""

import random
from collections.abc import Callable
from typing import Any

from pipelines.sandbox.details import (
    DEPARTMENTS,
    ELL_SHARES,
    ENROLLMENT_ENDS,
    GRADE_SHARES,
    PHONE_TYPE_SHARES,
    RELATIONSHIP_SHARES,
    RELATIONSHIP_TYPE_SHARES,
)
from pipelines.sandbox.names import STREETS
from pipelines.sandbox.people import CONTACT, STAFF, STUDENT, TEACHER, Record

Changes = dict[str, Any]
"""Values by dotted path, as `Roster.change` takes them."""


def edit(rng: random.Random, record: Record) -> Changes:
    """Choose an edit of one role of a person; empty if there is nothing to edit.

    Contacts without a sis_id are left alone, because Clever gives them a new ID on any edit (Clever docs: Contacts and
    Guardians).
    """
    possible = [
        (role, each) for role, edits in _EDITS.items() if record["roles"].get(role) is not None for each in edits
    ]
    if not possible:
        return {}
    role, chosen = rng.choice(possible)
    return {f"roles.{role}.{name}": value for name, value in chosen(rng, record["roles"][role]).items()}


def _grade(rng: random.Random, _student: Record) -> Changes:
    return {"grade": rng.choice(GRADE_SHARES)}


def _ell_status(rng: random.Random, _student: Record) -> Changes:
    return {"ell_status": rng.choice(ELL_SHARES)}


def _enrollment_end(rng: random.Random, student: Record) -> Changes:
    """End one enrollment early, or on another day."""
    enrollments = _objects(student.get("enrollments"))
    if not enrollments:
        return {}
    rng.choice(enrollments)["end_date"] = rng.choice(ENROLLMENT_ENDS)
    return {"enrollments": enrollments}


def _objects(value: Any) -> list[Record]:
    """Copy the objects of a list; none if the field holds something else."""
    return [dict(each) for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _address(rng: random.Random, _student: Record) -> Changes:
    return {"location.address": f"{1 + rng.randrange(9999)} {rng.choice(STREETS)}"}


def _lunch(rng: random.Random, student: Record) -> Changes:
    """Change the lunch status, where the district shows it in API v3.0 too."""
    return {"frl_status": rng.choice(("Free", "Reduced", "Paid"))} if "frl_status" in student else {}


def _phone(rng: random.Random, contact: Record) -> Changes:
    if not contact.get("sis_id"):
        return {}
    return {"phone": f"+1 555 0{rng.randrange(100, 200)} x{rng.randrange(10_000)}"} | {
        "phone_type": rng.choice(PHONE_TYPE_SHARES)
    }


def _relationship(rng: random.Random, contact: Record) -> Changes:
    """Change what the contact is to one student."""
    relationships = _objects(contact.get("student_relationships"))
    if not relationships or not contact.get("sis_id"):
        return {}
    rng.choice(relationships).update(
        relationship=rng.choice(RELATIONSHIP_SHARES), type=rng.choice(RELATIONSHIP_TYPE_SHARES)
    )
    return {"student_relationships": relationships}


def _state_id(rng: random.Random, _teacher: Record) -> Changes:
    return {"state_id": f"LIC{rng.randrange(10_000_000)}"}


def _department(rng: random.Random, _staff: Record) -> Changes:
    return {"department": rng.choice(DEPARTMENTS)}


_EDITS: dict[str, tuple[Callable[[random.Random, Record], Changes], ...]] = {
    STUDENT: (_grade, _ell_status, _enrollment_end, _address, _lunch),
    CONTACT: (_phone, _relationship),
    TEACHER: (_state_id,),
    STAFF: (_department,),
}
