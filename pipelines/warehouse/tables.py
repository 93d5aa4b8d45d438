"""Which tables and columns the warehouse has: declared here once, read by DuckDB's DDL, Dagster's catalog and the dictionary.

A comment on a table or column is the only prose about it. ``info["tier"]`` of a column says how sensitive its values are, and
``info["sources"]`` which fields of Clever's records it comes from; ``info["treatment"]`` what a de-identified file has in its place, and
``info["documented"]`` the values that Clever documents. ``info["key"] = "verified"`` marks a table whose primary key is
verified with each change of its rows (sql/apply/repeated_keys.sql, ``Session.replace``) and has no index: DuckDB's would be larger
than the rows of a large table. ``info["internal"]`` marks a relation that only macros and syncs read.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from duckdb_sqlalchemy import Dialect
from duckdb_sqlalchemy.datatypes import UBigInteger

from pipelines import records
from pipelines.records import CATALOG, Kind, Tier, Treatment

metadata = sa.MetaData()
"""Every relation that analysts may query. What is derived (``info["view"]``) names the file of sql/ that defines it."""

Text = sa.String()
Instant = sa.DateTime(timezone=True)
CLEVERS_INSTANTS = frozenset(field.column for _, _, field in CATALOG.fields() if field.kind is Kind.INSTANT)
"""Columns with instants that Clever sends; all other instants are the warehouse's."""
PUBLICATION_INSTANTS = frozenset({"restored_from", "undone_from"})
"""Columns with the dates of published files. The clock may have been ahead when they were dated."""
CLEVER_IDS = frozenset(
    (
        *("id", "district_id", "school_id", "school_ids"),
        *("user_id", "user_ids", "former_user_id", "from_user_id", "to_user_id"),
        *("legacy_id", "replaced_by"),
        *("record_id", "related_id"),
    )
)
"""The columns that hold IDs of Clever's, in the tables that the warehouse itself fills."""
Json = sa.JSON()
Texts = sa.ARRAY(sa.String)
Whole = sa.BigInteger()


def _column(
    name: str,
    type_: sa.types.TypeEngine[Any],
    comment: str,
    *,
    tier: Tier = Tier.INTERNAL,
    sources: Sequence[str] = (),
    treatment: Treatment | None = None,
    documented: Sequence[str] = (),
    **more: Any,
) -> sa.Column[Any]:
    """A column with its comment, its sensitivity tier, and the paths of the fields that it comes from.

    If no treatment is given, it follows from the tier, and from the name where that is the one of an ID of Clever's.
    """
    if treatment is None and name in CLEVER_IDS:
        treatment = Treatment.PSEUDONYM
    if treatment is None:
        treatment = Treatment.WITHHELD if tier in {Tier.IDENTIFIER, Tier.UNKNOWN} else Treatment.KEPT
    info = {"tier": tier, "sources": tuple(sources), "treatment": treatment, "documented": tuple(documented)}
    return sa.Column(name, type_, comment=comment, info=info, **more)


def _key(name: str, type_: sa.types.TypeEngine[Any], comment: str) -> sa.Column[Any]:
    """A column of the primary key: never NULL, and never a SERIAL (which DuckDB lacks)."""
    return _column(name, type_, comment, primary_key=True, autoincrement=False)


DISTRICT = "Clever ID of the district."
USER = "Clever v3 ID of the person (the user)."
ROLE = "student, teacher, staff, district_admin or contact."
FIRST_SEEN = "When this warehouse first saw the row in the district; kept through absence and return."
EXTRA = (
    "Fields from Clever that have no column of their own, under Clever's names: unknown fields, values of an unexpected type, and dates "
    "that cannot be read. null means that a value was too large to keep. NULL if there are none."
)
MOST_VALUES = 30
"""Documented values that a comment lists at most."""
VALID_FROM = "When a sync put this version of the row into the warehouse."
CHANGE = "What happened in this version: created, updated, restored, or archived (the row is no longer in Clever)."
SYNC = "ID of the sync: the ID of the Dagster run that did it."
LINK_ROLE = f"{ROLE[:-1]}; unknown if only a migration CSV has the link and nothing shows the role."
LINK_DISTRICT = f"{DISTRICT[:-1]}; unknown if only a migration CSV has the link and nothing shows the district."
LINK_SOURCE = (
    "Where the link comes from: api or event (a snapshot that was applied), held (only snapshots that were held or rejected), or "
    "migration_csv or v2.1 (API v3 has not shown it). Only links from api or event are ever current; a held link does not say who "
    "holds the legacy ID."
)

REASONS = (
    "same_sis_id (the same sis_id in the same role), returned_after_absence (the same sis_id or e-mail after 300 days or more, for which "
    "Clever makes a new ID), same_email, recreated_contact (a contact of the same name arrived in the sync that archived the former "
    "one) or changed_sis_id (a student, teacher or staff of the same name and another sis_id arrived in that sync)."
)
STREAM = "What was read, such as users."
DRIFT_KINDS: Mapping[str, str] = {
    "unknown_field": "a field that the specs do not list; it is in extra",
    "unknown_role": "a role that the specs do not list; it is in extra of users",
    "unknown_value": "a value that the specs do not list; it is in its column",
    "unexpected_type": "a value of another type than documented; it is in extra",
    "doubled_field": "a field that occurs twice in one object; both are in extra",
    "too_large": "a value too large to keep; extra has null in its place",
}
"""How a record may differ from Clever's specs."""
CHANGE_KINDS: Mapping[str, str] = {
    "field_appeared": "the latest applied sync of the district was the first to see the field",
    "field_withdrawn": "no record has the field any longer, or all have null",
}
"""How a documented field of a district may come and go."""


def _said(kinds: Mapping[str, str]) -> str:
    return ", ".join(f"{kind} ({meaning})" for kind, meaning in kinds.items())


ANY_PATH = (
    "An object in which more than 200 unknown fields were ever seen has one row for all of them, such as roles.student.*; records "
    "counts each record once."
)


def _plain(name: str, type_: sa.types.TypeEngine[Any], comment: str, *, sources: Sequence[str] = ()) -> sa.Column[Any]:
    return _column(name, type_, comment, sources=sources, nullable=False)


def _version_columns() -> list[sa.Column[Any]]:
    return [
        _column("valid_from", Instant, VALID_FROM, nullable=False),
        _column("change", Text, CHANGE, nullable=False),
    ]


def _ended() -> sa.Column[Any]:
    return _column("valid_to", Instant, "When a sync ended this version of the row; NULL if it is the latest.")


TYPES: Mapping[Kind, sa.types.TypeEngine[Any]] = {
    Kind.TEXT: Text,
    Kind.ID: Text,
    Kind.TEXTS: Texts,
    Kind.IDS: Texts,
    Kind.KEYS: Texts,
    Kind.INSTANT: Instant,
    Kind.DATE: sa.Date(),
    Kind.BOOLEAN: sa.Boolean(),
    Kind.JSON: Json,
    Kind.NAMED: sa.Boolean(),
}
"""The type of the column that holds each kind of value."""


