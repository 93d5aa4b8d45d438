"""What several record types have in common: documented values, and fields with the same name and meaning everywhere."""

from typing import Final

from pipelines.records.declare import Field, Kind, Tier, Treatment
from pipelines.records.grades import GRADE_LEVELS

GRADES: Final = tuple(level.grade for level in GRADE_LEVELS)
"""The grades that Clever documents, in sort order."""
YES_NO: Final = ("Y", "N")
"""The values of a status. A status that Clever did not send is NULL, which is not N."""

USER_ID: Final = "Clever v3 ID of the user (the person)."
"""The comment of the column that names a user in each table of people."""

LEGACY_ID: Final = Field(
    "legacy_id",
    "legacy_id",
    Kind.ID,
    Tier.INTERNAL,
    "ID of the user in this role before API v3.0; NULL if Clever sent none.",
)
SCHOOL_IDS: Final = Field(
    "school_ids",
    "schools",
    Kind.IDS,
    Tier.PUBLIC,
    "Clever IDs of all schools of the role, sorted, no duplicates; empty if none. A school may be missing from schools, because "
    "districts share only some of them.",
)
DISTRICT_USERNAME: Final = Field(
    "district_username",
    "credentials.district_username",
    Kind.TEXT,
    Tier.IDENTIFIER,
    "Username in the district's own systems; not unique, often an e-mail address.",
)
EXT: Final = Field(
    "ext",
    "ext",
    Kind.JSON,
    Tier.UNKNOWN,
    "Custom fields of the district under the district's own names, as Clever sent them; NULL if there are none.",
)
CREATED_AT: Final = Field("created_at", "created", Kind.INSTANT, Tier.INTERNAL, "When Clever created the record.")
LAST_MODIFIED_AT: Final = Field(
    "last_modified_at",
    "last_modified",
    Kind.INSTANT,
    Tier.INTERNAL,
    "When Clever last changed the record. A change of this alone makes no version.",
    makes_version=False,
)
ROLE_CREATED_AT: Final = Field(
    "role_created_at",
    "created",
    Kind.INSTANT,
    Tier.INTERNAL,
    "When Clever created the role; NULL if Clever sent no time.",
)
ROLE_LAST_MODIFIED_AT: Final = Field(
    "role_last_modified_at",
    "last_modified",
    Kind.INSTANT,
    Tier.INTERNAL,
    "When Clever last changed the role. A change of this alone makes no version.",
    makes_version=False,
)


def location(of: str, tier: Tier) -> tuple[Field, ...]:
    """Declare the columns of an address.

    Args:
        of: Whose address it is, for the comments: "the student's home".
        tier: Public for the address of a school, an identifier for the address of a person.
    """
    return (
        Field("location_address", "location.address", Kind.TEXT, tier, f"Street address of {of}; not standardized."),
        Field("location_city", "location.city", Kind.TEXT, tier, f"City of {of}."),
        Field(
            "location_state", "location.state", Kind.TEXT, tier, f"US state or territory of {of}; mostly two letters."
        ),
        Field(
            "location_zip",
            "location.zip",
            Kind.TEXT,
            tier,
            f"ZIP code of {of}; text, because it may begin with zeros.",
            deidentified=Treatment.THREE_DIGITS if tier is Tier.IDENTIFIER else None,
        ),
        Field("location_lat", "location.lat", Kind.TEXT, tier, f"Latitude of {of}; text, as Clever sent it."),
        Field("location_lon", "location.lon", Kind.TEXT, tier, f"Longitude of {of}; text, as Clever sent it."),
    )
