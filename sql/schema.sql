-- Which statements make an empty database into a warehouse without rows. Generated: make docs.

CREATE SCHEMA IF NOT EXISTS past;

CREATE SCHEMA IF NOT EXISTS sync;

CREATE TABLE IF NOT EXISTS users (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	email VARCHAR,
	first_name VARCHAR,
	middle_name VARCHAR,
	last_name VARCHAR,
	roles VARCHAR[] NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE,
	last_modified_at TIMESTAMP WITH TIME ZONE,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	PRIMARY KEY (user_id)
);

CREATE TABLE IF NOT EXISTS user_roles (
	user_id VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	sis_id VARCHAR,
	title VARCHAR,
	school_id VARCHAR,
	school_ids VARCHAR[] NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	PRIMARY KEY (user_id, role)
);

CREATE TABLE IF NOT EXISTS past.users (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	email VARCHAR,
	first_name VARCHAR,
	middle_name VARCHAR,
	last_name VARCHAR,
	roles VARCHAR[] NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE,
	last_modified_at TIMESTAMP WITH TIME ZONE,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS past.user_roles (
	user_id VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	sis_id VARCHAR,
	title VARCHAR,
	school_id VARCHAR,
	school_ids VARCHAR[] NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS legacy_id_crosswalk (
	district_id VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	legacy_id VARCHAR NOT NULL,
	user_id VARCHAR NOT NULL,
	is_current BOOLEAN NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	end_reason VARCHAR,
	source VARCHAR NOT NULL,
	PRIMARY KEY (role, legacy_id, user_id)
);

CREATE TABLE IF NOT EXISTS crosswalk_changes (
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	district_id VARCHAR NOT NULL,
	change VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	legacy_id VARCHAR NOT NULL,
	from_user_id VARCHAR,
	to_user_id VARCHAR
);

CREATE TABLE IF NOT EXISTS sync.runs (
	sync_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	mode VARCHAR NOT NULL,
	started_at TIMESTAMP WITH TIME ZONE NOT NULL,
	finished_at TIMESTAMP WITH TIME ZONE NOT NULL,
	outcome VARCHAR NOT NULL,
	error VARCHAR,
	added BIGINT NOT NULL,
	updated BIGINT NOT NULL,
	archived BIGINT NOT NULL,
	restored BIGINT NOT NULL,
	PRIMARY KEY (sync_id, district_id)
);

CREATE TABLE IF NOT EXISTS sync.receipts (
	sync_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	feed VARCHAR NOT NULL,
	pages BIGINT NOT NULL,
	records BIGINT NOT NULL,
	bytes BIGINT NOT NULL,
	first_id VARCHAR,
	last_id VARCHAR,
	digest VARCHAR,
	complete BOOLEAN NOT NULL,
	PRIMARY KEY (sync_id, district_id, feed)
);

CREATE TABLE IF NOT EXISTS sync.districts (
	district_id VARCHAR NOT NULL,
	connected BOOLEAN NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (district_id)
);

CREATE TABLE IF NOT EXISTS sync.findings (
	"check" VARCHAR NOT NULL,
	severity VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	record_id VARCHAR NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	resolved_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY ("check", district_id, record_id)
);

CREATE TABLE IF NOT EXISTS sync.layout (
	fingerprint VARCHAR NOT NULL,
	PRIMARY KEY (fingerprint)
);

CREATE INDEX IF NOT EXISTS users_email ON users (email);

CREATE INDEX IF NOT EXISTS user_roles_legacy_id ON user_roles (legacy_id);

CREATE INDEX IF NOT EXISTS legacy_id_crosswalk_legacy_id ON legacy_id_crosswalk (legacy_id);

CREATE INDEX IF NOT EXISTS legacy_id_crosswalk_user_id ON legacy_id_crosswalk (user_id);

-- Every id that a person ever had: people joined by the legacy ids that went from one v3 id to another.
CREATE OR REPLACE VIEW identity_chains AS
WITH RECURSIVE steps AS (
    SELECT DISTINCT from_user_id, to_user_id
    FROM crosswalk_changes
    WHERE change IN ('merged', 'split', 'reassigned')
),

chains AS (
    SELECT user_id, user_id AS former_user_id FROM users
    UNION
    SELECT chains.user_id, steps.from_user_id
    FROM chains
    JOIN steps ON steps.to_user_id = chains.former_user_id
)

SELECT
    chains.user_id,
    chains.former_user_id,
    links.role,
    links.legacy_id,
    links.is_current,
    links.first_seen_at,
    links.last_seen_at,
    links.ended_at,
    links.end_reason
FROM chains
JOIN legacy_id_crosswalk AS links ON links.user_id = chains.former_user_id;

-- Every version of every row of user_roles; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW user_roles_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM user_roles
UNION ALL BY NAME
SELECT * FROM past.user_roles;

-- Every version of every row of users; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW users_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM users
UNION ALL BY NAME
SELECT * FROM past.users;

-- The rows of user_roles as they were at an instant: FROM user_roles_as_of('2026-09-01 00:00:00+00').
CREATE OR REPLACE MACRO user_roles_as_of(instant) AS TABLE
SELECT * EXCLUDE (valid_from, valid_to, change)
FROM user_roles_history
WHERE
    change <> 'archived'
    AND valid_from <= instant::TIMESTAMPTZ
    AND (valid_to IS NULL OR valid_to > instant::TIMESTAMPTZ);

-- The rows of users as they were at an instant: FROM users_as_of('2026-09-01 00:00:00+00').
CREATE OR REPLACE MACRO users_as_of(instant) AS TABLE
SELECT * EXCLUDE (valid_from, valid_to, change)
FROM users_history
WHERE
    change <> 'archived'
    AND valid_from <= instant::TIMESTAMPTZ
    AND (valid_to IS NULL OR valid_to > instant::TIMESTAMPTZ);

-- The v3 id that a legacy id has now, else the newest one it had, else NULL.
CREATE OR REPLACE MACRO v3_user_id(legacy) AS (
    SELECT arg_max(links.user_id, {'is_current': links.is_current, 'last_seen_at': links.last_seen_at, 'user_id': links.user_id})
    FROM legacy_id_crosswalk AS links
    WHERE links.legacy_id = legacy
);

COMMENT ON TABLE main.users IS 'One row a person whom Clever has now.';

COMMENT ON COLUMN main.users.user_id IS 'Clever v3 id of the person (the user).';

COMMENT ON COLUMN main.users.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN main.users.email IS 'E-mail as the district gave it: not verified, may be missing, may lack an @.';

COMMENT ON COLUMN main.users.first_name IS 'First name; contacts often have none.';

COMMENT ON COLUMN main.users.middle_name IS 'Middle name.';

COMMENT ON COLUMN main.users.last_name IS 'Last name; of a contact often the whole name.';

COMMENT ON COLUMN main.users.roles IS 'The roles the person holds, sorted; empty if Clever shows none that is known.';

COMMENT ON COLUMN main.users.created_at IS 'When Clever created the user.';

COMMENT ON COLUMN main.users.last_modified_at IS 'When Clever last changed the user. A change of this alone makes no version.';

COMMENT ON COLUMN main.users.first_seen_at IS 'When this warehouse first saw the user id; kept through absence and return.';

COMMENT ON COLUMN main.users.extra IS 'Fields Clever sent that no column holds, under their own names; NULL if there are none.';

COMMENT ON COLUMN main.users.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.users.change IS 'How this version came: created, updated, restored, or archived (the row is gone from here on).';

COMMENT ON TABLE main.user_roles IS 'One row a role that a person holds now.';

COMMENT ON COLUMN main.user_roles.user_id IS 'Clever v3 id of the person (the user).';

COMMENT ON COLUMN main.user_roles.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN main.user_roles.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN main.user_roles.legacy_id IS 'Id of the person in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.user_roles.sis_id IS 'The district''s own id: sis_id of a student, teacher or contact, staff_id of staff.';

COMMENT ON COLUMN main.user_roles.title IS 'Job title of a teacher, staff or district admin.';

COMMENT ON COLUMN main.user_roles.school_id IS 'Clever id of the primary school of a student or teacher.';

COMMENT ON COLUMN main.user_roles.school_ids IS 'Clever ids of all schools of the role, sorted, without doubles; empty if none.';

COMMENT ON COLUMN main.user_roles.first_seen_at IS 'When this warehouse first saw the person in this role.';

COMMENT ON COLUMN main.user_roles.extra IS 'Fields of the role object that no column holds, under their own names; NULL if there are none.';

COMMENT ON COLUMN main.user_roles.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.user_roles.change IS 'How this version came: created, updated, restored, or archived (the row is gone from here on).';

COMMENT ON TABLE past.users IS 'The ended versions of the rows of users, and a row (change archived) for each time a person was gone.';

COMMENT ON COLUMN past.users.user_id IS 'Clever v3 id of the person (the user).';

COMMENT ON COLUMN past.users.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN past.users.email IS 'E-mail as the district gave it: not verified, may be missing, may lack an @.';

COMMENT ON COLUMN past.users.first_name IS 'First name; contacts often have none.';

COMMENT ON COLUMN past.users.middle_name IS 'Middle name.';

COMMENT ON COLUMN past.users.last_name IS 'Last name; of a contact often the whole name.';

COMMENT ON COLUMN past.users.roles IS 'The roles the person holds, sorted; empty if Clever shows none that is known.';

COMMENT ON COLUMN past.users.created_at IS 'When Clever created the user.';

COMMENT ON COLUMN past.users.last_modified_at IS 'When Clever last changed the user. A change of this alone makes no version.';

COMMENT ON COLUMN past.users.first_seen_at IS 'When this warehouse first saw the user id; kept through absence and return.';

COMMENT ON COLUMN past.users.extra IS 'Fields Clever sent that no column holds, under their own names; NULL if there are none.';

COMMENT ON COLUMN past.users.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.users.change IS 'How this version came: created, updated, restored, or archived (the row is gone from here on).';

COMMENT ON COLUMN past.users.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON TABLE past.user_roles IS 'The ended versions of the rows of user_roles, and a row (change archived) for each time a role was gone.';

COMMENT ON COLUMN past.user_roles.user_id IS 'Clever v3 id of the person (the user).';

COMMENT ON COLUMN past.user_roles.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN past.user_roles.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN past.user_roles.legacy_id IS 'Id of the person in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN past.user_roles.sis_id IS 'The district''s own id: sis_id of a student, teacher or contact, staff_id of staff.';

COMMENT ON COLUMN past.user_roles.title IS 'Job title of a teacher, staff or district admin.';

COMMENT ON COLUMN past.user_roles.school_id IS 'Clever id of the primary school of a student or teacher.';

COMMENT ON COLUMN past.user_roles.school_ids IS 'Clever ids of all schools of the role, sorted, without doubles; empty if none.';

COMMENT ON COLUMN past.user_roles.first_seen_at IS 'When this warehouse first saw the person in this role.';

COMMENT ON COLUMN past.user_roles.extra IS 'Fields of the role object that no column holds, under their own names; NULL if there are none.';

COMMENT ON COLUMN past.user_roles.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.user_roles.change IS 'How this version came: created, updated, restored, or archived (the row is gone from here on).';

COMMENT ON COLUMN past.user_roles.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON TABLE main.legacy_id_crosswalk IS 'One row a link between a legacy id and a v3 id that was ever seen; no link is ever deleted.';

COMMENT ON COLUMN main.legacy_id_crosswalk.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN main.legacy_id_crosswalk.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN main.legacy_id_crosswalk.legacy_id IS 'Id of the person in this role before API v3.0.';

COMMENT ON COLUMN main.legacy_id_crosswalk.user_id IS 'Clever v3 id that Clever showed for it.';

COMMENT ON COLUMN main.legacy_id_crosswalk.is_current IS 'Whether Clever shows this link now.';

COMMENT ON COLUMN main.legacy_id_crosswalk.first_seen_at IS 'When the link was first seen.';

COMMENT ON COLUMN main.legacy_id_crosswalk.last_seen_at IS 'When the link was last seen.';

COMMENT ON COLUMN main.legacy_id_crosswalk.ended_at IS 'When a sync found the link gone; NULL while it is current.';

COMMENT ON COLUMN main.legacy_id_crosswalk.end_reason IS 'Why it ended: reassigned (the legacy id is another user''s), role_removed (the user is still there) or archived; NULL while it is current.';

COMMENT ON COLUMN main.legacy_id_crosswalk.source IS 'What told the link: api, event, migration_csv or v2.1.';

COMMENT ON TABLE main.crosswalk_changes IS 'One row a legacy id whose holder changed, was lost or came back, a sync.';

COMMENT ON COLUMN main.crosswalk_changes.observed_at IS 'When a sync saw the change.';

COMMENT ON COLUMN main.crosswalk_changes.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN main.crosswalk_changes.change IS 'merged (the new holder''s legacy ids came from two users), split (the former holder''s went to two), reassigned (any other change of holder), role_lost, role_regained, archived (the person is gone) or restored (the person is back).';

COMMENT ON COLUMN main.crosswalk_changes.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN main.crosswalk_changes.legacy_id IS 'The legacy id concerned.';

COMMENT ON COLUMN main.crosswalk_changes.from_user_id IS 'Clever v3 id of the former holder.';

COMMENT ON COLUMN main.crosswalk_changes.to_user_id IS 'Clever v3 id of the new holder; NULL if nobody holds the legacy id.';

COMMENT ON VIEW main.users_history IS 'Every version of every row of users.';

COMMENT ON COLUMN main.users_history.user_id IS 'Clever v3 id of the person (the user).';

COMMENT ON COLUMN main.users_history.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN main.users_history.email IS 'E-mail as the district gave it: not verified, may be missing, may lack an @.';

COMMENT ON COLUMN main.users_history.first_name IS 'First name; contacts often have none.';

COMMENT ON COLUMN main.users_history.middle_name IS 'Middle name.';

COMMENT ON COLUMN main.users_history.last_name IS 'Last name; of a contact often the whole name.';

COMMENT ON COLUMN main.users_history.roles IS 'The roles the person holds, sorted; empty if Clever shows none that is known.';

COMMENT ON COLUMN main.users_history.created_at IS 'When Clever created the user.';

COMMENT ON COLUMN main.users_history.last_modified_at IS 'When Clever last changed the user. A change of this alone makes no version.';

COMMENT ON COLUMN main.users_history.first_seen_at IS 'When this warehouse first saw the user id; kept through absence and return.';

COMMENT ON COLUMN main.users_history.extra IS 'Fields Clever sent that no column holds, under their own names; NULL if there are none.';

COMMENT ON COLUMN main.users_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.users_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.users_history.change IS 'How this version came: created, updated, restored, or archived (the row is gone from here on).';

COMMENT ON VIEW main.user_roles_history IS 'Every version of every row of user_roles.';

COMMENT ON COLUMN main.user_roles_history.user_id IS 'Clever v3 id of the person (the user).';

COMMENT ON COLUMN main.user_roles_history.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN main.user_roles_history.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN main.user_roles_history.legacy_id IS 'Id of the person in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.user_roles_history.sis_id IS 'The district''s own id: sis_id of a student, teacher or contact, staff_id of staff.';

COMMENT ON COLUMN main.user_roles_history.title IS 'Job title of a teacher, staff or district admin.';

COMMENT ON COLUMN main.user_roles_history.school_id IS 'Clever id of the primary school of a student or teacher.';

COMMENT ON COLUMN main.user_roles_history.school_ids IS 'Clever ids of all schools of the role, sorted, without doubles; empty if none.';

COMMENT ON COLUMN main.user_roles_history.first_seen_at IS 'When this warehouse first saw the person in this role.';

COMMENT ON COLUMN main.user_roles_history.extra IS 'Fields of the role object that no column holds, under their own names; NULL if there are none.';

COMMENT ON COLUMN main.user_roles_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.user_roles_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.user_roles_history.change IS 'How this version came: created, updated, restored, or archived (the row is gone from here on).';

COMMENT ON VIEW main.identity_chains IS 'Each person''s identity chain: every id, of old and now, that leads to a person whom Clever has now.';

COMMENT ON COLUMN main.identity_chains.user_id IS 'Clever v3 id of a person whom Clever has now.';

COMMENT ON COLUMN main.identity_chains.former_user_id IS 'A v3 id that the person has or had before a merge, split or reassignment.';

COMMENT ON COLUMN main.identity_chains.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN main.identity_chains.legacy_id IS 'A legacy id of that v3 id.';

COMMENT ON COLUMN main.identity_chains.is_current IS 'Whether Clever shows this link now.';

COMMENT ON COLUMN main.identity_chains.first_seen_at IS 'When the link was first seen.';

COMMENT ON COLUMN main.identity_chains.last_seen_at IS 'When the link was last seen.';

COMMENT ON COLUMN main.identity_chains.ended_at IS 'When a sync found the link gone; NULL while it is current.';

COMMENT ON COLUMN main.identity_chains.end_reason IS 'Why it ended; NULL while it is current.';

COMMENT ON TABLE sync.runs IS 'One row a district a sync: what came of it.';

COMMENT ON COLUMN sync.runs.sync_id IS 'Id of the sync: the id of the Dagster run that did it.';

COMMENT ON COLUMN sync.runs.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN sync.runs.mode IS 'full (everything read) or events.';

COMMENT ON COLUMN sync.runs.started_at IS 'When reading began.';

COMMENT ON COLUMN sync.runs.finished_at IS 'When the outcome was known.';

COMMENT ON COLUMN sync.runs.outcome IS 'applied, unchanged, held or failed.';

COMMENT ON COLUMN sync.runs.error IS 'Why nothing was applied, in a sentence; NULL if all went well.';

COMMENT ON COLUMN sync.runs.added IS 'People who are new.';

COMMENT ON COLUMN sync.runs.updated IS 'People of whom something changed.';

COMMENT ON COLUMN sync.runs.archived IS 'People who are gone.';

COMMENT ON COLUMN sync.runs.restored IS 'People who came back.';

COMMENT ON TABLE sync.receipts IS 'One row a feed a district a sync: what was read.';

COMMENT ON COLUMN sync.receipts.sync_id IS 'Id of the sync: the id of the Dagster run that did it.';

COMMENT ON COLUMN sync.receipts.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN sync.receipts.feed IS 'What was read: users, or a role view (students, teachers, staff, district_admins, contacts).';

COMMENT ON COLUMN sync.receipts.pages IS 'Pages read.';

COMMENT ON COLUMN sync.receipts.records IS 'Records on them.';

COMMENT ON COLUMN sync.receipts.bytes IS 'Bytes of these records.';

COMMENT ON COLUMN sync.receipts.first_id IS 'Id of the first record.';

COMMENT ON COLUMN sync.receipts.last_id IS 'Id of the last record.';

COMMENT ON COLUMN sync.receipts.digest IS 'SHA-256 of the records as lines, whatever the page size.';

COMMENT ON COLUMN sync.receipts.complete IS 'Whether the chain of pages was followed to its end.';

COMMENT ON TABLE sync.districts IS 'One row a district that ever shared its roster with this warehouse.';

COMMENT ON COLUMN sync.districts.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN sync.districts.connected IS 'Whether the token list shows the district; the data of one that left stay.';

COMMENT ON COLUMN sync.districts.first_seen_at IS 'When the district was first seen in the token list.';

COMMENT ON COLUMN sync.districts.last_seen_at IS 'When the district was last seen in the token list.';

COMMENT ON TABLE sync.findings IS 'One row a record a data-quality rule that the record breaks or broke.';

COMMENT ON COLUMN sync.findings.check IS 'The rule that is broken: the name of a file of sql/checks.';

COMMENT ON COLUMN sync.findings.severity IS 'error or warning.';

COMMENT ON COLUMN sync.findings.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN sync.findings.record_id IS 'Id of the record that breaks the rule: a user id, unless the rule is about something else.';

COMMENT ON COLUMN sync.findings.first_seen_at IS 'When a sync first found it.';

COMMENT ON COLUMN sync.findings.last_seen_at IS 'When a sync last found it.';

COMMENT ON COLUMN sync.findings.resolved_at IS 'When a sync found it gone; NULL while it stands.';

COMMENT ON TABLE sync.layout IS 'Which version of the schema the file has.';

COMMENT ON COLUMN sync.layout.fingerprint IS 'SHA-256 of the definitions that this file was made by.';
