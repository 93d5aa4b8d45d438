"""Which tables and columns the warehouse has: declared here once, read by DuckDB's DDL, Dagster's catalogue and the dictionary.

A comment on a table or column is the only prose about it. ``info["personal"]`` marks a column that tells something about a
person, with the kind of personal data it holds. ``info["key"] = "proven"`` marks a table whose primary key is verified with
each change of its rows (sql/apply/doubled.sql, ``Session.replace``) and has no index: DuckDB's would be larger than the rows of
a large table.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()
"""Every relation that analysts may query. What is derived (``info["view"]``) names the file of sql/ that defines it."""

Text = sa.String()
Instant = sa.DateTime(timezone=True)
CLEVERS_INSTANTS = frozenset({"created_at", "last_modified_at"})
"""Columns with instants that Clever sends; all other instants are the warehouse's."""
PUBLICATION_INSTANTS = frozenset({"restored_from", "undone_from"})
"""Columns with the dates of published files. The clock may have been ahead when they were dated."""
Json = sa.JSON()
Texts = sa.ARRAY(sa.String)
Whole = sa.BigInteger()


def _column(
    name: str, type_: sa.types.TypeEngine[Any], comment: str, *, personal: str | None = None, **more: Any
) -> sa.Column[Any]:
    """A column with its comment; ``personal`` names the kind of personal data in it."""
    return sa.Column(name, type_, comment=comment, info={"personal": personal} if personal else {}, **more)


def _key(name: str, type_: sa.types.TypeEngine[Any], comment: str, *, personal: str | None = None) -> sa.Column[Any]:
    """A column of the primary key: never NULL, and never a SERIAL (which DuckDB lacks)."""
    return _column(name, type_, comment, personal=personal, primary_key=True, autoincrement=False)


DISTRICT = "Clever id of the district."
USER = "Clever v3 id of the person (the user)."
ROLE = "student, teacher, staff, district_admin or contact."
VALID_FROM = "When a sync put this version of the row into the warehouse."
CHANGE = "How this version came: created, updated, restored, or archived (the row is gone from here on)."
SYNC = "Id of the sync: the id of the Dagster run that did it."
LINK_ROLE = f"{ROLE[:-1]}; unknown if only a migration CSV tells the link and nothing tells the role."
LINK_DISTRICT = f"{DISTRICT[:-1]}; unknown if only a migration CSV tells the link and nothing tells the district."
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
ANY_PATH = (
    "An object in which more than 200 unknown fields were ever seen has one row for all of them, such as roles.student.*; records "
    "counts each record once."
)


def _plain(name: str, type_: sa.types.TypeEngine[Any], comment: str, *, personal: str | None = None) -> sa.Column[Any]:
    return _column(name, type_, comment, personal=personal, nullable=False)


def _user_columns() -> list[sa.Column[Any]]:
    return [
        _plain("user_id", Text, USER),
        _column("district_id", Text, DISTRICT, nullable=False),
        _column(
            "email",
            Text,
            "E-mail as the district gave it: not verified, may be missing, may lack an @.",
            personal="email",
        ),
        _column("first_name", Text, "First name; contacts often have none.", personal="name"),
        _column("middle_name", Text, "Middle name.", personal="name"),
        _column("last_name", Text, "Last name; of a contact often the whole name.", personal="name"),
        _column(
            "roles",
            Texts,
            "The roles the person holds, sorted; empty if Clever shows none that is known.",
            nullable=False,
        ),
        _column("created_at", Instant, "When Clever created the user."),
        _column(
            "last_modified_at", Instant, "When Clever last changed the user. A change of this alone makes no version."
        ),
        _column(
            "first_seen_at",
            Instant,
            "When this warehouse first saw the user ID in the district; kept through absence and return.",
            nullable=False,
        ),
        _column(
            "extra",
            Json,
            "Fields Clever sent that no column holds, under their own names; NULL if there are none.",
            personal="unknown",
        ),
    ]


