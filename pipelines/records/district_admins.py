"""District admins: the users with the district_admin role.

They belong to the whole district: Clever lists no schools for them.
"""

from typing import Final

from pipelines.records.declare import Field, Kind, Table, Tier
from pipelines.records.shared import LEGACY_ID, USER_ID

DISTRICT_ADMINS: Final = Table(
    "district_admins",
    "roles.district_admin",
    "One row per district and district admin currently in Clever.",
    id_column="user_id",
    id_comment=USER_ID,
    fields=(
        LEGACY_ID,
        Field("title", "title", Kind.TEXT, Tier.IDENTIFIER, "Job title as a district admin; NULL if not sent."),
    ),
)
