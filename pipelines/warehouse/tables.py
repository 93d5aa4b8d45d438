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
    "What told the link: api or event (API v3 showed it), or as long as API v3 has not, migration_csv or v2.1; such a link is "
    "never current."
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
    _column("last_seen_at", Instant, "When the link was last seen.", nullable=False),
    _column(
        "ended_at",
        Instant,
        "When a sync found the link gone, or a link that is not current was imported; NULL while it is current.",
    ),
    _column(
        "end_reason",
        Text,
        "Why it ended in the district: reassigned (the legacy id is another user's), role_removed (the user is still there) or "
        "archived; NULL while it is current.",
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
        "merged (the new holder's legacy ids came from two users), split (the former holder's went to two), reassigned (any other "
        "change of holder), role_lost, role_regained, archived (the person is gone) or restored (the person is back).",
    ),
    _plain("role", Text, ROLE),
    _plain("legacy_id", Text, "The legacy id concerned."),
    _column("from_user_id", Text, "Clever v3 id of the former holder."),
    _column("to_user_id", Text, "Clever v3 id of the new holder; NULL if nobody holds the legacy id."),
    comment="One row a legacy id whose holder changed, was lost or came back, a sync.",
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

findings = sa.Table(
    "findings",
    metadata,
    _key("check", Text, "The rule that is broken: the name of a file of sql/checks."),
    _column("severity", Text, "error or warning.", nullable=False),
    _key("district_id", Text, DISTRICT),
    _key(
        "record_id", Text, "Id of the record that breaks the rule: a user id, unless the rule is about something else."
    ),
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
    _key("legacy_id", Text, "An id that API v2.1 lists and that API v3 shows for nobody."),
    _column("first_seen_at", Instant, "When a verification first found it unexplained.", nullable=False),
    _column("last_seen_at", Instant, "When a verification last found it unexplained.", nullable=False),
    _column(
        "resolved_at", Instant, "When a verification found it explained, or no longer listed; NULL while it stands."
    ),
    schema="sync",
    comment="One row a legacy id that only API v2.1 knows: it leads to no v3 id, because none is claimed without evidence.",
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

imports = sa.Table(
    "imports",
    metadata,
    _key("import_id", Text, "ID of the import."),
    _column("imported_at", Instant, "When its links entered the crosswalk.", nullable=False),
    schema="sync",
    comment="One row per import of migration CSVs that changed the crosswalk (clever-warehouse import-migration).",
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