def _record_columns(table: records.Table) -> list[sa.Column[Any]]:
    """The columns of a declared table, up to those of its versions."""
    return [
        *(
            _column(column, Text, table.id_comment, sources=["id"], treatment=Treatment.PSEUDONYM, nullable=False)
            for column in table.own_id
        ),
        _plain("district_id", Text, DISTRICT, sources=[CATALOG.stream_of(table.name).district_path]),
        *(
            _column(
                field.column,
                TYPES[field.kind],
                comment_of(field),
                tier=field.tier,
                sources=[table.full_path(field)],
                treatment=field.treatment,
                documented=field.values,
                nullable=not (field.kind.is_list or table.is_of_texts),
            )
            for field in table.fields
        ),
        _plain("first_seen_at", Instant, FIRST_SEEN),
        _column("extra", Json, EXTRA, tier=Tier.UNKNOWN, sources=[_any_field(table)]),
    ]


def _any_field(table: records.Table) -> str:
    """The path that means any field of the object of a table."""
    return f"{table.path}.*".removeprefix(".")


def comment_of(field: records.Field) -> str:
    """The comment of a column: its declaration, and the documented values unless they are many."""
    if not field.values or field.kind is Kind.KEYS or len(field.values) > MOST_VALUES:
        return field.comment
    return f"{field.comment} Clever documents: {', '.join(field.values)}."


def _with_history(
    name: str, columns: Callable[[], list[sa.Column[Any]]], key: Sequence[str], comment: str, **info: Any
) -> sa.Table:
    """Declare a table that keeps the history of its rows: what is current, what is past, and the views of both."""
    row_key = tuple(key)
    optional = {column.name for column in columns() if column.nullable}
    current = sa.Table(
        name,
        metadata,
        *columns(),
        *_version_columns(),
        *([] if optional.intersection(row_key) else [sa.PrimaryKeyConstraint(*row_key)]),
        info={"key": "verified", "row_key": row_key, **info},
        comment=comment,
    )
    sa.Table(
        f"past_{name}",
        metadata,
        *columns(),
        *_version_columns(),
        _ended(),
        schema="past",
        info={"internal": True},
        comment=f"The ended versions of the rows of {name}, and a row (change archived) for each time a row was gone.",
    )
    for view, is_internal, of_view in (
        (f"{name}_history", False, f"Every version of every row of {name}."),
        (
            f"clever_warehouse_{name}_versions",
            True,
            f"The rows of {name}_history, under a name that no other database has: macros read it. Query {name}_history instead.",
        ),
    ):
        # In another database that has the warehouse attached, DuckDB looks for the relations that a macro names there. So a macro
        # reads only relations whose names no other database has. These views must be in main: until DuckDB 1.4, a view of another
        # schema reads the tables of main in that other database too.
        sa.Table(
            view,
            metadata,
            *columns(),
            _plain("valid_from", Instant, VALID_FROM),
            _ended(),
            _plain("change", Text, CHANGE),
            info={"view": view, "template": "versions", "of": name, "internal": is_internal},
            comment=of_view,
        )
    return current


def _declared(table: records.Table) -> sa.Table:
    return _with_history(
        table.name,
        lambda: _record_columns(table),
        table.key,
        table.comment,
        stream=CATALOG.stream_of(table.name).name,
        group=table.group,
        id_column=table.id_column,
        is_list=table.is_list,
        operational=tuple(field.column for field in table.fields if not field.makes_version),
    )


users = _declared(CATALOG.table("users"))


ROLE_TABLES = tuple(
    table for table in CATALOG.stream_of("users").tables if table.path.startswith("roles.") and not table.is_list
)
"""The tables of the roles: what they have in common is in user_roles as well."""


def _in_roles(*columns: str) -> list[str]:
    """The paths of the fields of role tables that have one of these columns."""
    return [table.full_path(field) for table in ROLE_TABLES for field in table.fields if field.column in columns]


def _user_role_columns() -> list[sa.Column[Any]]:
    return [
        _plain("user_id", Text, USER, sources=["id"]),
        _plain("role", Text, ROLE, sources=["roles"]),
        _plain("district_id", Text, DISTRICT, sources=["district"]),
        _column(
            "legacy_id",
            Text,
            "ID of the person in this role before API v3.0; NULL if Clever sent none.",
            sources=_in_roles("legacy_id"),
        ),
        _column(
            "sis_id",
            Text,
            "The district's own ID: sis_id of a student, teacher or contact, staff_id of staff.",
            tier=Tier.IDENTIFIER,
            sources=_in_roles("sis_id", "staff_id"),
        ),
        _column(
            "title",
            Text,
            "Job title of a teacher, staff or district admin.",
            tier=Tier.IDENTIFIER,
            sources=_in_roles("title"),
        ),
        _column(
            "school_id",
            Text,
            "Clever ID of the primary school of a student or teacher.",
            tier=Tier.PUBLIC,
            sources=_in_roles("school_id"),
        ),
        _column(
            "school_ids",
            Texts,
            "Clever IDs of all schools of the role, sorted, without duplicates; empty if none.",
            nullable=False,
            tier=Tier.PUBLIC,
            sources=_in_roles("school_ids"),
        ),
        _plain("first_seen_at", Instant, "When this warehouse first saw the person in this role in the district."),
        _column(
            "extra",
            Json,
            f"{EXTRA} The same as in the table of the role.",
            tier=Tier.UNKNOWN,
            sources=[_any_field(table) for table in ROLE_TABLES],
        ),
    ]


user_roles = _with_history(
    "user_roles",
    _user_role_columns,
    ("district_id", "user_id", "role"),
    "One row per district, person and role the person currently has.",
    stream=CATALOG.stream_of("users").name,
    group="people",
    id_column="user_id",
    is_list=False,
    operational=(),
)

for declared in CATALOG.tables:
    if declared.name not in metadata.tables:
        _declared(declared)

for lookup in CATALOG.lookups:
    sa.Table(
        lookup.name,
        metadata,
        *(
            _column(
                column.name,
                Whole if isinstance(lookup.rows[0][number], int) else Text,
                column.comment,
                tier=Tier.PUBLIC,
                nullable=False,
            )
            for number, column in enumerate(lookup.columns)
        ),
        info={"view": lookup.name, "lookup": lookup},
        comment=lookup.comment,
    )

SCHOOL_NAME = "Name of the school; NULL if the district does not share it."
STUDENT = "Clever v3 ID of the student: user_id in users and students."
GRADE_ORDER = "Place of the grade in the lookup grades; NULL if the grade is NULL or not documented."
IS_IN_PROGRESS = (
    "Whether the term of the section is in progress today: the date in the time zone of your session, first and last day included. A date "
    "that was not sent is no limit. NULL if it is not known: the section has no term, or one that is not in terms, without dates, or with "
    "a date that cannot be read. NULL is not false: for current sections write is_in_progress IS DISTINCT FROM false."
)

student_roster = sa.Table(
    "student_roster",
    metadata,
    _plain("district_id", Text, DISTRICT),
    _plain("student_id", Text, STUDENT),
    _column("first_name", Text, "First name of the student.", tier=Tier.IDENTIFIER),
    _column("middle_name", Text, "Middle name of the student.", tier=Tier.IDENTIFIER),
    _column("last_name", Text, "Last name of the student.", tier=Tier.IDENTIFIER),
    _column("email", Text, "E-mail of the student.", tier=Tier.IDENTIFIER),
    _column(
        "sis_id",
        Text,
        "ID of the student in the student information system (SIS); text, because it may begin with zeros.",
        tier=Tier.IDENTIFIER,
    ),
    _column("grade", Text, "Grade of the student; NULL if not sent."),
    _column("grade_order", Whole, GRADE_ORDER),
    _column(
        "school_id",
        Text,
        "Clever ID of the primary school, as Clever sent it; NULL if not sent, although the student has schools.",
        tier=Tier.PUBLIC,
    ),
    _column("school_name", Text, SCHOOL_NAME, tier=Tier.PUBLIC),
    _plain(
        "school_count", Whole, "Schools of the student: school_ids in students, and school_id if it is not among them."
    ),
    _plain(
        "section_count",
        Whole,
        "Sections that the student is in, whatever their term. 0 also if the district shares no sections.",
    ),
    _plain(
        "current_section_count",
        Whole,
        "Of these, sections whose term is in progress today, or of which it is not known: is_in_progress in section_rosters is not false.",
    ),
    _plain("contact_count", Whole, "Different contacts of the student. 0 also if the district shares no contacts."),
    info={"view": "student_roster"},
    comment="One row per district and student: names, grade, primary school, and how many schools, sections and contacts.",
)

