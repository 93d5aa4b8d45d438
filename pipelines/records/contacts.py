"""Contacts: the users with the contact role (parents, guardians, and others), and the students whom they are contacts of.

Districts share contacts separately from students, so a student without a contact may have one that is not shared.
"""

from typing import Final

from pipelines.records.declare import Field, Kind, Table, Tier
from pipelines.records.shared import LEGACY_ID, USER_ID

CONTACTS: Final = Table(
    "contacts",
    "roles.contact",
    "One row per district and contact currently in Clever.",
    id_column="user_id",
    id_comment=USER_ID,
    fields=(
        LEGACY_ID,
        Field(
            "sis_id",
            "sis_id",
            Kind.TEXT,
            Tier.IDENTIFIER,
            "ID of the contact in the student information system (SIS); text, because it may begin with zeros. Often NULL: Clever then "
            "makes a new user whenever the contact is edited.",
        ),
        Field(
            "phone",
            "phone",
            Kind.TEXT,
            Tier.IDENTIFIER,
            "Phone number as the district entered it: any form, with or without an extension or words. NULL if not sent.",
        ),
        Field(
            "phone_type",
            "phone_type",
            Kind.TEXT,
            Tier.INTERNAL,
            "What kind of phone it is; NULL if not sent.",
            values=("Cell", "Home", "Work", "Other"),
        ),
    ),
)

CONTACT_STUDENTS: Final = Table(
    "contact_students",
    "roles.contact.student_relationships[]",
    "One row per district, contact, student, and relationship. The same student may occur more than once for a contact.",
    id_column="contact_id",
    id_comment="Clever v3 ID of the contact: user_id in contacts.",
    fields=(
        Field(
            "student_id",
            "student",
            Kind.ID,
            Tier.INTERNAL,
            "Clever v3 ID of the student: user_id in students. May be missing from students, because districts share only some of them.",
        ),
        Field(
            "relationship",
            "relationship",
            Kind.TEXT,
            Tier.INTERNAL,
            "What the contact is to the student; NULL if not sent.",
            values=("Parent", "Grandparent", "Self", "Aunt/Uncle", "Sibling", "Other"),
        ),
        Field(
            "type",
            "type",
            Kind.TEXT,
            Tier.INTERNAL,
            "In which capacity the contact is to be reached; NULL if not sent, which does not mean that the contact is not primary.",
            values=("Parent/Guardian", "Emergency", "Primary", "Secondary", "Family", "Other"),
        ),
    ),
)