def _user_role_columns() -> list[sa.Column[Any]]:
    return [
        _plain("user_id", Text, USER),
        _plain("role", Text, ROLE),
        _column("district_id", Text, DISTRICT, nullable=False),
        _column("legacy_id", Text, "Id of the person in this role before API v3.0; NULL if Clever sent none."),
        _column(
            "sis_id",
            Text,
            "The district's own id: sis_id of a student, teacher or contact, staff_id of staff.",
            personal="identifier",
        ),
        _column("title", Text, "Job title of a teacher, staff or district admin.", personal="employment"),
        _column("school_id", Text, "Clever id of the primary school of a student or teacher.", personal="school"),
        _column(
            "school_ids",
            Texts,
            "Clever ids of all schools of the role, sorted, without doubles; empty if none.",
            nullable=False,
            personal="school",
        ),
        _column(
            "first_seen_at",
            Instant,
            "When this warehouse first saw the person in this role in the district.",
            nullable=False,
        ),
        _column(
            "extra",
            Json,
            "Fields of the role object that no column holds, under their own names; NULL if there are none.",
            personal="unknown",
        ),
    ]


def _version_columns() -> list[sa.Column[Any]]:
    return [
        _column("valid_from", Instant, VALID_FROM, nullable=False),
        _column("change", Text, CHANGE, nullable=False),
    ]


def _ended() -> sa.Column[Any]:
    return _column("valid_to", Instant, "When a sync ended this version of the row; NULL if it is the latest.")


users = sa.Table(
    "users",
    metadata,
    *_user_columns(),
    *_version_columns(),
    sa.PrimaryKeyConstraint("district_id", "user_id"),
    info={"key": "proven"},
    comment="One row per district and person currently in Clever.",
)

user_roles = sa.Table(
    "user_roles",
    metadata,
    *_user_role_columns(),
    *_version_columns(),
    sa.PrimaryKeyConstraint("district_id", "user_id", "role"),
    info={"key": "proven"},
    comment="One row per district, person and role the person currently has.",
)

past_users = sa.Table(
    "past_users",
    metadata,
    *_user_columns(),
    *_version_columns(),
    _ended(),
    schema="past",
    comment="The ended versions of the rows of users, and a row (change archived) for each time a person was gone.",
)

past_user_roles = sa.Table(
    "past_user_roles",
    metadata,
    *_user_role_columns(),
    *_version_columns(),
    _ended(),
    schema="past",
    comment="The ended versions of the rows of user_roles, and a row (change archived) for each time a role was gone.",
)

legacy_id_crosswalk = sa.Table(
    "legacy_id_crosswalk",
    metadata,
    _column("district_id", Text, LINK_DISTRICT, nullable=False),
    _plain("role", Text, LINK_ROLE),
    _plain("legacy_id", Text, "Id of the person in this role before API v3.0."),
    _plain("user_id", Text, "Clever v3 id that the source tells for it."),
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
        "Why it ended in the district: reassigned (the legacy id is another user's), role_removed (the user is still there) or "
        "archived; NULL while it is current, and of a link that API v3 has never shown.",
    ),
    _column("source", Text, LINK_SOURCE, nullable=False),
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
    "users, none chosen), gone (the last user is gone), or unconfirmed (only a migration CSV or API v2.1 tells it)."
)
ANSWER_USER = "Clever v3 ID of the user it leads to; of a gone one, the last user. NULL if it is ambiguous."
ANSWER_USERS = "The users it leads to if it is ambiguous, sorted; NULL otherwise."
ANSWER_ROLE = "Role in which the ID is or was used; NULL for a v3 ID."
ANSWER_DISTRICT = "Clever ID of the district of that user; of a gone one, of the last link."
ANSWER_SINCE = (
    "When a sync found that the ID has no user of its own any longer; NULL if it has one, or was never shown by API v3."
)
ANSWER_SOURCE = "api (API v3 showed the ID), migration_csv or v2.1 (only these tell it)."
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
    info={"key": "proven"},
    comment="One row per ID that is not the legacy ID of exactly one current link: where it leads. Read living_heirs instead.",
)


def _living_heirs(name: str, comment: str) -> sa.Table:
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
        info={"view": name},
        comment=comment,
    )


living_heirs = _living_heirs("living_heirs", "One row per ID ever seen, legacy or v3: the user it leads to now.")