section_rosters = sa.Table(
    "section_rosters",
    metadata,
    _plain("district_id", Text, DISTRICT),
    _plain("section_id", Text, "Clever ID of the section."),
    _column(
        "section_name",
        Text,
        "Name of the section. Clever makes it of the course, the teacher's last name and the period; not unique.",
        tier=Tier.IDENTIFIER,
    ),
    _column("period", Text, "Period of the school day; NULL if not sent."),
    _column("subject", Text, "Subject of the section; NULL if not sent.", tier=Tier.PUBLIC),
    _column("course_id", Text, "Clever ID of the course; NULL if the section has none.", tier=Tier.PUBLIC),
    _column("course_name", Text, "Name of the course; NULL if it has none, or is not in courses.", tier=Tier.PUBLIC),
    _column("course_number", Text, "Number that the district gave the course.", tier=Tier.PUBLIC),
    _column("term_id", Text, "Clever ID of the term; NULL if the section has none.", tier=Tier.PUBLIC),
    _column("term_name", Text, "Name of the term; NULL if it has none, or is not in terms.", tier=Tier.PUBLIC),
    _column("is_in_progress", sa.Boolean(), IS_IN_PROGRESS),
    _column("school_id", Text, "Clever ID of the school of the section.", tier=Tier.PUBLIC),
    _column("school_name", Text, SCHOOL_NAME, tier=Tier.PUBLIC),
    _column(
        "teacher_id",
        Text,
        "Clever v3 ID of the teacher of record: the primary teacher in section_teachers, else the only teacher. NULL if there is none, or "
        "several of whom none is primary.",
    ),
    _column("teacher_first_name", Text, "First name of the teacher of record.", tier=Tier.IDENTIFIER),
    _column(
        "teacher_last_name",
        Text,
        "Last name of the teacher of record; NULL also if the district does not share the teacher.",
        tier=Tier.IDENTIFIER,
    ),
    _plain("teacher_count", Whole, "Teachers of the section, co-teachers included."),
    _plain("student_id", Text, STUDENT),
    _column(
        "student_first_name",
        Text,
        "First name of the student; NULL also if the district does not share the student.",
        tier=Tier.IDENTIFIER,
    ),
    _column("student_last_name", Text, "Last name of the student.", tier=Tier.IDENTIFIER),
    _column("student_grade", Text, "Grade of the student, which may be another one than that of the section."),
    _column(
        "is_cross_school",
        sa.Boolean(),
        "Whether the section is at another school than the student's primary school; NULL if either is not known.",
    ),
    info={"view": "section_rosters"},
    comment="One row per district, section and student in it, with course, term, school, and teacher of record; sections of all terms. A "
    "section without students has no row.",
)

student_contacts = sa.Table(
    "student_contacts",
    metadata,
    _plain("district_id", Text, DISTRICT),
    _plain("student_id", Text, STUDENT),
    _column(
        "student_first_name",
        Text,
        "First name of the student; NULL also if the district does not share the student.",
        tier=Tier.IDENTIFIER,
    ),
    _column("student_last_name", Text, "Last name of the student.", tier=Tier.IDENTIFIER),
    _column("school_id", Text, "Clever ID of the student's primary school.", tier=Tier.PUBLIC),
    _column("school_name", Text, SCHOOL_NAME, tier=Tier.PUBLIC),
    _plain("contact_id", Text, "Clever v3 ID of the contact: user_id in users and contacts."),
    _column("contact_first_name", Text, "First name of the contact, as sent; mostly NULL.", tier=Tier.IDENTIFIER),
    _column("contact_middle_name", Text, "Middle name of the contact, as sent; mostly NULL.", tier=Tier.IDENTIFIER),
    _column(
        "contact_last_name",
        Text,
        "Last name of the contact, as sent. Clever mostly sends the full name here: do not split it.",
        tier=Tier.IDENTIFIER,
    ),
    _column(
        "relationship",
        Text,
        "What the contact is to the student; several are sorted and separated by a comma and a blank. NULL if not sent.",
    ),
    _column(
        "type",
        Text,
        "In which capacity the contact is to be reached; several are sorted and separated by a comma and a blank. NULL if not sent.",
    ),
    _column("phone", Text, "Phone number of the contact, as the district entered it.", tier=Tier.IDENTIFIER),
    _column("phone_type", Text, "What kind of phone it is; NULL if not sent."),
    _column("email", Text, "E-mail of the contact.", tier=Tier.IDENTIFIER),
    info={"view": "student_contacts"},
    comment="One row per district, student and contact. What contact_students has as several rows, because a contact may have several "
    "relationships to a student, is one row. A relationship without a student has no row.",
)

staff_directory = sa.Table(
    "staff_directory",
    metadata,
    _plain("district_id", Text, DISTRICT),
    _plain("user_id", Text, USER),
    _column("first_name", Text, "First name of the person.", tier=Tier.IDENTIFIER),
    _column("last_name", Text, "Last name of the person.", tier=Tier.IDENTIFIER),
    _column("email", Text, "E-mail of the person; two people may have the same.", tier=Tier.IDENTIFIER),
    _plain("roles", Texts, "All roles of the person, sorted."),
    _column(
        "title",
        Text,
        "Job title: that of the staff role, else of the teacher role, else of the district_admin role.",
        tier=Tier.IDENTIFIER,
    ),
    _column("department", Text, "Department of the staff role.", tier=Tier.IDENTIFIER),
    _column(
        "school_id",
        Text,
        "Clever ID of the primary school of the teacher role; the other roles have none.",
        tier=Tier.PUBLIC,
    ),
    _column(
        "school_ids",
        Texts,
        "Clever IDs of the schools of all roles together, sorted, without duplicates; empty if none, as of district admins.",
        nullable=False,
        tier=Tier.PUBLIC,
    ),
    _column(
        "school_names",
        Texts,
        "Names of these schools, in the order of school_ids; NULL in the place of a school that the district does not share.",
        nullable=False,
        tier=Tier.PUBLIC,
    ),
    _plain("section_count", Whole, "Sections of which the person is a teacher or co-teacher, whatever their term."),
    info={"view": "staff_directory"},
    comment="One row per district and user with an employee role (teacher, staff, or district_admin). Users with the same e-mail are not "
    "merged.",
)

