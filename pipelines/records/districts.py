"""Districts: the district itself, as Clever describes it, with the state of its sync from the student information system (SIS).

Clever lists the one district of the token. A district names no other, so its own ID is the ID of its district.
"""

from typing import Final

from pipelines.records.declare import V31, Field, Kind, Stream, Table, Tier

DISTRICTS: Final = Stream(
    "districts",
    "/districts",
    is_paged=False,
    not_kept=("district_contact.district",),
    tables=(
        Table(
            "districts",
            "",
            "One row per district whose roster is read.",
            id_column="district_id",
            id_comment="Clever ID of the district.",
            group="school",
            fields=(
                Field("name", "name", Kind.TEXT, Tier.PUBLIC, "Name of the district."),
                Field(
                    "sis_type",
                    "sis_type",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "How Clever gets the data: sftp, or the name of the SIS. Clever documents no list of names.",
                ),
                # Whether the data is fresh
                Field(
                    "state",
                    "state",
                    Kind.TEXT,
                    Tier.INTERNAL,
                    "State of the district's sync into Clever, not a US state. A paused district keeps the roster that it had.",
                    values=("running", "pending", "error", "paused", "success"),
                ),
                Field(
                    "error",
                    "error",
                    Kind.TEXT,
                    Tier.UNKNOWN,
                    "What Clever says about an error of the district's sync, for people to read; NULL if there is none.",
                ),
                Field(
                    "last_sync_at",
                    "last_sync",
                    Kind.INSTANT,
                    Tier.INTERNAL,
                    "When Clever last synced from the SIS; NULL if not sent. A change of this alone makes no version.",
                    makes_version=False,
                ),
                Field(
                    "last_clever_sync_at",
                    "last_clever_sync",
                    Kind.INSTANT,
                    Tier.INTERNAL,
                    "When Clever last brought what this app may see up to date; NULL unless the app gets notifications of syncs. A "
                    "change of this alone makes no version.",
                    versions=(),
                    makes_version=False,
                ),
                Field(
                    "pause_start_at",
                    "pause_start",
                    Kind.INSTANT,
                    Tier.INTERNAL,
                    "When the pause of the district's sync begins or began, mostly the summer; NULL if none is planned.",
                ),
                Field(
                    "pause_end_at",
                    "pause_end",
                    Kind.INSTANT,
                    Tier.INTERNAL,
                    "When the pause of the district's sync ends or ended; NULL if none is planned.",
                ),
                Field(
                    "last_attendance_sync_at",
                    "last_attendance_sync",
                    Kind.INSTANT,
                    Tier.INTERNAL,
                    "When Clever last synced attendance; NULL if not sent. A change of this alone makes no version.",
                    versions=V31,
                    makes_version=False,
                ),
                # How people log in
                Field(
                    "login_methods",
                    "login_methods",
                    Kind.TEXTS,
                    Tier.PUBLIC,
                    "How people log in, sorted, such as Clever Badges, Clever Passwords, Google or SAML; empty if not sent.",
                ),
                Field(
                    "launch_date",
                    "launch_date",
                    Kind.DATE,
                    Tier.INTERNAL,
                    "When people can first log in through Clever; data is shared before that, too.",
                ),
                Field(
                    "portal_url", "portal_url", Kind.TEXT, Tier.PUBLIC, "Address of the district's portal at Clever."
                ),
                # Learning management system
                Field(
                    "lms_type",
                    "lms_type",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "Learning management system (LMS) that Clever syncs to; NULL if none.",
                    values=("canvas", "schoology", "google_classroom"),
                    versions=V31,
                ),
                Field(
                    "lms_state",
                    "lms_state",
                    Kind.TEXT,
                    Tier.INTERNAL,
                    "State of Clever's sync to the LMS; NULL if there is none.",
                    values=(
                        "initial_sync_processing",
                        "pending_authorization",
                        "matching_in_progress",
                        "error",
                        "disconnected",
                        "success",
                    ),
                    versions=V31,
                ),
                # Public numbers
                Field(
                    "mdr_number",
                    "mdr_number",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "Number of the district in the directory of MDR; text, because it may begin with zeros.",
                ),
                Field(
                    "nces_id",
                    "nces_id",
                    Kind.TEXT,
                    Tier.PUBLIC,
                    "ID of the district at the National Center for Education Statistics (NCES); text, because it may begin with zeros.",
                ),
                # Whom to write to
                Field(
                    "district_contact_id",
                    "district_contact.id",
                    Kind.ID,
                    Tier.INTERNAL,
                    "Clever ID of the district's contact for Clever; often of no user.",
                ),
                Field(
                    "district_contact_title",
                    "district_contact.title",
                    Kind.TEXT,
                    Tier.IDENTIFIER,
                    "Job title of the district's contact for Clever.",
                ),
                Field(
                    "district_contact_email",
                    "district_contact.email",
                    Kind.TEXT,
                    Tier.IDENTIFIER,
                    "E-mail of the district's contact for Clever.",
                ),
                Field(
                    "district_contact_first_name",
                    "district_contact.name.first",
                    Kind.TEXT,
                    Tier.IDENTIFIER,
                    "First name of the district's contact for Clever.",
                ),
                Field(
                    "district_contact_middle_name",
                    "district_contact.name.middle",
                    Kind.TEXT,
                    Tier.IDENTIFIER,
                    "Middle name of the district's contact for Clever.",
                ),
                Field(
                    "district_contact_last_name",
                    "district_contact.name.last",
                    Kind.TEXT,
                    Tier.IDENTIFIER,
                    "Last name of the district's contact for Clever.",
                ),
            ),
        ),
    ),
)
