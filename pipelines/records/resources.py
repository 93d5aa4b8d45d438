"""Resources: the learning materials that the app offers in Clever, such as a course of its own; and the courses they are assigned to.

Only apps with the scope of resources may read them; of API v3.1, with Clever's approval.
"""

from typing import Final

from pipelines.records.declare import Field, Kind, Stream, Table, Tier

RESOURCES: Final = Stream(
    "resources",
    "/resources",
    tables=(
        Table(
            "resources",
            "",
            "One row per district and resource currently in Clever.",
            id_column="resource_id",
            id_comment="Clever ID of the resource.",
            group="school",
            fields=(
                Field(
                    "internal_resource_id",
                    "resource_id",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "ID that the app gave the resource. Clever calls it resource_id.",
                ),
                Field("title", "title", Kind.TEXT, Tier.PUBLIC, "Title of the resource."),
                Field(
                    "roles",
                    "roles",
                    Kind.TEXTS,
                    Tier.PUBLIC,
                    "The roles that the resource is for, sorted; empty if not sent.",
                    values=("student", "teacher"),
                ),
                Field("created_at", "created", Kind.INSTANT, Tier.INTERNAL, "When Clever created the resource."),
                Field(
                    "updated_at",
                    "updated",
                    Kind.INSTANT,
                    Tier.INTERNAL,
                    "When Clever last changed the resource. A change of this alone makes no version.",
                    makes_version=False,
                ),
            ),
        ),
    ),
)

RESOURCE_COURSES: Final = Stream(
    "resource_courses",
    "/resources/{id}/courses",
    tables=(
        Table(
            "resource_courses",
            "courses[]",
            "One row per district, resource, and course it is assigned to. Clever lists these only per resource, so they are read only if "
            "CLEVER_RECORDS names them.",
            id_column="resource_id",
            id_comment="Clever ID of the resource. May be missing from resources after a sync of events.",
            group="school",
            fields=(
                Field(
                    "course_id",
                    "",
                    Kind.ID,
                    Tier.PUBLIC,
                    "Clever ID of the course. May be missing from courses, because districts share only some of them.",
                ),
            ),
        ),
    ),
    per=RESOURCES.name,
)