enrollment_by_grade = sa.Table(
    "enrollment_by_grade",
    metadata,
    _plain("district_id", Text, DISTRICT),
    _column("school_id", Text, "Clever ID of the school; NULL for students without one.", tier=Tier.PUBLIC),
    _column("school_name", Text, SCHOOL_NAME, tier=Tier.PUBLIC),
    _column("grade", Text, "Grade; NULL for students without one.", tier=Tier.PUBLIC),
    _column("grade_order", Whole, GRADE_ORDER, tier=Tier.PUBLIC),
    _plain(
        "student_count",
        Whole,
        "Students whose primary school it is. Each student counts once, so the sum over rows is a number of students.",
    ),
    _plain(
        "enrolled_count",
        Whole,
        "Students who have the school as primary or other school. A student of two schools counts in both: do not sum over schools.",
    ),
    info={"view": "enrollment_by_grade"},
    comment="One row per district, school and grade with students, and one for students without school or grade.",
)

legacy_id_crosswalk = sa.Table(
    "legacy_id_crosswalk",
    metadata,
    _plain("district_id", Text, LINK_DISTRICT, sources=["district"]),
    _plain("role", Text, LINK_ROLE, sources=["roles"]),
    _plain("legacy_id", Text, "ID of the person in this role before API v3.0.", sources=_in_roles("legacy_id")),
    _plain("user_id", Text, "Clever v3 ID that the source has for it.", sources=["id"]),
    _column("is_current", sa.Boolean(), "Whether Clever shows this link now.", nullable=False),
    _column("first_seen_at", Instant, "When the link was first seen.", nullable=False),
    _column(
        "last_seen_at",
        Instant,
        "When the link was last seen; after an approval, when the approved snapshot was read, and of a held link, when a held or "
        "rejected snapshot last showed it.",
        nullable=False,
    ),
    _column(
        "ended_at",
        Instant,
        "When a sync found the link gone; NULL while it is current, and of a link that API v3 has never shown.",
    ),
    _column(
        "end_reason",
        Text,
        "Why it ended in the district: reassigned (the legacy ID is another user's), role_removed (the user is still there) or "
        "archived; NULL while it is current, and of a link that API v3 has never shown.",
    ),
    _column("source", Text, LINK_SOURCE, nullable=False),
    info={"stream": CATALOG.stream_of("users").name, "group": "identity"},
    comment="One row per link (district, role, legacy ID, v3 ID) ever seen. Links are never deleted.",
)

crosswalk_changes = sa.Table(
    "crosswalk_changes",
    metadata,
    _plain("observed_at", Instant, "When a sync saw the change."),
    _plain("district_id", Text, DISTRICT),
    _plain(
        "change",
        Text,
        "The legacy ID has a new holder: merged (the former holder is gone, and legacy IDs of two or more users are now the new "
        "holder's), split (the former holder's legacy IDs went to two or more users, or the former holder kept one and the new holder "
        "was not in the district before the sync), role_moved (both users were in the district before the sync and still are) or "
        "reassigned (any other change of holder). "
        "No user has it in the role any more: legacy_id_replaced (the user has another one in the role), legacy_id_removed (the user "
        "has the role without one), role_lost (the user no longer has the role) or archived (the user is gone). "
        "Its holder is back: role_regained (the role) or restored (the user; also if the role or its legacy ID is another one now).",
    ),
    _plain("role", Text, ROLE),
    _plain("legacy_id", Text, "The legacy ID whose holder changed."),
    _column("from_user_id", Text, "Clever v3 ID of the former holder."),
    _column(
        "to_user_id",
        Text,
        "Clever v3 ID of the new holder; NULL if no user has the legacy ID in the role after the sync.",
    ),
    _column(
        "from_is_gone",
        sa.Boolean(),
        "Whether the former holder is gone from the district after the sync; NULL if there is none, and in rows recorded by versions "
        "before 0.2.",
    ),
    _column(
        "to_is_new",
        sa.Boolean(),
        "Whether the sync was the first to see the new holder in the district; NULL if to_user_id is NULL, and in rows recorded by "
        "versions before 0.2.",
    ),
    _column(
        "replaced_by",
        Text,
        "The legacy ID that the user has in the role instead; NULL except in rows with legacy_id_replaced.",
    ),
    comment="One row per legacy ID per sync in which its holder changed, disappeared, or returned; two or more rows if several users "
    "share the legacy ID. The rows of a legacy ID, in order, end with its latest holder.",
)

ANSWER_STATUS = (
    "current (one user in Clever holds or held the ID), inherited (one user in Clever, through users who are gone), ambiguous (several "
    "users, none chosen), gone (the last user is gone), or unconfirmed (only a migration CSV or API v2.1 has it)."
)
ANSWER_USER = "Clever v3 ID of the user it leads to; of a gone one, the last user. NULL if it is ambiguous."
ANSWER_USERS = "The users it leads to if it is ambiguous, sorted; NULL otherwise."
ANSWER_ROLE = "Role in which the ID is or was used; NULL for a v3 ID."
ANSWER_DISTRICT = "Clever ID of the district of that user; of a gone one, of the last link."
ANSWER_SINCE = (
    "When a sync found that the ID has no user of its own any longer; NULL if it has one, or was never shown by API v3."
)
ANSWER_SOURCE = "api (API v3 showed the ID), migration_csv or v2.1 (only these have it)."
IS_LIVING = "Whether it leads to a user who is in Clever, or to several."
IS_LEGACY_ID = "Whether it is a legacy ID; a student's is the v3 ID too."

heirs = sa.Table(
    "heirs",
    metadata,
    _key("id", Text, "A legacy ID or v3 ID."),
    _column("status", Text, ANSWER_STATUS, nullable=False),
    _column("user_id", Text, ANSWER_USER),
    _column("user_ids", Texts, ANSWER_USERS),
    _column("is_living", sa.Boolean(), IS_LIVING, nullable=False),
    _column("role", Text, ANSWER_ROLE),
    _column("district_id", Text, ANSWER_DISTRICT),
    _column("since", Instant, ANSWER_SINCE),
    _column("source", Text, ANSWER_SOURCE, nullable=False),
    _column("is_legacy_id", sa.Boolean(), IS_LEGACY_ID, nullable=False),
    _column("has_current_link", sa.Boolean(), "Whether Clever shows a link of this legacy ID now.", nullable=False),
    schema="sync",
    info={"key": "verified", "internal": True},
    comment="One row per ID that is not the legacy ID of exactly one current link: where it leads. Read living_heirs instead.",
)


def _living_heirs(name: str, comment: str, *, is_internal: bool) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        _plain("id", Text, "A legacy ID or v3 ID, as Clever writes it."),
        _plain("status", Text, ANSWER_STATUS),
        _column("user_id", Text, ANSWER_USER),
        _column("user_ids", Texts, ANSWER_USERS),
        _column("is_living", sa.Boolean(), IS_LIVING, nullable=False),
        _column("role", Text, ANSWER_ROLE),
        _column("district_id", Text, ANSWER_DISTRICT),
        _column("since", Instant, ANSWER_SINCE),
        _plain("source", Text, ANSWER_SOURCE),
        _plain("is_legacy_id", sa.Boolean(), IS_LEGACY_ID),
        info={"view": name, "internal": is_internal},
        comment=comment,
    )


living_heirs = _living_heirs(
    "living_heirs", "One row per ID ever seen, legacy or v3: the user it leads to now.", is_internal=False
)

clever_warehouse_living_heirs = _living_heirs(
    "clever_warehouse_living_heirs",
    "The rows of living_heirs, for the macros: they fail in another database, which has no relation with this name. Query living_heirs.",
    is_internal=True,
)