clever_warehouse_living_heirs = _living_heirs(
    "clever_warehouse_living_heirs",
    "The rows of living_heirs, for the macros: they fail in another database, which has no relation with this name. Query living_heirs.",
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
    _key("import_id", Text, "Id of the import, or of the verification against API v2.1 that told links."),
    _key("file", Text, "File that was imported, as the person who imported it named it; v2.1 for a verification."),
    _column("imported_at", Instant, "When it was imported.", nullable=False),
    _column("source", Text, "migration_csv or v2.1.", nullable=False),
    _column(
        "is_of_one_district", sa.Boolean(), "Whether all links of the file belong to one district.", nullable=False
    ),
    _column("first_district_id", Text, "Smallest Clever ID of the districts that its links are known to belong to."),
    _column("last_district_id", Text, "Largest of these IDs; the same if they belong to one district."),
    _column("links", Whole, "Links that it told and that API v3 had not shown by then.", nullable=False),
    _column("taken_back_at", Instant, "When the import was taken back; NULL if it was not."),
    schema="sync",
    comment="One row per file of each import of migration CSVs.",
)

told_links = sa.Table(
    "told_links",
    metadata,
    _plain("import_id", Text, "Id of the import."),
    _plain("file", Text, "File of the import."),
    _plain("legacy_id", Text, "A legacy ID."),
    _plain("user_id", Text, "Clever v3 ID that the file tells for it."),
    _column("role", Text, f"{ROLE[:-1]}, if the file tells it."),
    _column("district_id", Text, "Clever ID of the district, if the file tells it."),
    schema="sync",
    comment="One row per import and link that API v3 has not shown yet; the crosswalk derives its links of these sources from it.",
)

users_history = sa.Table(
    "users_history",
    metadata,
    *_user_columns(),
    _plain("valid_from", Instant, VALID_FROM),
    _ended(),
    _plain("change", Text, CHANGE),
    info={"view": "users_history"},
    comment="Every version of every row of users.",
)

user_roles_history = sa.Table(
    "user_roles_history",
    metadata,
    *_user_role_columns(),
    _plain("valid_from", Instant, VALID_FROM),
    _ended(),
    _plain("change", Text, CHANGE),
    info={"view": "user_roles_history"},
    comment="Every version of every row of user_roles.",
)


def _versions(name: str, columns: Sequence[sa.Column[Any]], of: str) -> sa.Table:
    """Declare a view of the versions of a table for a macro to read.

    In another database that has the warehouse attached, DuckDB looks for the relations that a macro names there. So a macro reads
    only relations whose names no other database has. These views must be in main: until DuckDB 1.4, a view of another schema reads
    the tables of main in that other database too.
    """
    return sa.Table(
        name,
        metadata,
        *columns,
        _plain("valid_from", Instant, VALID_FROM),
        _ended(),
        _plain("change", Text, CHANGE),
        info={"view": name},
        comment=f"The rows of {of}_history, under a name that no other database has: macros read it. Query {of}_history instead.",
    )


clever_warehouse_user_versions = _versions("clever_warehouse_user_versions", _user_columns(), "users")

clever_warehouse_user_role_versions = _versions(
    "clever_warehouse_user_role_versions", _user_role_columns(), "user_roles"
)

identity_chains = sa.Table(
    "identity_chains",
    metadata,
    _plain("user_id", Text, "Clever v3 id of a person whom Clever has now."),
    _plain("former_user_id", Text, "A v3 id that the person has or had before a merge, split or reassignment."),
    _plain("district_id", Text, LINK_DISTRICT),
    _plain("role", Text, ROLE),
    _plain("legacy_id", Text, "A legacy id of that v3 id."),
    _plain("is_current", sa.Boolean(), "Whether Clever shows this link now."),
    _plain("first_seen_at", Instant, "When the link was first seen."),
    _plain("last_seen_at", Instant, "When the link was last seen."),
    _column("ended_at", Instant, "When a sync found the link gone; NULL while it is current."),
    _column("end_reason", Text, "Why it ended; NULL while it is current."),
    info={"view": "identity_chains"},
    comment="Each person's identity chain: every id, of old and now, that leads to a person whom Clever has now.",
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
    _column("error", Text, "Why nothing was applied, in a sentence; NULL if all went well."),
    _column("added", Whole, "People who are new.", nullable=False),
    _column("updated", Whole, "People of whom something changed.", nullable=False),
    _column("archived", Whole, "People who are gone.", nullable=False),
    _column("restored", Whole, "People who came back.", nullable=False),
    _column("digest", Text, "SHA-256 that names what was read of all feeds together; NULL if the read did not end."),
    _column(
        "by_role",
        Json,
        "The same by role, and how many held it before and unchanged; a person counts in every role. For a held snapshot, what it "
        "would change.",
    ),
    schema="sync",
    info={"key": "proven"},
    comment="One row a district a sync: what came of it.",
)

