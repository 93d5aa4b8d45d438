"""Staff: the users with the staff role, called school admins before API v3.0.

Districts share staff separately from teachers. Staff have no primary school.
"""

from typing import Final

from pipelines.records.declare import Field, Kind, Table, Tier
from pipelines.records.shared import DISTRICT_USERNAME, EXT, LEGACY_ID, SCHOOL_IDS, USER_ID

STAFF: Final = Table(
    "staff",
    "roles.staff",
    "One row per district and staff member currently in Clever.",
    id_column="user_id",
    id_comment=USER_ID,
    fields=(
        LEGACY_ID,
        SCHOOL_IDS,
        Field(
            "staff_id",
            "staff_id",
            Kind.TEXT,
            Tier.IDENTIFIER,
            "ID of the staff member in the district's systems; text, because it may begin with zeros. Staff have no sis_id: this is "
            "their counterpart. If it changes, Clever makes a new user.",
        ),
        Field("department", "department", Kind.TEXT, Tier.IDENTIFIER, "Department; NULL if not sent."),
        Field("title", "title", Kind.TEXT, Tier.IDENTIFIER, "Job title as a staff member; NULL if not sent."),
        Field(
            "staff_roles",
            "roles",
            Kind.TEXTS,
            Tier.INTERNAL,
            "Permissions in Clever, sorted, no duplicates; empty if none. Clever describes PortalOnly and SchoolTechLead, but other "
            "values are allowed. Not the roles of the user: those are in users.",
        ),
        DISTRICT_USERNAME,
        EXT,
    ),
)