current_user_of_legacy_id = sa.Table(
    "current_user_of_legacy_id",
    metadata,
    _plain("legacy_id", Text, "A legacy ID, as Clever writes it."),
    _column("user_id", Text, ANSWER_USER),
    _plain("status", Text, ANSWER_STATUS),
    _column("role", Text, ANSWER_ROLE),
    _column("district_id", Text, ANSWER_DISTRICT),
    _column("since", Instant, ANSWER_SINCE),
    _column("user_ids", Texts, ANSWER_USERS),
    _plain("source", Text, ANSWER_SOURCE),
    info={"view": "current_user_of_legacy_id"},
    comment="One row per legacy ID ever seen: the user it leads to. The same answers as v3_user_id, also from another database.",
)

imports = sa.Table(
    "imports",
    metadata,
    _key("import_id", Text, "ID of the import, or of the verification against API v2.1, that brought links."),
    _key("file", Text, "File that was imported, as the person who imported it named it; v2.1 for a verification."),
    _column("imported_at", Instant, "When it was imported.", nullable=False),
    _column("source", Text, "migration_csv or v2.1.", nullable=False),
    _column(
        "is_of_one_district", sa.Boolean(), "Whether all links of the file belong to one district.", nullable=False
    ),
    _column("first_district_id", Text, "Smallest Clever ID of the districts that its links are known to belong to."),
    _column("last_district_id", Text, "Largest of these IDs; the same if they belong to one district."),
    _column("links", Whole, "Links that it brought and that API v3 had not shown by then.", nullable=False),
    _column("taken_back_at", Instant, "When the import was taken back; NULL if it was not."),
    schema="sync",
    comment="One row per file of each import of migration CSVs.",
)

told_links = sa.Table(
    "told_links",
    metadata,
    _plain("import_id", Text, "ID of the import."),
    _plain("file", Text, "File of the import."),
    _plain("legacy_id", Text, "A legacy ID."),
    _plain("user_id", Text, "Clever v3 ID that the file has for it."),
    _column("role", Text, f"{ROLE[:-1]}, if the file has it."),
    _column("district_id", Text, "Clever ID of the district, if the file has it."),
    schema="sync",
    comment="One row per import and link that API v3 has not shown yet; the crosswalk derives its links of these sources from it.",
)

identity_chains = sa.Table(
    "identity_chains",
    metadata,
    _plain("user_id", Text, "Clever v3 ID of a person currently in Clever."),
    _plain("former_user_id", Text, "A v3 ID that the person has, or had before a merge, split or reassignment."),
    _plain("district_id", Text, LINK_DISTRICT),
    _plain("role", Text, ROLE),
    _plain("legacy_id", Text, "A legacy ID of that v3 ID."),
    _plain("is_current", sa.Boolean(), "Whether Clever shows this link now."),
    _plain("first_seen_at", Instant, "When the link was first seen."),
    _plain("last_seen_at", Instant, "When the link was last seen."),
    _column("ended_at", Instant, "When a sync found the link gone; NULL while it is current."),
    _column("end_reason", Text, "Why it ended; NULL while it is current."),
    info={"view": "identity_chains"},
    comment="Identity chains: every past and current ID of each person currently in Clever.",
)

likely_same_person = sa.Table(
    "likely_same_person",
    metadata,
    _plain("district_id", Text, DISTRICT),
    _plain("former_user_id", Text, "Clever v3 ID of a user who is gone and from whom no ID leads to a user in Clever."),
    _plain(
        "user_id",
        Text,
        "Clever v3 ID of a user in the district now who was first seen there when the former user was archived, or later.",
    ),
    _plain("reason", Text, f"The strongest reason. {REASONS}"),
    _plain("reasons", Texts, "All reasons, sorted."),
    _plain(
        "strength",
        Text,
        "strong, medium or weak. same_sis_id is strong. same_email is strong if both users have a role in common, else medium. "
        "returned_after_absence is as strong as the sis_id or e-mail that it is based on. recreated_contact is medium, with the same "
        "e-mail strong. changed_sis_id is medium, without a school in common weak.",
    ),
    _plain("former_roles", Texts, "The roles that the former user had last, sorted."),
    _plain("roles", Texts, "The roles of the user now, sorted."),
    _plain("former_last_seen_at", Instant, "When a sync found the former user gone."),
    _plain("first_seen_at", Instant, "When a sync first saw the user in the district."),
    _plain("days_between", Whole, "Full days of 24 hours between these two; 0 if it was one sync."),
    info={"view": "likely_same_person"},
    comment="One row per user who is gone and user who is likely the same person, by evidence that proves nothing. No ID resolves by it.",
)

runs = sa.Table(
    "runs",
    metadata,
    _key("sync_id", Text, SYNC),
    _key("district_id", Text, DISTRICT),
    _column(
        "sequence",
        Whole,
        "Order in which syncs and approvals were published, whatever the clock showed; 0 and below for those of versions of "
        "clever-warehouse that kept no order.",
        nullable=False,
    ),
    _column("mode", Text, "full (everything read) or events.", nullable=False),
    _column("started_at", Instant, "When reading began.", nullable=False),
    _column("finished_at", Instant, "When the outcomes of the sync were written down.", nullable=False),
    _column(
        "read_at",
        Instant,
        "When Clever showed what the row reports: the end of the read. Of an approval, the end of the read that was approved; NULL "
        "if the read did not end, and in rows of versions before 0.2.",
    ),
    _column("outcome", Text, "applied, unchanged, held, failed, or disconnected.", nullable=False),
    _column(
        "error", Text, "Why nothing was applied, in a sentence; NULL if all went well.", treatment=Treatment.WITHHELD
    ),
    _column(
        "unverified",
        Texts,
        "Why the last read of the district could not be verified, one reason per element; empty if it could. NULL in rows of "
        "versions before 0.2.",
        treatment=Treatment.WITHHELD,
    ),
    _column("added", Whole, "People who are new.", nullable=False),
    _column("updated", Whole, "People of whom something changed.", nullable=False),
    _column("archived", Whole, "People who are gone.", nullable=False),
    _column("restored", Whole, "People who came back.", nullable=False),
    _column(
        "digest",
        Text,
        "SHA-256 that names what was read of all feeds together; NULL if the read did not end.",
        treatment=Treatment.WITHHELD,
    ),
    _column(
        "by_role",
        Json,
        "The same by role, by record type of other records, and by table of memberships, and how many there were before and unchanged; a "
        "person counts in every role. For a held snapshot, what it would change.",
    ),
    schema="sync",
    info={"key": "verified"},
    comment="One row per district per sync, with the result.",
)

receipts = sa.Table(
    "receipts",
    metadata,
    _key("sync_id", Text, SYNC),
    _key("district_id", Text, DISTRICT),
    _key("feed", Text, "What was read: users, or a role view (students, teachers, staff, district_admins, contacts)."),
    _column("pages", Whole, "Pages read.", nullable=False),
    _column("records", Whole, "Records on them.", nullable=False),
    _column("bytes", Whole, "Bytes kept of these records: all of a user, the IDs in a role view.", nullable=False),
    _column("first_id", Text, "ID of the first record."),
    _column("last_id", Text, "ID of the last record."),
    _column("digest", Text, "The first 128 bits of the SHA-256 of the records as lines, whatever the page size."),
    _column("complete", sa.Boolean(), "Whether the chain of pages was followed to its end.", nullable=False),
    schema="sync",
    info={"key": "verified"},
    comment="One row per stream, district and sync: what was read.",
)