receipts = sa.Table(
    "receipts",
    metadata,
    _key("sync_id", Text, SYNC),
    _key("district_id", Text, DISTRICT),
    _key("feed", Text, "What was read: users, or a role view (students, teachers, staff, district_admins, contacts)."),
    _column("pages", Whole, "Pages read.", nullable=False),
    _column("records", Whole, "Records on them.", nullable=False),
    _column("bytes", Whole, "Bytes kept of these records: all of a user, the ids in a role view.", nullable=False),
    _column("first_id", Text, "Id of the first record."),
    _column("last_id", Text, "Id of the last record."),
    _column("digest", Text, "The first 128 bits of the SHA-256 of the records as lines, whatever the page size."),
    _column("complete", sa.Boolean(), "Whether the chain of pages was followed to its end.", nullable=False),
    schema="sync",
    info={"key": "proven"},
    comment="One row a feed a district a sync: what was read.",
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
    schema="sync",
    comment="One row a district that ever shared its roster with this warehouse.",
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
    info={"view": "district_freshness"},
    comment="One row per district ever connected: how fresh its rows are.",
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
    _column("sync_id", Text, "Id of the sync that read it last.", nullable=False),
    _column("seen_at", Instant, "When a sync read it last.", nullable=False),
    _column(
        "state",
        Text,
        "held (waits for a decision), approved, rejected, released (a later sync needed no decision) or superseded (a later sync "
        "read something else).",
        nullable=False,
    ),
    _column("why", Text, "Which limit it exceeds.", nullable=False),
    _column("by_role", Json, "What it would change, by role.", nullable=False),
    _column("archived", Whole, "People it would archive; NULL if a version before 0.2 held it."),
    _column(
        "continuing",
        Whole,
        "Of these, people who continue under other IDs: the snapshot shows one of their legacy IDs, in the same role, at another user; "
        "NULL if a version before 0.2 held it.",
    ),
    _column("decided_at", Instant, "When it was approved or rejected."),
    _column("decided_by", Text, "Who approved or rejected it."),
    _column("reason", Text, "Why it was approved or rejected."),
    _column("applied_at", Instant, "When it was applied after approval."),
    schema="sync",
    comment="One row a snapshot that changes too much to be applied without a person's word.",
)

fields = sa.Table(
    "fields",
    metadata,
    _key("district_id", Text, DISTRICT),
    _key("path", Text, f"Where the field is in a record of /users, such as roles.student.grade. {ANY_PATH}"),
    _key(
        "kind",
        Text,
        "known (a field of Clever's specs), unknown_field, unknown_role, or unknown_value (a value there that the specs do not list).",
    ),
    _column("records", Whole, "Records that had it when it was last seen; NULL for a known field."),
    _column("example_id", Text, "Id of one such record; NULL for a known field."),
    _column("is_present", sa.Boolean(), "Whether the latest read of the district had it.", nullable=False),
    _column("first_seen_at", Instant, "When a sync first saw it.", nullable=False),
    _column("last_seen_at", Instant, "When a sync last saw it.", nullable=False),
    schema="sync",
    comment="One row a field that a district's records have or had.",
)

drift = sa.Table(
    "drift",
    metadata,
    _plain("district_id", Text, DISTRICT),
    _plain("path", Text, f"Where it is in a record of /users, such as roles.student.grade. {ANY_PATH}"),
    _plain(
        "kind",
        Text,
        "unknown_field, unknown_role, unknown_value, or missing_field (no record has the field any longer, or all have null).",
    ),
    _column("records", Whole, "Records that had it when it was last seen; NULL for a missing field."),
    _column("example_id", Text, "Id of one such record; NULL for a missing field."),
    _plain("is_present", sa.Boolean(), "Whether the latest read of the district had it."),
    _plain("first_seen_at", Instant, "When a sync first saw it."),
    _plain("last_seen_at", Instant, "When a sync last saw it."),
    schema="sync",
    info={"view": "drift"},
    comment="Where a district's records differ from Clever's specs, or from what they were: by path, without values.",
)

RELATED_ID = (
    "ID of another record that the finding is about, such as the user who had the sis_id before; NULL if there is none."
)

