"""Schools: the schools of a district that it shares with the app.

Students, teachers, staff and sections may name schools that are not shared.
"""

from typing import Final

from pipelines.records.declare import Field, Kind, Stream, Table, Tier
from pipelines.records.shared import CREATED_AT, EXT, GRADES, LAST_MODIFIED_AT, location

SCHOOLS: Final = Stream(
    "schools",
    "/schools",
    tables=(
        Table(
            "schools",
            "",
            "One row per district and school currently in Clever.",
            id_column="school_id",
            id_comment="Clever ID of the school.",
            group="school",
            fields=(
                Field("name", "name", Kind.TEXT, Tier.PUBLIC, "Name of the school."),
                # Identifiers of the district, the state and others
                Field(
                    "sis_id",
                    "sis_id",
                    Kind.TEXT,
                    Tier.INTERNAL,
                    "ID of the school in the student information system (SIS); text, because it may begin with zeros.",
                ),
                Field(
                    "school_number",
                    "school_number",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "Number that the district gave the school; text, because it may begin with zeros.",
                ),
                Field(
                    "state_id",
                    "state_id",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "ID that the state gave the school; text, because it may begin with zeros. NULL if not sent.",
                ),
                Field(
                    "nces_id",
                    "nces_id",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "ID of the school at the National Center for Education Statistics (NCES); text, because it may begin with zeros.",
                ),
                Field(
                    "mdr_number",
                    "mdr_number",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "Number of the school in the directory of MDR; text, because it may begin with zeros.",
                ),
                # Grades
                Field(
                    "low_grade",
                    "low_grade",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "Lowest grade; compare by sort_order of the lookup grades. NULL if not sent.",
                    values=GRADES,
                ),
                Field(
                    "high_grade",
                    "high_grade",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "Highest grade; compare by sort_order of the lookup grades. NULL if not sent.",
                    values=GRADES,
                ),
                # How to reach it
                Field(
                    "phone", "phone", Kind.TEXT, Tier.PUBLIC, "Phone number of the school, as the district entered it."
                ),
                *location("the school", Tier.PUBLIC),
                Field("principal_name", "principal.name", Kind.TEXT, Tier.IDENTIFIER, "Name of the principal."),
                Field("principal_email", "principal.email", Kind.TEXT, Tier.IDENTIFIER, "E-mail of the principal."),
                # Clever's own times, and the district's custom fields
                CREATED_AT,
                LAST_MODIFIED_AT,
                EXT,
            ),
        ),
    ),
)