districts = sa.Table(
    "districts",
    metadata,
    _key("district_id", Text, DISTRICT),
    _column(
        "connected",
        sa.Boolean(),
        "Whether the token list shows the district; the data of one that left stay.",
        nullable=False,
    ),
    _column("first_seen_at", Instant, "When the district was first seen in the token list.", nullable=False),
    _column("last_seen_at", Instant, "When the district was last seen in the token list.", nullable=False),
    _column(
        "not_shared",
        Texts,
        "Streams that Clever refused as a whole (403 or 404) in the latest read of the district, sorted: their rows stay as they are. NULL "
        "before the first read.",
    ),
    schema="sync",
    comment="One row per district ever connected.",
)

district_freshness = sa.Table(
    "district_freshness",
    metadata,
    _plain("district_id", Text, DISTRICT),
    _plain("connected", sa.Boolean(), "Whether the token list shows the district."),
    _column(
        "up_to_date_as_of",
        Instant,
        "When Clever showed what the district's rows hold; NULL before its first good sync.",
    ),
    _plain("is_up_to_date", sa.Boolean(), "Whether the latest sync of the district was applied or unchanged."),
    _column("name", Text, "Name of the district; NULL if Clever never showed it.", tier=Tier.PUBLIC),
    _plain(
        "freshness",
        Text,
        "The first of these that is true now: disconnected (not in the token list), ours_stale (the latest sync of the district failed or "
        "is held, or the last good one is more than 36 hours old: what Clever shows is not known), paused (Clever syncs nothing for the "
        "time being, mostly in summer; no fault), sis_stale (Clever reports an error of its sync from the SIS, or did not sync for more "
        "than 72 hours), fresh.",
    ),
    _column(
        "reason",
        Text,
        "Of ours_stale: failed, held or disconnected (the latest sync), never_synced, or old. Of sis_stale: error (its text is in "
        "districts.error) or old. Of fresh: sis_unknown (the last good sync did not read districts, or Clever does not say when it "
        "synced). NULL otherwise.",
    ),
    _column(
        "sis_synced_at",
        Instant,
        "When Clever last synced from the SIS, as of the last good sync; NULL if that did not read it.",
    ),
    _column(
        "paused_until", Instant, "When the pause ends; NULL if the district is not paused, or Clever names no end."
    ),
    info={"view": "district_freshness"},
    comment="One row per district ever connected: how fresh its rows are, and how fresh Clever's own data of the district is.",
)

held_legacy_ids = sa.Table(
    "held_legacy_ids",
    metadata,
    _plain("legacy_id", Text, "A legacy ID."),
    _plain("user_ids", Texts, "Clever v3 IDs of the users at whom a held or rejected snapshot showed it, sorted."),
    _plain("district_id", Text, DISTRICT),
    _plain("is_rejected", sa.Boolean(), "Whether the latest of these snapshots was rejected."),
    info={"view": "held_legacy_ids"},
    comment="One row per legacy ID in snapshots that were held or rejected, and in links that were not applied since.",
)

holds = sa.Table(
    "holds",
    metadata,
    _key("district_id", Text, DISTRICT),
    _key("digest", Text, "SHA-256 that names the held snapshot; approve and reject ask for it."),
    _key("held_at", Instant, "When a sync first held it."),
    _column("sequence", Whole, "Order in which snapshots were held; that of sync.runs.", nullable=False),
    _column("sync_id", Text, "ID of the sync that read it last.", nullable=False),
    _column("seen_at", Instant, "When a sync read it last.", nullable=False),
    _column(
        "state",
        Text,
        "held (waits for a decision), approved, rejected, released (a later sync needed no decision) or superseded (a later sync "
        "read something else).",
        nullable=False,
    ),
    _column("why", Text, "Which limits it exceeds, as sentences.", nullable=False),
    _column(
        "exceeded",
        Json,
        "The same as objects: of (a role, record type, or table of memberships), change (archived or updated), count, before (how many "
        "there were), limit (percent), is_loss (only those count that nothing new replaces), and is_rollover (the limit is that of the "
        "rollover). NULL if a version before 0.2 held it.",
    ),
    _column("by_role", Json, "What it would change, by role, record type, and table of memberships.", nullable=False),
    _column("archived", Whole, "People it would archive; NULL if a version before 0.2 held it."),
    _column(
        "continuing",
        Whole,
        "Of these, people who continue under other IDs: the snapshot shows one of their legacy IDs, in the same role, at another user; "
        "NULL if a version before 0.2 held it.",
    ),
    _column(
        "students",
        Json,
        "What it would do to students: one object per school and grade, with the students before, arriving, archived, leaving for "
        "another school, and changing grade. NULL if a version before 0.2 held it.",
    ),
    _column("decided_at", Instant, "When it was approved or rejected."),
    _column("decided_by", Text, "Who approved or rejected it."),
    _column("reason", Text, "Why it was approved or rejected."),
    _column("applied_at", Instant, "When it was applied after approval."),
    schema="sync",
    comment="One row per snapshot held for approval because it changes too much.",
)

COUNTED_KIND = (
    "A role (student, teacher, staff, district_admin, contact) or a record type (users, schools, sections, ...). A user with several roles "
    "counts once in each, and once in users. A type that is not shared or not synced keeps its last counts."
)
COUNTED_SCHOOL = (
    "Clever ID of the school: the primary school of a student or teacher, the school of a section, the school of staff with only one. NULL "
    "for all others, so that each record counts once and counts can be added up."
)
GRADES = next(field.values for field in CATALOG.table("students").fields if field.column == "grade")
"""The grades that Clever documents."""
COUNTED_GRADE = "Grade of a student; NULL for all others, and for students without a grade."

counts = sa.Table(
    "counts",
    metadata,
    _plain("district_id", Text, DISTRICT),
    _plain("kind", Text, COUNTED_KIND),
    _column("school_id", Text, COUNTED_SCHOOL, tier=Tier.PUBLIC),
    _column("grade", Text, COUNTED_GRADE, treatment=Treatment.DOCUMENTED, documented=GRADES),
    _column("first_day", sa.Date(), "First day (in UTC) for which the count holds.", nullable=False),
    _column("last_day", sa.Date(), "Last day for which it held; NULL if it still holds."),
    _column("count", Whole, "Records, at the end of the last sync of these days.", nullable=False),
    schema="sync",
    comment="One row per district, kind, school, grade, and run of days with the same count. Read sync.daily_counts instead.",
)

daily_counts = sa.Table(
    "daily_counts",
    metadata,
    _column(
        "day",
        sa.Date(),
        "The day, in UTC: 2026-10-01 is from 2026-10-01 00:00 UTC on for 24 hours. min(day) of a district is where its counts begin.",
        nullable=False,
    ),
    _plain("district_id", Text, DISTRICT),
    _plain("kind", Text, COUNTED_KIND),
    _column("school_id", Text, COUNTED_SCHOOL, tier=Tier.PUBLIC),
    _column("grade", Text, COUNTED_GRADE),
    _column(
        "count", Whole, "Records after the last good sync of the day, or of the latest day before it that had one."
    ),
    schema="sync",
    info={"view": "daily_counts"},
    comment="One row per day, district, kind, school, and grade of which the district had records, from the first sync that counted to "
    "the day of the district's last good sync. sum(count) is the headcount. A combination without records has no row.",
)