findings = sa.Table(
    "findings",
    metadata,
    _key("check", Text, "The rule that is broken: the name of a file of sql/checks."),
    _column("severity", Text, "error or warning.", nullable=False),
    _key("district_id", Text, DISTRICT),
    _key(
        "record_id", Text, "Id of the record that breaks the rule: a user id, unless the rule is about something else."
    ),
    _column("related_id", Text, RELATED_ID),
    _column("first_seen_at", Instant, "When a sync first found it.", nullable=False),
    _column("last_seen_at", Instant, "When a sync last found it.", nullable=False),
    _column("resolved_at", Instant, "When a sync found it gone; NULL while it stands."),
    schema="sync",
    comment="One row a record a data-quality rule that the record breaks or broke.",
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
    _column("first_seen_at", Instant, "When a verification first found it unexplained.", nullable=False),
    _column("last_seen_at", Instant, "When a verification last found it unexplained.", nullable=False),
    _column(
        "resolved_at", Instant, "When a verification found it explained, or no longer listed; NULL while it stands."
    ),
    schema="sync",
    comment="One row per legacy ID that API v2.1 lists and that leads to no user in Clever.",
)

verifications = sa.Table(
    "verifications",
    metadata,
    _key("verification_id", Text, "Id of the verification; of the Dagster run, if one did it."),
    _key("district_id", Text, DISTRICT),
    _key("role", Text, ROLE),
    _column("verified_at", Instant, "When the ids were compared.", nullable=False),
    _column("is_served", sa.Boolean(), "Whether API v2.1 still serves the list of this role.", nullable=False),
    _column("listed", Whole, "Ids that API v2.1 lists.", nullable=False),
    _column("explained", Whole, "Of these, ids that the crosswalk leads to one v3 id.", nullable=False),
    _column("ended", Whole, "Of the explained, ids whose link is not current in API v3.", nullable=False),
    _column("unexplained", Whole, "Ids that lead to no v3 id, or to several.", nullable=False),
    _column("differing", Whole, "Explained people whose e-mail or sis_id is another in API v3.", nullable=False),
    schema="sync",
    comment="One row a role a district a verification of the crosswalk against API v2.1 (clever-warehouse verify-legacy).",
)

quality_checks = sa.Table(
    "checks",
    metadata,
    _key("check", Text, "The rule: the name of a file of sql/checks."),
    _column("severity", Text, "error or warning.", nullable=False),
    _column("description", Text, "The rule as a sentence.", nullable=False),
    schema="sync",
    comment="One row a data-quality rule.",
)

open_findings = sa.Table(
    "open_findings",
    metadata,
    _plain("district_id", Text, DISTRICT),
    _plain("severity", Text, "error or warning."),
    _plain("check", Text, "The rule that is broken."),
    _column("description", Text, "The rule as a sentence."),
    _plain(
        "record_id", Text, "Id of the record that breaks the rule: a user id, unless the rule is about something else."
    ),
    _column("related_id", Text, RELATED_ID),
    _column("first_name", Text, "First name of the person.", personal="name"),
    _column("last_name", Text, "Last name of the person.", personal="name"),
    _column("email", Text, "E-mail of the person.", personal="email"),
    _column("roles", Texts, "Roles of the person."),
    _column("sis_ids", Texts, "The district's own ids of the person, in any role.", personal="identifier"),
    _plain("first_seen_at", Instant, "When a sync first found it."),
    _plain("last_seen_at", Instant, "When a sync last found it."),
    info={"view": "open_findings"},
    comment="What a district's own staff can mend: each open finding with the rule and the person it is about.",
)

rollbacks = sa.Table(
    "rollbacks",
    metadata,
    _key("rolled_back_at", Instant, "When this file was published again."),
    _column("restored_from", Instant, "When this file had been published before.", nullable=False),
    _column("undone_from", Instant, "When the file that it replaced had been published; NULL if there was none."),
    schema="sync",
    comment="One row per rollback that restored this file or an earlier state of it (clever-warehouse rollback). Between restored_from "
    "and rolled_back_at, users_as_of, user_roles_as_of and v3_user_id_as_of show the history of the restored file, not what was "
    "published then.",
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
    comment="One row: whether the columns, views, macros and comments of this file are up to date.",
)


def stored() -> Sequence[sa.Table]:
    """The tables that hold rows, in the order they were declared."""
    return [table for table in metadata.tables.values() if "view" not in table.info]
