"""Courses: what is taught, in any number of sections.

Clever builds courses from sections; a district may have none. A course without a number gets another ID when it is built again.
"""

from typing import Final

from pipelines.records.declare import Field, Kind, Stream, Table, Tier

COURSES: Final = Stream(
    "courses",
    "/courses",
    is_rebuilt=True,
    tables=(
        Table(
            "courses",
            "",
            "One row per district and course currently in Clever.",
            id_column="course_id",
            id_comment="Clever ID of the course.",
            group="school",
            fields=(
                Field("name", "name", Kind.TEXT, Tier.PUBLIC, "Name of the course; NULL if not sent."),
                Field(
                    "number",
                    "number",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "Number that the district gave the course; text, because it may begin with zeros. NULL if not sent.",
                ),
            ),
        ),
    ),
)