fields = sa.Table(
    "fields",
    metadata,
    _key("stream", Text, STREAM),
    _key("district_id", Text, DISTRICT),
    _key("path", Text, f"Where the field is in a record, such as roles.student.grade. {ANY_PATH}"),
    _key(
        "kind",
        Text,
        f"known (a field of Clever's specs), or how it differs from the specs: {_said(DRIFT_KINDS)}.",
    ),
    _column("records", Whole, "Records that had it when it was last seen; of a known field, records that have it now."),
    _column("example_id", Text, "ID of one such record; NULL for a known field."),
    _column("is_present", sa.Boolean(), "Whether the latest read of the district had it.", nullable=False),
    _column("first_seen_at", Instant, "When a sync first saw it.", nullable=False),
    _column("last_seen_at", Instant, "When a sync last saw it.", nullable=False),
    schema="sync",
    comment="One row per field that a district's records have or had.",
)

drift = sa.Table(
    "drift",
    metadata,
    _plain("stream", Text, STREAM),
    _plain("district_id", Text, DISTRICT),
    _plain("path", Text, f"Where it is in a record, such as roles.student.grade. {ANY_PATH}"),
    _plain(
        "kind",
        Text,
        f"{_said({**DRIFT_KINDS, **CHANGE_KINDS})}.",
    ),
    _column("records", Whole, "Records that had it when it was last seen; 0 for a field that was withdrawn."),
    _column("example_id", Text, "ID of one such record; NULL for a field that appeared or was withdrawn."),
    _plain("is_present", sa.Boolean(), "Whether the latest read of the district had it."),
    _plain("first_seen_at", Instant, "When a sync first saw it."),
    _plain("last_seen_at", Instant, "When a sync last saw it."),
    schema="sync",
    info={"view": "drift"},
    comment="Where a district's records differ from Clever's specs, or from what they were: by path, without values.",
)

RELATED_ID = (
    "ID of another record that the finding is about, such as the user who had the sis_id before, the student of a contact, or the school "
    "of a section; of several, the smallest. NULL if there is none."
)

findings = sa.Table(
    "findings",
    metadata,
    _key("check", Text, "The rule that is broken: a check of sync.checks."),
    _column("severity", Text, "error or warning.", nullable=False),
    _key("district_id", Text, DISTRICT),
    _key(
        "record_id", Text, "ID of the record that breaks the rule: a user ID, unless the rule is about something else."
    ),
    _column("related_id", Text, RELATED_ID),
    _column("first_seen_at", Instant, "When a sync first found it.", nullable=False),
    _column("last_seen_at", Instant, "When a sync last found it.", nullable=False),
    _column("resolved_at", Instant, "When a sync found it gone; NULL while it is open."),
    schema="sync",
    comment="One row per record per data-quality rule it violates or has violated.",
)

repaired_records = sa.Table(
    "repaired_records",
    metadata,
    _plain("district_id", Text, DISTRICT),
    _plain("user_id", Text, "Clever v3 ID of the user whose record it is."),
    schema="sync",
    comment="One row per current record in which Clever sent half of a character (an unpaired surrogate); U+FFFD replaces it.",
)

unexplained_legacy_ids = sa.Table(
    "unexplained_legacy_ids",
    metadata,
    _key("district_id", Text, DISTRICT),
    _key("role", Text, ROLE),
    _key("legacy_id", Text, "A legacy ID that API v2.1 lists."),
    _column("first_seen_at", Instant, "When a verification first found that it leads to no user.", nullable=False),
    _column("last_seen_at", Instant, "When a verification last found that it leads to no user.", nullable=False),
    _column(
        "resolved_at",
        Instant,
        "When a verification found that it leads to a user, or is no longer listed; NULL while it is open.",
    ),
    schema="sync",
    comment="One row per legacy ID that API v2.1 lists and that leads to no user in Clever.",
)

verifications = sa.Table(
    "verifications",
    metadata,
    _key("verification_id", Text, "ID of the verification; of the Dagster run, if one did it."),
    _key("district_id", Text, DISTRICT),
    _key("role", Text, ROLE),
    _column("verified_at", Instant, "When the IDs were compared.", nullable=False),
    _column("is_served", sa.Boolean(), "Whether API v2.1 still serves the list of this role.", nullable=False),
    _column("listed", Whole, "IDs that API v2.1 lists.", nullable=False),
    _column("explained", Whole, "Of these, IDs that the crosswalk leads to one v3 ID.", nullable=False),
    _column("ended", Whole, "Of the explained, IDs whose link is not current in API v3.", nullable=False),
    _column("unexplained", Whole, "IDs that lead to no v3 ID, or to several.", nullable=False),
    _column("differing", Whole, "Explained people whose e-mail or sis_id is another in API v3.", nullable=False),
    schema="sync",
    comment="One row per role, district and verification of the crosswalk against API v2.1 (clever-warehouse verify-legacy).",
)

quality_checks = sa.Table(
    "checks",
    metadata,
    _key("check", Text, "The name of the rule; unique over all tables."),
    _column("severity", Text, "error or warning.", nullable=False),
    _column("description", Text, "The rule as a sentence.", nullable=False),
    _column("digest", Text, "SHA-256 of the rule and of what it reads, as they were when it was last evaluated."),
    schema="sync",
    comment="One row per data-quality rule.",
)

open_findings = sa.Table(
    "open_findings",
    metadata,
    _plain("district_id", Text, DISTRICT),
    _plain("severity", Text, "error or warning."),
    _plain("check", Text, "The rule that is broken."),
    _column("description", Text, "The rule as a sentence."),
    _plain(
        "record_id", Text, "ID of the record that breaks the rule: a user ID, unless the rule is about something else."
    ),
    _column("related_id", Text, RELATED_ID),
    _column("first_name", Text, "First name of the person.", tier=Tier.IDENTIFIER),
    _column("last_name", Text, "Last name of the person.", tier=Tier.IDENTIFIER),
    _column("email", Text, "E-mail of the person.", tier=Tier.IDENTIFIER),
    _column("roles", Texts, "Roles of the person."),
    _column("sis_ids", Texts, "The district's own IDs of the person, in any role.", tier=Tier.IDENTIFIER),
    _plain("first_seen_at", Instant, "When a sync first found it."),
    _plain("last_seen_at", Instant, "When a sync last found it."),
    info={"view": "open_findings"},
    comment="Issues that district staff can fix: each open finding with the rule and the person it is about.",
)

rollbacks = sa.Table(
    "rollbacks",
    metadata,
    _key("rolled_back_at", Instant, "When this file was published again."),
    _column("restored_from", Instant, "When this file had been published before.", nullable=False),
    _column("undone_from", Instant, "When the file that it replaced had been published; NULL if there was none."),
    schema="sync",
    comment="One row per rollback, or restore of a backup, that published this file or an earlier state of it again "
    "(clever-warehouse rollback, clever-warehouse restore). Between restored_from and rolled_back_at, users_as_of, user_roles_as_of "
    "and v3_user_id_as_of show the history of the restored file, not what was published then.",
)

