"""Teachers: the users with the teacher role.

Clever repeats the district and the name of the user in the teacher role. The columns that begin with `role_` hold these copies.
"""

from typing import Final

from pipelines.records.declare import Field, Kind, Table, Tier
from pipelines.records.shared import (
    DISTRICT_USERNAME,
    EXT,
    LEGACY_ID,
    ROLE_CREATED_AT,
    ROLE_LAST_MODIFIED_AT,
    SCHOOL_IDS,
    USER_ID,
)

TEACHERS: Final = Table(
    "teachers",
    "roles.teacher",
    "One row per district and teacher currently in Clever.",
    id_column="user_id",
    id_comment=USER_ID,
    fields=(
        LEGACY_ID,
        Field(
            "school_id",
            "school",
            Kind.ID,
            Tier.PUBLIC,
            "Clever ID of the primary school. May be missing from schools; the teacher may have sections at others.",
        ),
        SCHOOL_IDS,
        Field(
            "sis_id",
            "sis_id",
            Kind.TEXT,
            Tier.IDENTIFIER,
            "ID of the teacher in the student information system (SIS); text, because it may begin with zeros. If it changes, Clever "
            "makes a new user.",
        ),
        Field(
            "teacher_number",
            "teacher_number",
            Kind.TEXT,
            Tier.IDENTIFIER,
            "Number that the district gave the teacher; text, because it may begin with zeros. NULL if not sent.",
        ),
        Field(
            "state_id",
            "state_id",
            Kind.TEXT,
            Tier.IDENTIFIER,
            "ID that the state gave the teacher; text, because it may begin with zeros. NULL if not sent.",
        ),
        Field("title", "title", Kind.TEXT, Tier.IDENTIFIER, "Job title as a teacher; NULL if not sent."),
        DISTRICT_USERNAME,
        Field(
            "role_district_id",
            "district",
            Kind.ID,
            Tier.INTERNAL,
            "Clever ID of the district, as the teacher role has it. Use district_id instead.",
        ),
        Field(
            "role_first_name",
            "name.first",
            Kind.TEXT,
            Tier.IDENTIFIER,
            "First name, as the teacher role has it. Use first_name of users instead.",
        ),
        Field(
            "role_middle_name",
            "name.middle",
            Kind.TEXT,
            Tier.IDENTIFIER,
            "Middle name, as the teacher role has it. Use middle_name of users instead.",
        ),
        Field(
            "role_last_name",
            "name.last",
            Kind.TEXT,
            Tier.IDENTIFIER,
            "Last name, as the teacher role has it. Use last_name of users instead.",
        ),
        ROLE_CREATED_AT,
        ROLE_LAST_MODIFIED_AT,
        EXT,
    ),
)
