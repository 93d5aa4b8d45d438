"""Users: the people of a district, whichever roles they have.

Clever lists all of them at one endpoint. A user has an object under `roles` for each role; an object without fields is a role,
too. The tables of the roles are in files of their own.
"""

from typing import Final

from pipelines.records.contacts import CONTACT_STUDENTS, CONTACTS
from pipelines.records.declare import V31, Field, Kind, Stream, Table, Tier, View
from pipelines.records.district_admins import DISTRICT_ADMINS
from pipelines.records.shared import USER_ID
from pipelines.records.staff import STAFF
from pipelines.records.students import STUDENT_ENROLLMENTS, STUDENTS
from pipelines.records.teachers import TEACHERS

USERS: Final = Stream(
    "users",
    "/users",
    tables=(
        Table(
            "users",
            "",
            "One row per district and person currently in Clever.",
            id_column="user_id",
            id_comment=USER_ID,
            fields=(
                Field(
                    "email",
                    "email",
                    Kind.TEXT,
                    Tier.IDENTIFIER,
                    "E-mail as the district gave it: not verified, may be missing, may lack an @.",
                ),
                Field("first_name", "name.first", Kind.TEXT, Tier.IDENTIFIER, "First name; contacts often have none."),
                Field("middle_name", "name.middle", Kind.TEXT, Tier.IDENTIFIER, "Middle name; NULL if not sent."),
                Field(
                    "last_name",
                    "name.last",
                    Kind.TEXT,
                    Tier.IDENTIFIER,
                    "Last name; of a contact often the whole name.",
                ),
                Field(
                    "roles",
                    "roles",
                    Kind.KEYS,
                    Tier.INTERNAL,
                    "The roles the person has, sorted; empty if Clever shows none that is known.",
                    values=("contact", "district_admin", "staff", "student", "teacher"),
                ),
                Field(
                    "synced_in_lms",
                    "lms_status.synced_in_lms",
                    Kind.BOOLEAN,
                    Tier.INTERNAL,
                    "Whether Clever has synced the user to the district's learning management system (LMS); NULL means not sent, "
                    "which is not false.",
                    versions=V31,
                ),
                Field("created_at", "created", Kind.INSTANT, Tier.INTERNAL, "When Clever created the user."),
                Field(
                    "last_modified_at",
                    "last_modified",
                    Kind.INSTANT,
                    Tier.INTERNAL,
                    "When Clever last changed the user. A change of this alone makes no version.",
                    makes_version=False,
                ),
            ),
        ),
        STUDENTS,
        STUDENT_ENROLLMENTS,
        TEACHERS,
        STAFF,
        DISTRICT_ADMINS,
        CONTACTS,
        CONTACT_STUDENTS,
    ),
    views=(
        View("students", "student"),
        View("teachers", "teacher"),
        View("staff", "staff"),
        View("district_admins", "district_admin"),
        View("contacts", "contact"),
    ),
)