purges = sa.Table(
    "purges",
    metadata,
    _key("purge_id", Text, "Random ID of the purge."),
    _column("purged_at", Instant, "When the rows were removed from this file.", nullable=False),
    _column("kind", Text, "user or district.", nullable=False),
    _column(
        "subject",
        Text,
        "HMAC-SHA256, with the key of the warehouse's purges, of the ID that was named: who knows the ID and has the key can show that "
        "it was purged.",
        nullable=False,
    ),
    _column("rows", Whole, "Rows removed from this file.", nullable=False),
    _column("rows_by_table", Json, "The same by table.", nullable=False),
    _column("links", Whole, "Of these, links of the crosswalk: the IDs no longer lead to a user.", nullable=False),
    _column("kept_files", Whole, "Files kept for rollbacks that rows were removed from.", nullable=False),
    _column("other_files", Whole, "Landing files, reports, exports and copies that were deleted.", nullable=False),
    _column("dagster_runs", Whole, "Dagster runs that were deleted because they named an ID.", nullable=False),
    _column("is_blocked", sa.Boolean(), "Whether the next syncs leave the person out, too.", nullable=False),
    schema="sync",
    comment="One row per purge of a person or district (clever-warehouse purge), without their data.",
)

blocked = sa.Table(
    "blocked",
    metadata,
    _key("id_hash", Text, "HMAC-SHA256, with the key of the warehouse's purges, of an ID that syncs leave out."),
    _column("blocked_at", Instant, "When it was blocked.", nullable=False),
    schema="sync",
    info={"internal": True},
    comment="One row per ID that syncs leave out although Clever shares it: of people who were purged for good. Internal; it may change.",
)

clever_hosts = sa.Table(
    "clever_hosts",
    metadata,
    _key("sequence", Whole, "Number of the sync that recorded it, as in sync.runs; the largest is the present host."),
    _column(
        "host", Text, "Name of the host in CLEVER_API_URL, without port; localhost for this machine.", nullable=False
    ),
    _column("sync_id", Text, SYNC, nullable=False),
    _column("recorded_at", Instant, "When the sync recorded it.", nullable=False),
    schema="sync",
    comment="One row per time the Clever host of the districts was recorded: by the first sync that read a district, and by the first "
    "from another host that CLEVER_HOST_CHANGE accepted. A sync against another host is refused.",
)

migrations = sa.Table(
    "migrations",
    metadata,
    _key("number", Whole, "Schema version: the number of a file in sql/migrations."),
    _column("name", Text, "Name of the file, without its number.", nullable=False),
    _column("applied_at", Instant, "When the file was migrated to this version, or created with it.", nullable=False),
    schema="sync",
    comment="One row per schema version this file has had or contains; the largest number is its schema version.",
)

layout = sa.Table(
    "layout",
    metadata,
    _key("fingerprint", Text, "SHA-256 of the definitions this file was created or last updated with."),
    schema="sync",
    info={"internal": True},
    comment="One row: whether the columns, views, macros and comments of this file are up to date.",
)


lines = sa.Table(
    "lines",
    metadata,
    _plain("stream", Text, STREAM),
    _plain("district_id", Text, DISTRICT),
    _plain("line", UBigInteger(), "XXH3 (64 bits) of the record as Clever sent it."),
    _plain("record_id", Text, "Clever ID of the record."),
    _column("roles", Text, "Roles of a user, separated by commas."),
    schema="sync",
    info={"key": "verified", "internal": True},
    comment="One row per current record: what it is recognized by in the next sync. Internal; it may change.",
)

events = sa.Table(
    "events",
    metadata,
    _key("sync_id", Text, SYNC),
    _key("district_id", Text, DISTRICT),
    _column(
        "record_types",
        Texts,
        "Record types of which events changed something, in the order of reading.",
        nullable=False,
    ),
    _column("created", Whole, "Events that created or shared a record.", nullable=False),
    _column("updated", Whole, "Events that updated a record.", nullable=False),
    _column("deleted", Whole, "Events that deleted or unshared a record.", nullable=False),
    _column("first_event_id", Text, "Clever ID of the first event; NULL if there was none."),
    _column("last_event_id", Text, "Clever ID of the last event, after which the next sync of events continues."),
    _column(
        "reason",
        Text,
        "Why the district was read in full although events were asked for, as a part of a sentence; NULL if it was not.",
    ),
    _column(
        "missed",
        Whole,
        "Of a full sync that followed syncs of events: how many records differed although no event had named them; sync.findings lists "
        "them (missed_by_events). NULL for others, and if the events could not be read again.",
    ),
    schema="sync",
    info={"key": "verified"},
    comment="One row per district and sync that read events, or that looked for what events had missed.",
)

event_cursors = sa.Table(
    "event_cursors",
    metadata,
    _key("district_id", Text, DISTRICT),
    _column("event_id", Text, "Clever ID of the last event that the rows contain; NULL if there was none yet."),
    _column("source", Text, "Host and API version that it is an event of.", nullable=False),
    _column("records", Texts, "Record types that are up to date with the event.", nullable=False),
    _column("read_at", Instant, "When it was known to be the newest.", nullable=False),
    schema="sync",
    comment="One row per district: where the next sync of events continues. Internal; it may change.",
)

missed_by_events = sa.Table(
    "missed_by_events",
    metadata,
    _plain("stream", Text, STREAM),
    _plain("district_id", Text, DISTRICT),
    _plain("record_id", Text, "Clever ID of the record."),
    schema="sync",
    comment="The records of which the latest full sync of a district found a change that no event had shown. Internal; it may change.",
)

line_forms = sa.Table(
    "line_forms",
    metadata,
    _key("stream", Text, STREAM),
    _key("district_id", Text, DISTRICT),
    _column(
        "form", Text, "How the hashes in sync.lines were computed, and what is made of the records.", nullable=False
    ),
    schema="sync",
    info={"internal": True},
    comment="One row per stream and district whose records can be recognized in the next sync. Internal; it may change.",
)


def with_history() -> Sequence[sa.Table]:
    """The tables that keep the history of their rows, in the order they were declared."""
    return [table for table in metadata.tables.values() if "row_key" in table.info]


def assets() -> Sequence[sa.Table]:
    """The tables that hold what Clever shows and has shown, each an asset, in the order they were declared."""
    return [table for table in metadata.tables.values() if "group" in table.info]


def published() -> Sequence[sa.Table]:
    """The tables and views that analysts and other tools read, in the order they were declared."""
    return [table for table in metadata.tables.values() if not table.info.get("internal")]


def stored() -> Sequence[sa.Table]:
    """The tables that hold rows, in the order they were declared."""
    return [table for table in metadata.tables.values() if "view" not in table.info]


def relation_name(table: sa.Table) -> str:
    """The name by which a query says the relation."""
    return f"{table.schema}.{table.name}" if table.schema else table.name


def column_type(column: sa.Column[Any]) -> str:
    """The type of a column in DuckDB's words."""
    return column.type.compile(dialect=Dialect()).upper().replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")


def is_key(column: sa.Column[Any]) -> bool:
    """Whether a column is one of those that identify a row."""
    return column.primary_key or column.name in column.table.info.get("row_key", ())


def references(table: sa.Table) -> Mapping[str, str]:
    """The columns of a table that hold IDs of another table's rows, with that table; recognized by their names."""
    records_of = [stream.record_table for stream in CATALOG.record_streams]
    targets = {column: record_table.name for record_table in records_of for column in record_table.own_id}
    targets |= {f"{each.path.removeprefix('roles.')}_id": each.name for each in ROLE_TABLES}
    declared = next((each for each in CATALOG.tables if each.name == table.name), None)
    names = [column.name for column in table.columns]
    if declared is not None:
        ids = {field.column for field in declared.fields if field.kind in {Kind.ID, Kind.IDS}}
        names = [name for name in names if name in {*ids, declared.id_column}]
    found = {name: targets.get(name.removesuffix("s"), table.name) for name in names}
    return {name: target for name, target in found.items() if target != table.name}
