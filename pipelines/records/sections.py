"""Sections: the classes of a school, with the students and teachers who are in each.

A section has at most one course and one term. Its members may be missing from students and teachers, because districts share only
some of them.
"""

from typing import Final

from pipelines.records.declare import V31, Field, Kind, Stream, Table, Tier
from pipelines.records.shared import CREATED_AT, EXT, GRADES, LAST_MODIFIED_AT

SECTION_ID: Final = "Clever ID of the section."

SECTIONS: Final = Stream(
    "sections",
    "/sections",
    is_rebuilt=True,
    tables=(
        Table(
            "sections",
            "",
            "One row per district and section (class) currently in Clever.",
            id_column="section_id",
            id_comment=SECTION_ID,
            group="school",
            fields=(
                Field(
                    "school_id",
                    "school",
                    Kind.ID,
                    Tier.PUBLIC,
                    "Clever ID of the school. May be missing from schools, because districts share only some of them.",
                ),
                Field(
                    "course_id",
                    "course",
                    Kind.ID,
                    Tier.PUBLIC,
                    "Clever ID of the course; NULL if the section has none.",
                ),
                Field(
                    "term_id", "term_id", Kind.ID, Tier.PUBLIC, "Clever ID of the term; NULL if the section has none."
                ),
                Field(
                    "teacher_id",
                    "teacher",
                    Kind.ID,
                    Tier.INTERNAL,
                    "Clever v3 ID of the primary teacher; NULL if not sent. All teachers are in section_teachers.",
                ),
                Field(
                    "name",
                    "name",
                    Kind.TEXT,
                    Tier.IDENTIFIER,
                    "Name of the section. Clever makes it of the course, the teacher's last name and the period, so it names a person; not "
                    "unique.",
                ),
                # Identifiers of the district
                Field(
                    "sis_id",
                    "sis_id",
                    Kind.TEXT,
                    Tier.INTERNAL,
                    "ID of the section in the student information system (SIS); text, because it may begin with zeros.",
                ),
                Field(
                    "section_number",
                    "section_number",
                    Kind.TEXT,
                    Tier.INTERNAL,
                    "Number that the district gave the section; text, because it may begin with zeros. NULL if not sent.",
                ),
                Field("period", "period", Kind.TEXT, Tier.INTERNAL, "Period of the school day; NULL if not sent."),
                # What is taught, and to whom
                Field(
                    "subject",
                    "subject",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "Subject of the section; NULL if not sent.",
                    values=(
                        "english/language arts",
                        "math",
                        "science",
                        "social studies",
                        "language",
                        "homeroom/advisory",
                        "interventions/online learning",
                        "technology and engineering",
                        "PE and health",
                        "arts and music",
                        "other",
                    ),
                ),
                Field(
                    "grade",
                    "grade",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "Grade of the section; students of other grades may be in it. Sort by the lookup grades. NULL if not sent.",
                    values=GRADES,
                ),
                Field(
                    "synced_in_lms",
                    "lms_status.synced_in_lms",
                    Kind.BOOLEAN,
                    Tier.INTERNAL,
                    "Whether Clever has synced the section to the district's learning management system (LMS); NULL means not sent, "
                    "which is not false.",
                    versions=V31,
                ),
                # Clever's own times, and the district's custom fields
                CREATED_AT,
                LAST_MODIFIED_AT,
                EXT,
            ),
        ),
        Table(
            "section_students",
            "students[]",
            "One row per district, section, and student in it.",
            id_column="section_id",
            id_comment=SECTION_ID,
            group="school",
            fields=(
                Field(
                    "student_id",
                    "",
                    Kind.ID,
                    Tier.INTERNAL,
                    "Clever v3 ID of the student: user_id in students. May be missing from students, because districts share only some of "
                    "them.",
                ),
            ),
        ),
        Table(
            "section_teachers",
            "teachers[]",
            "One row per district, section, and teacher of it: the primary teacher and co-teachers.",
            id_column="section_id",
            id_comment=SECTION_ID,
            group="school",
            fields=(
                Field(
                    "teacher_id",
                    "",
                    Kind.ID,
                    Tier.INTERNAL,
                    "Clever v3 ID of the teacher: user_id in teachers. May be missing from teachers, because districts share only some of "
                    "them.",
                ),
                Field(
                    "is_primary",
                    "teacher",
                    Kind.NAMED,
                    Tier.INTERNAL,
                    "Whether the teacher is the primary one: teacher_id of the section, or the first teacher in Clever's order if the "
                    "section has no teacher_id. If teacher_id is none of the teachers, no teacher is.",
                ),
            ),
        ),
    ),
)
