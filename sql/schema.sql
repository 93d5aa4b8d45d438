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
	change VARCHAR NOT NULL
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
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_users (
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

CREATE TABLE IF NOT EXISTS past.past_user_roles (
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
	source VARCHAR NOT NULL
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
	sequence BIGINT NOT NULL,
	mode VARCHAR NOT NULL,
	started_at TIMESTAMP WITH TIME ZONE NOT NULL,
	finished_at TIMESTAMP WITH TIME ZONE NOT NULL,
	outcome VARCHAR NOT NULL,
	error VARCHAR,
	added BIGINT NOT NULL,
	updated BIGINT NOT NULL,
	archived BIGINT NOT NULL,
	restored BIGINT NOT NULL,
	digest VARCHAR,
	by_role JSON
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
	complete BOOLEAN NOT NULL
);

CREATE TABLE IF NOT EXISTS sync.districts (
	district_id VARCHAR NOT NULL,
	connected BOOLEAN NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (district_id)
);

CREATE TABLE IF NOT EXISTS sync.holds (
	district_id VARCHAR NOT NULL,
	digest VARCHAR NOT NULL,
	held_at TIMESTAMP WITH TIME ZONE NOT NULL,
	sequence BIGINT NOT NULL,
	sync_id VARCHAR NOT NULL,
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	state VARCHAR NOT NULL,
	why VARCHAR NOT NULL,
	by_role JSON NOT NULL,
	decided_at TIMESTAMP WITH TIME ZONE,
	decided_by VARCHAR,
	reason VARCHAR,
	applied_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (district_id, digest, held_at)
);

CREATE TABLE IF NOT EXISTS sync.fields (
	district_id VARCHAR NOT NULL,
	path VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	records BIGINT,
	example_id VARCHAR,
	is_present BOOLEAN NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (district_id, path, kind)
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

CREATE TABLE IF NOT EXISTS sync.repaired_records (
	district_id VARCHAR NOT NULL,
	user_id VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS sync.unexplained_legacy_ids (
	district_id VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	legacy_id VARCHAR NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	resolved_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (district_id, role, legacy_id)
);

CREATE TABLE IF NOT EXISTS sync.verifications (
	verification_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	verified_at TIMESTAMP WITH TIME ZONE NOT NULL,
	is_served BOOLEAN NOT NULL,
	listed BIGINT NOT NULL,
	explained BIGINT NOT NULL,
	ended BIGINT NOT NULL,
	unexplained BIGINT NOT NULL,
	differing BIGINT NOT NULL,
	PRIMARY KEY (verification_id, district_id, role)
);

CREATE TABLE IF NOT EXISTS sync.checks (
	"check" VARCHAR NOT NULL,
	severity VARCHAR NOT NULL,
	description VARCHAR NOT NULL,
	PRIMARY KEY ("check")
);

CREATE TABLE IF NOT EXISTS sync.imports (
	import_id VARCHAR NOT NULL,
	imported_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (import_id)
);

CREATE TABLE IF NOT EXISTS sync.rollbacks (
	rolled_back_at TIMESTAMP WITH TIME ZONE NOT NULL,
	restored_from TIMESTAMP WITH TIME ZONE NOT NULL,
	undone_from TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (rolled_back_at)
);

CREATE TABLE IF NOT EXISTS sync.migrations (
	number BIGINT NOT NULL,
	name VARCHAR NOT NULL,
	applied_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (number)
);

CREATE TABLE IF NOT EXISTS sync.layout (
	fingerprint VARCHAR NOT NULL,
	PRIMARY KEY (fingerprint)
);

-- Every version of every row of user_roles. Macros read this view: its name is in no other database.
CREATE OR REPLACE VIEW clever_warehouse_user_role_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM user_roles
UNION ALL BY NAME
SELECT * FROM past.past_user_roles;

-- Every version of every row of users. Macros read this view: its name is in no other database.
CREATE OR REPLACE VIEW clever_warehouse_user_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM users
UNION ALL BY NAME
SELECT * FROM past.past_users;

-- Where a district's records differ from Clever's specs, or from what they were.
CREATE OR REPLACE VIEW sync.drift AS
SELECT
    district_id,
    path,
    CASE WHEN kind = 'known' THEN 'missing_field' ELSE kind END AS kind,
    records,
    example_id,
    is_present,
    first_seen_at,
    last_seen_at
FROM sync.fields
WHERE kind <> 'known' OR NOT is_present;

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
    links.district_id,
    links.role,
    links.legacy_id,
    links.is_current,
    links.first_seen_at,
    links.last_seen_at,
    links.ended_at,
    links.end_reason
FROM chains
JOIN legacy_id_crosswalk AS links ON links.user_id = chains.former_user_id;

-- What a district's own staff can mend: each open data-quality finding with the rule and the person it is about.
CREATE OR REPLACE VIEW open_findings AS
SELECT
    findings.district_id,
    findings.severity,
    findings."check",
    checks.description,
    findings.record_id,
    users.first_name,
    users.last_name,
    users.email,
    users.roles,
    roles.sis_ids,
    findings.first_seen_at,
    findings.last_seen_at
FROM sync.findings AS findings
LEFT JOIN sync.checks AS checks USING ("check")
LEFT JOIN users ON users.district_id = findings.district_id AND users.user_id = findings.record_id
LEFT JOIN (
    SELECT district_id, user_id, list_sort(list_distinct(list(sis_id) FILTER (sis_id IS NOT NULL))) AS sis_ids
    FROM user_roles
    GROUP BY district_id, user_id
) AS roles ON roles.district_id = findings.district_id AND roles.user_id = findings.record_id
WHERE findings.resolved_at IS NULL;

-- Every version of every row of user_roles; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW user_roles_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM user_roles
UNION ALL BY NAME
SELECT * FROM past.past_user_roles;

-- Every version of every row of users; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW users_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM users
UNION ALL BY NAME
SELECT * FROM past.past_users;

-- The Clever ID that a text holds, as people and spreadsheets write it: in capitals, between quotes, behind an apostrophe, as ="...",
-- as ObjectId("..."), with blanks or invisible characters. Of a text that holds no ID: itself in lower case, without blanks around it.
CREATE OR REPLACE MACRO clean_id(written) AS (
    CASE
        WHEN regexp_full_match(written, '[0-9a-f]{24}') THEN written
        ELSE coalesce(
            nullif(
                regexp_extract(
                    regexp_replace(lower(written), '[\p{Z}\p{C}\p{M}\x{115F}\x{1160}\x{2800}\x{3164}\x{FFA0}]+', '', 'g'),
                    '^[^0-9a-z]*(?:objectid|oid)?[^0-9a-z]*([0-9a-f]{24})[^0-9a-z]*$',
                    1
                ),
                ''
            ),
            regexp_replace(lower(written), '^[\p{Z}\p{C}]+|[\p{Z}\p{C}]+$', '', 'g')
        )
    END
);

-- What became of the legacy ids in a column of a table of yours, a row an id: FROM resolve_legacy_ids('my_table', 'clever_id').
-- status is current, ended (since when and why), unconfirmed (only what the reason names tells it), ambiguous (several users, none
-- chosen) or unresolved (with the likely reason). The table may be of any database that is attached: 'memory.main.my_table'.
CREATE OR REPLACE MACRO resolve_legacy_ids(table_name, column_name) AS TABLE
WITH asked AS (
    SELECT asked_id, clean_id(asked_id) AS legacy_id
    FROM (SELECT DISTINCT COLUMNS([column_name])::VARCHAR AS asked_id FROM query_table(table_name))
    WHERE clean_id(asked_id) <> ''
),

links AS (
    SELECT
        *,
        source IN ('api', 'event') AS is_shown,
        -- who held it until when, as v3_user_id weighs it
        CASE WHEN is_current THEN 9000000000000000000 WHEN source IN ('api', 'event') THEN epoch_us(ended_at) ELSE 0 END AS until
    FROM legacy_id_crosswalk
    WHERE legacy_id IN (SELECT legacy_id FROM asked)
),

told AS (
    SELECT
        legacy_id,
        arg_max(
            {
                'user_id': user_id, 'role': role, 'district_id': district_id, 'ended_at': ended_at, 'end_reason': end_reason, 'source': source
            },
            {'until': until, 'last_seen_at': last_seen_at, 'user_id': user_id, 'district_id': district_id, 'role': role}
        ) AS link,
        bool_or(is_current) AS is_current,
        bool_or(is_shown) AS is_shown,
        list_sort(list(DISTINCT user_id) FILTER (until = latest)) AS holders
    FROM (SELECT *, max(until) OVER (PARTITION BY legacy_id) AS latest FROM links)
    GROUP BY legacy_id
),

syncs AS (
    SELECT least(arg_max(finished_at, sequence), now()) AS latest FROM sync.runs WHERE outcome IN ('applied', 'unchanged')
),

answers AS (
    SELECT
        asked.asked_id,
        asked.legacy_id,
        told.link,
        told.holders,
        told.is_current,
        told.is_shown,
        CASE
            WHEN len(told.holders) > 1 THEN 'ambiguous'
            WHEN told.is_current THEN 'current'
            WHEN told.is_shown THEN 'ended'
            WHEN told.legacy_id IS NOT NULL THEN 'unconfirmed'
            ELSE 'unresolved'
        END AS status,
        syncs.latest AS latest_sync,
        CASE
            WHEN regexp_full_match(asked.legacy_id, '[0-9a-f]{24}') THEN to_timestamp(try_cast('0x' || asked.legacy_id[:8] AS BIGINT))
        END AS made_at,
        (
            SELECT any_value(people.user_id)
            FROM (FROM users UNION ALL BY NAME FROM past.past_users) AS people
            WHERE people.user_id = asked.legacy_id
        ) AS as_user_id,
        asked.legacy_id IN (SELECT legacy_id FROM sync.unexplained_legacy_ids WHERE resolved_at IS NULL) AS is_in_v21
    FROM asked
    LEFT JOIN told USING (legacy_id)
    CROSS JOIN syncs
)

SELECT
    asked_id,
    legacy_id,
    CASE WHEN status <> 'ambiguous' THEN coalesce(link.user_id, as_user_id) END AS user_id,
    link.role,
    link.district_id,
    status,
    CASE WHEN status = 'ended' THEN link.ended_at END AS since,
    CASE
        WHEN status = 'ambiguous' AND is_current THEN 'several_current_users'
        WHEN status = 'ambiguous' AND is_shown THEN 'several_last_users'
        WHEN status = 'ambiguous' THEN 'told_differently'
        WHEN status = 'ended' THEN link.end_reason
        WHEN status = 'unconfirmed' THEN link.source
        WHEN status = 'current' THEN NULL
        WHEN made_at IS NULL THEN 'malformed'
        WHEN as_user_id IS NOT NULL THEN 'is_a_v3_id'
        WHEN is_in_v21 THEN 'only_in_v2.1'
        WHEN latest_sync IS NULL THEN 'nothing_synced'
        WHEN made_at > latest_sync THEN 'made_after_the_last_sync'
        ELSE 'never_seen'
    END AS reason,
    CASE WHEN status = 'ambiguous' THEN holders END AS user_ids
FROM answers;

-- The rows of user_roles as they were at an instant: FROM user_roles_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO user_roles_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_user_role_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of users as they were at an instant: FROM users_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO users_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_user_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The v3 ID that a legacy ID has now, else the one it had last, else one that only a migration CSV tells, else NULL. NULL also if
-- these are several users: resolve_legacy_ids names them.
CREATE OR REPLACE MACRO v3_user_id(legacy) AS (
    SELECT
        -- the last and the first of the users who held it longest: the same if it is one
        CASE
            WHEN arg_max(held.user_id, {'until': held.until, 'user_id': held.user_id})
                = arg_min(held.user_id, {'until': -held.until, 'user_id': held.user_id})
                THEN arg_max(held.user_id, held.until)
        END
    FROM (
        SELECT
            links.legacy_id,
            links.user_id,
            CASE
                WHEN links.is_current THEN 9000000000000000000
                WHEN links.source IN ('api', 'event') THEN epoch_us(links.ended_at)
                ELSE 0
            END AS until
        FROM legacy_id_crosswalk AS links
    ) AS held
    WHERE held.legacy_id = clean_id(legacy)
);

-- The v3 ID that a legacy ID had at an instant, else the one it had last before: v3_user_id_as_of('...', '2026-09-01 00:00:00+00').
-- NULL if these are several users, or if no sync had shown the ID by then. A v3 ID that a sync had shown by then gives itself.
-- The instant is read as in users_as_of. The answer is that of the history in this file: sync.rollbacks lists what may differ.
CREATE OR REPLACE MACRO v3_user_id_as_of(legacy, instant) AS (
    -- EXPORT DATABASE writes macros before views, and DuckDB binds a macro when it is created, up to the first expression whose type
    -- is that of a parameter. IS NOT NULL is such an expression: so IMPORT DATABASE can create this macro before the view it reads.
    CASE
        WHEN legacy IS NOT NULL THEN nullif(
            coalesce(
                (
                    SELECT
                        -- The last and the first of the users who held it longest: the same if there is only one.
                        CASE arg_max(held.user_id, {'until': held.until, 'user_id': held.user_id})
                            = arg_min(held.user_id, {'until': -held.until, 'user_id': held.user_id})
                            WHEN true THEN arg_max(held.user_id, held.until)
                            WHEN false THEN ''
                        END
                    FROM (
                        SELECT
                            roles.legacy_id,
                            roles.user_id,
                            CASE
                                WHEN roles.valid_to IS NULL OR least(roles.valid_to, now()) > instant::TIMESTAMPTZ
                                    THEN 9000000000000000000
                                ELSE epoch_us(roles.valid_to)
                            END AS until
                        FROM clever_warehouse_user_role_versions AS roles
                        WHERE roles.change <> 'archived' AND least(roles.valid_from, now()) <= instant::TIMESTAMPTZ
                    ) AS held
                    WHERE held.legacy_id = clean_id(legacy)
                ),
                (
                    SELECT any_value(people.user_id)
                    FROM clever_warehouse_user_versions AS people
                    WHERE people.user_id = clean_id(legacy) AND least(people.valid_from, now()) <= instant::TIMESTAMPTZ
                )
            ),
            ''
        )
    END
);

COMMENT ON TABLE main.users IS 'One row per district and person currently in Clever.';

COMMENT ON COLUMN main.users.user_id IS 'Clever v3 id of the person (the user).';

COMMENT ON COLUMN main.users.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN main.users.email IS 'E-mail as the district gave it: not verified, may be missing, may lack an @.';

COMMENT ON COLUMN main.users.first_name IS 'First name; contacts often have none.';

COMMENT ON COLUMN main.users.middle_name IS 'Middle name.';

COMMENT ON COLUMN main.users.last_name IS 'Last name; of a contact often the whole name.';

COMMENT ON COLUMN main.users.roles IS 'The roles the person holds, sorted; empty if Clever shows none that is known.';

COMMENT ON COLUMN main.users.created_at IS 'When Clever created the user.';

COMMENT ON COLUMN main.users.last_modified_at IS 'When Clever last changed the user. A change of this alone makes no version.';

COMMENT ON COLUMN main.users.first_seen_at IS 'When this warehouse first saw the user ID in the district; kept through absence and return.';

COMMENT ON COLUMN main.users.extra IS 'Fields Clever sent that no column holds, under their own names; NULL if there are none.';

COMMENT ON COLUMN main.users.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.users.change IS 'How this version came: created, updated, restored, or archived (the row is gone from here on).';

COMMENT ON TABLE main.user_roles IS 'One row per district, person and role the person currently has.';

COMMENT ON COLUMN main.user_roles.user_id IS 'Clever v3 id of the person (the user).';

COMMENT ON COLUMN main.user_roles.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN main.user_roles.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN main.user_roles.legacy_id IS 'Id of the person in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.user_roles.sis_id IS 'The district''s own id: sis_id of a student, teacher or contact, staff_id of staff.';

COMMENT ON COLUMN main.user_roles.title IS 'Job title of a teacher, staff or district admin.';

COMMENT ON COLUMN main.user_roles.school_id IS 'Clever id of the primary school of a student or teacher.';

COMMENT ON COLUMN main.user_roles.school_ids IS 'Clever ids of all schools of the role, sorted, without doubles; empty if none.';

COMMENT ON COLUMN main.user_roles.first_seen_at IS 'When this warehouse first saw the person in this role in the district.';

COMMENT ON COLUMN main.user_roles.extra IS 'Fields of the role object that no column holds, under their own names; NULL if there are none.';

COMMENT ON COLUMN main.user_roles.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.user_roles.change IS 'How this version came: created, updated, restored, or archived (the row is gone from here on).';

COMMENT ON TABLE past.past_users IS 'The ended versions of the rows of users, and a row (change archived) for each time a person was gone.';

COMMENT ON COLUMN past.past_users.user_id IS 'Clever v3 id of the person (the user).';

COMMENT ON COLUMN past.past_users.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN past.past_users.email IS 'E-mail as the district gave it: not verified, may be missing, may lack an @.';

COMMENT ON COLUMN past.past_users.first_name IS 'First name; contacts often have none.';

COMMENT ON COLUMN past.past_users.middle_name IS 'Middle name.';

COMMENT ON COLUMN past.past_users.last_name IS 'Last name; of a contact often the whole name.';

COMMENT ON COLUMN past.past_users.roles IS 'The roles the person holds, sorted; empty if Clever shows none that is known.';

COMMENT ON COLUMN past.past_users.created_at IS 'When Clever created the user.';

COMMENT ON COLUMN past.past_users.last_modified_at IS 'When Clever last changed the user. A change of this alone makes no version.';

COMMENT ON COLUMN past.past_users.first_seen_at IS 'When this warehouse first saw the user ID in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_users.extra IS 'Fields Clever sent that no column holds, under their own names; NULL if there are none.';

COMMENT ON COLUMN past.past_users.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_users.change IS 'How this version came: created, updated, restored, or archived (the row is gone from here on).';

COMMENT ON COLUMN past.past_users.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON TABLE past.past_user_roles IS 'The ended versions of the rows of user_roles, and a row (change archived) for each time a role was gone.';

COMMENT ON COLUMN past.past_user_roles.user_id IS 'Clever v3 id of the person (the user).';

COMMENT ON COLUMN past.past_user_roles.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN past.past_user_roles.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN past.past_user_roles.legacy_id IS 'Id of the person in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN past.past_user_roles.sis_id IS 'The district''s own id: sis_id of a student, teacher or contact, staff_id of staff.';

COMMENT ON COLUMN past.past_user_roles.title IS 'Job title of a teacher, staff or district admin.';

COMMENT ON COLUMN past.past_user_roles.school_id IS 'Clever id of the primary school of a student or teacher.';

COMMENT ON COLUMN past.past_user_roles.school_ids IS 'Clever ids of all schools of the role, sorted, without doubles; empty if none.';

COMMENT ON COLUMN past.past_user_roles.first_seen_at IS 'When this warehouse first saw the person in this role in the district.';

COMMENT ON COLUMN past.past_user_roles.extra IS 'Fields of the role object that no column holds, under their own names; NULL if there are none.';

COMMENT ON COLUMN past.past_user_roles.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_user_roles.change IS 'How this version came: created, updated, restored, or archived (the row is gone from here on).';

COMMENT ON COLUMN past.past_user_roles.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON TABLE main.legacy_id_crosswalk IS 'One row per link (district, role, legacy ID, v3 ID) ever seen. Links are never deleted.';

COMMENT ON COLUMN main.legacy_id_crosswalk.district_id IS 'Clever id of the district; unknown if only a migration CSV tells the link and nothing tells the district.';

COMMENT ON COLUMN main.legacy_id_crosswalk.role IS 'student, teacher, staff, district_admin or contact; unknown if only a migration CSV tells the link and nothing tells the role.';

COMMENT ON COLUMN main.legacy_id_crosswalk.legacy_id IS 'Id of the person in this role before API v3.0.';

COMMENT ON COLUMN main.legacy_id_crosswalk.user_id IS 'Clever v3 id that the source tells for it.';

COMMENT ON COLUMN main.legacy_id_crosswalk.is_current IS 'Whether Clever shows this link now.';

COMMENT ON COLUMN main.legacy_id_crosswalk.first_seen_at IS 'When the link was first seen.';

COMMENT ON COLUMN main.legacy_id_crosswalk.last_seen_at IS 'When the link was last seen.';

COMMENT ON COLUMN main.legacy_id_crosswalk.ended_at IS 'When a sync found the link gone, or a link that is not current was imported; NULL while it is current.';

COMMENT ON COLUMN main.legacy_id_crosswalk.end_reason IS 'Why it ended in the district: reassigned (the legacy id is another user''s), role_removed (the user is still there) or archived; NULL while it is current.';

COMMENT ON COLUMN main.legacy_id_crosswalk.source IS 'What told the link: api or event (API v3 showed it), or as long as API v3 has not, migration_csv or v2.1; such a link is never current.';

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

COMMENT ON COLUMN main.users_history.first_seen_at IS 'When this warehouse first saw the user ID in the district; kept through absence and return.';

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

COMMENT ON COLUMN main.user_roles_history.first_seen_at IS 'When this warehouse first saw the person in this role in the district.';

COMMENT ON COLUMN main.user_roles_history.extra IS 'Fields of the role object that no column holds, under their own names; NULL if there are none.';

COMMENT ON COLUMN main.user_roles_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.user_roles_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.user_roles_history.change IS 'How this version came: created, updated, restored, or archived (the row is gone from here on).';

COMMENT ON VIEW main.clever_warehouse_user_versions IS 'The rows of users_history, under a name that no other database has: macros read it. Query users_history instead.';

COMMENT ON COLUMN main.clever_warehouse_user_versions.user_id IS 'Clever v3 id of the person (the user).';

COMMENT ON COLUMN main.clever_warehouse_user_versions.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN main.clever_warehouse_user_versions.email IS 'E-mail as the district gave it: not verified, may be missing, may lack an @.';

COMMENT ON COLUMN main.clever_warehouse_user_versions.first_name IS 'First name; contacts often have none.';

COMMENT ON COLUMN main.clever_warehouse_user_versions.middle_name IS 'Middle name.';

COMMENT ON COLUMN main.clever_warehouse_user_versions.last_name IS 'Last name; of a contact often the whole name.';

COMMENT ON COLUMN main.clever_warehouse_user_versions.roles IS 'The roles the person holds, sorted; empty if Clever shows none that is known.';

COMMENT ON COLUMN main.clever_warehouse_user_versions.created_at IS 'When Clever created the user.';

COMMENT ON COLUMN main.clever_warehouse_user_versions.last_modified_at IS 'When Clever last changed the user. A change of this alone makes no version.';

COMMENT ON COLUMN main.clever_warehouse_user_versions.first_seen_at IS 'When this warehouse first saw the user ID in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_user_versions.extra IS 'Fields Clever sent that no column holds, under their own names; NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_user_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_user_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_user_versions.change IS 'How this version came: created, updated, restored, or archived (the row is gone from here on).';

COMMENT ON VIEW main.clever_warehouse_user_role_versions IS 'The rows of user_roles_history, under a name that no other database has: macros read it. Query user_roles_history instead.';

COMMENT ON COLUMN main.clever_warehouse_user_role_versions.user_id IS 'Clever v3 id of the person (the user).';

COMMENT ON COLUMN main.clever_warehouse_user_role_versions.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN main.clever_warehouse_user_role_versions.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN main.clever_warehouse_user_role_versions.legacy_id IS 'Id of the person in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.clever_warehouse_user_role_versions.sis_id IS 'The district''s own id: sis_id of a student, teacher or contact, staff_id of staff.';

COMMENT ON COLUMN main.clever_warehouse_user_role_versions.title IS 'Job title of a teacher, staff or district admin.';

COMMENT ON COLUMN main.clever_warehouse_user_role_versions.school_id IS 'Clever id of the primary school of a student or teacher.';

COMMENT ON COLUMN main.clever_warehouse_user_role_versions.school_ids IS 'Clever ids of all schools of the role, sorted, without doubles; empty if none.';

COMMENT ON COLUMN main.clever_warehouse_user_role_versions.first_seen_at IS 'When this warehouse first saw the person in this role in the district.';

COMMENT ON COLUMN main.clever_warehouse_user_role_versions.extra IS 'Fields of the role object that no column holds, under their own names; NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_user_role_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_user_role_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_user_role_versions.change IS 'How this version came: created, updated, restored, or archived (the row is gone from here on).';

COMMENT ON VIEW main.identity_chains IS 'Each person''s identity chain: every id, of old and now, that leads to a person whom Clever has now.';

COMMENT ON COLUMN main.identity_chains.user_id IS 'Clever v3 id of a person whom Clever has now.';

COMMENT ON COLUMN main.identity_chains.former_user_id IS 'A v3 id that the person has or had before a merge, split or reassignment.';

COMMENT ON COLUMN main.identity_chains.district_id IS 'Clever id of the district; unknown if only a migration CSV tells the link and nothing tells the district.';

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

COMMENT ON COLUMN sync.runs.sequence IS 'Order in which syncs and approvals were published, whatever the clock showed; 0 and below for those of versions of clever-warehouse that kept no order.';

COMMENT ON COLUMN sync.runs.mode IS 'full (everything read) or events.';

COMMENT ON COLUMN sync.runs.started_at IS 'When reading began.';

COMMENT ON COLUMN sync.runs.finished_at IS 'When the outcomes of the sync were written down.';

COMMENT ON COLUMN sync.runs.outcome IS 'applied, unchanged, held, failed, or disconnected.';

COMMENT ON COLUMN sync.runs.error IS 'Why nothing was applied, in a sentence; NULL if all went well.';

COMMENT ON COLUMN sync.runs.added IS 'People who are new.';

COMMENT ON COLUMN sync.runs.updated IS 'People of whom something changed.';

COMMENT ON COLUMN sync.runs.archived IS 'People who are gone.';

COMMENT ON COLUMN sync.runs.restored IS 'People who came back.';

COMMENT ON COLUMN sync.runs.digest IS 'SHA-256 that names what was read of all feeds together; NULL if the read did not end.';

COMMENT ON COLUMN sync.runs.by_role IS 'The same by role, and how many held it before and unchanged; a person counts in every role. For a held snapshot, what it would change.';

COMMENT ON TABLE sync.receipts IS 'One row a feed a district a sync: what was read.';

COMMENT ON COLUMN sync.receipts.sync_id IS 'Id of the sync: the id of the Dagster run that did it.';

COMMENT ON COLUMN sync.receipts.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN sync.receipts.feed IS 'What was read: users, or a role view (students, teachers, staff, district_admins, contacts).';

COMMENT ON COLUMN sync.receipts.pages IS 'Pages read.';

COMMENT ON COLUMN sync.receipts.records IS 'Records on them.';

COMMENT ON COLUMN sync.receipts.bytes IS 'Bytes kept of these records: all of a user, the ids in a role view.';

COMMENT ON COLUMN sync.receipts.first_id IS 'Id of the first record.';

COMMENT ON COLUMN sync.receipts.last_id IS 'Id of the last record.';

COMMENT ON COLUMN sync.receipts.digest IS 'The first 128 bits of the SHA-256 of the records as lines, whatever the page size.';

COMMENT ON COLUMN sync.receipts.complete IS 'Whether the chain of pages was followed to its end.';

COMMENT ON TABLE sync.districts IS 'One row a district that ever shared its roster with this warehouse.';

COMMENT ON COLUMN sync.districts.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN sync.districts.connected IS 'Whether the token list shows the district; the data of one that left stay.';

COMMENT ON COLUMN sync.districts.first_seen_at IS 'When the district was first seen in the token list.';

COMMENT ON COLUMN sync.districts.last_seen_at IS 'When the district was last seen in the token list.';

COMMENT ON TABLE sync.holds IS 'One row a snapshot that changes too much to be applied without a person''s word.';

COMMENT ON COLUMN sync.holds.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN sync.holds.digest IS 'SHA-256 that names the held snapshot; approve and reject ask for it.';

COMMENT ON COLUMN sync.holds.held_at IS 'When a sync first held it.';

COMMENT ON COLUMN sync.holds.sequence IS 'Order in which snapshots were held; that of sync.runs.';

COMMENT ON COLUMN sync.holds.sync_id IS 'Id of the sync that read it last.';

COMMENT ON COLUMN sync.holds.seen_at IS 'When a sync read it last.';

COMMENT ON COLUMN sync.holds.state IS 'held (waits for a decision), approved, rejected, released (a later sync needed no decision) or superseded (a later sync read something else).';

COMMENT ON COLUMN sync.holds.why IS 'Which limit it exceeds.';

COMMENT ON COLUMN sync.holds.by_role IS 'What it would change, by role.';

COMMENT ON COLUMN sync.holds.decided_at IS 'When it was approved or rejected.';

COMMENT ON COLUMN sync.holds.decided_by IS 'Who approved or rejected it.';

COMMENT ON COLUMN sync.holds.reason IS 'Why it was approved or rejected.';

COMMENT ON COLUMN sync.holds.applied_at IS 'When it was applied after approval.';

COMMENT ON TABLE sync.fields IS 'One row a field that a district''s records have or had.';

COMMENT ON COLUMN sync.fields.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN sync.fields.path IS 'Where the field is in a record of /users, such as roles.student.grade. An object in which more than 200 unknown fields were ever seen has one row for all of them, such as roles.student.*; records counts each record once.';

COMMENT ON COLUMN sync.fields.kind IS 'known (a field of Clever''s specs), unknown_field, unknown_role, or unknown_value (a value there that the specs do not list).';

COMMENT ON COLUMN sync.fields.records IS 'Records that had it when it was last seen; NULL for a known field.';

COMMENT ON COLUMN sync.fields.example_id IS 'Id of one such record; NULL for a known field.';

COMMENT ON COLUMN sync.fields.is_present IS 'Whether the latest read of the district had it.';

COMMENT ON COLUMN sync.fields.first_seen_at IS 'When a sync first saw it.';

COMMENT ON COLUMN sync.fields.last_seen_at IS 'When a sync last saw it.';

COMMENT ON VIEW sync.drift IS 'Where a district''s records differ from Clever''s specs, or from what they were: by path, without values.';

COMMENT ON COLUMN sync.drift.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN sync.drift.path IS 'Where it is in a record of /users, such as roles.student.grade. An object in which more than 200 unknown fields were ever seen has one row for all of them, such as roles.student.*; records counts each record once.';

COMMENT ON COLUMN sync.drift.kind IS 'unknown_field, unknown_role, unknown_value, or missing_field (no record has the field any longer, or all have null).';

COMMENT ON COLUMN sync.drift.records IS 'Records that had it when it was last seen; NULL for a missing field.';

COMMENT ON COLUMN sync.drift.example_id IS 'Id of one such record; NULL for a missing field.';

COMMENT ON COLUMN sync.drift.is_present IS 'Whether the latest read of the district had it.';

COMMENT ON COLUMN sync.drift.first_seen_at IS 'When a sync first saw it.';

COMMENT ON COLUMN sync.drift.last_seen_at IS 'When a sync last saw it.';

COMMENT ON TABLE sync.findings IS 'One row a record a data-quality rule that the record breaks or broke.';

COMMENT ON COLUMN sync.findings.check IS 'The rule that is broken: the name of a file of sql/checks.';

COMMENT ON COLUMN sync.findings.severity IS 'error or warning.';

COMMENT ON COLUMN sync.findings.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN sync.findings.record_id IS 'Id of the record that breaks the rule: a user id, unless the rule is about something else.';

COMMENT ON COLUMN sync.findings.first_seen_at IS 'When a sync first found it.';

COMMENT ON COLUMN sync.findings.last_seen_at IS 'When a sync last found it.';

COMMENT ON COLUMN sync.findings.resolved_at IS 'When a sync found it gone; NULL while it stands.';

COMMENT ON TABLE sync.repaired_records IS 'One row per current record in which Clever sent half of a character (an unpaired surrogate); U+FFFD replaces it.';

COMMENT ON COLUMN sync.repaired_records.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN sync.repaired_records.user_id IS 'Clever v3 ID of the user whose record it is.';

COMMENT ON TABLE sync.unexplained_legacy_ids IS 'One row a legacy id that only API v2.1 knows: it leads to no v3 id, because none is claimed without evidence.';

COMMENT ON COLUMN sync.unexplained_legacy_ids.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN sync.unexplained_legacy_ids.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN sync.unexplained_legacy_ids.legacy_id IS 'An id that API v2.1 lists and that API v3 shows for nobody.';

COMMENT ON COLUMN sync.unexplained_legacy_ids.first_seen_at IS 'When a verification first found it unexplained.';

COMMENT ON COLUMN sync.unexplained_legacy_ids.last_seen_at IS 'When a verification last found it unexplained.';

COMMENT ON COLUMN sync.unexplained_legacy_ids.resolved_at IS 'When a verification found it explained, or no longer listed; NULL while it stands.';

COMMENT ON TABLE sync.verifications IS 'One row a role a district a verification of the crosswalk against API v2.1 (clever-warehouse verify-legacy).';

COMMENT ON COLUMN sync.verifications.verification_id IS 'Id of the verification; of the Dagster run, if one did it.';

COMMENT ON COLUMN sync.verifications.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN sync.verifications.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN sync.verifications.verified_at IS 'When the ids were compared.';

COMMENT ON COLUMN sync.verifications.is_served IS 'Whether API v2.1 still serves the list of this role.';

COMMENT ON COLUMN sync.verifications.listed IS 'Ids that API v2.1 lists.';

COMMENT ON COLUMN sync.verifications.explained IS 'Of these, ids that the crosswalk leads to one v3 id.';

COMMENT ON COLUMN sync.verifications.ended IS 'Of the explained, ids whose link is not current in API v3.';

COMMENT ON COLUMN sync.verifications.unexplained IS 'Ids that lead to no v3 id, or to several.';

COMMENT ON COLUMN sync.verifications.differing IS 'Explained people whose e-mail or sis_id is another in API v3.';

COMMENT ON TABLE sync.checks IS 'One row a data-quality rule.';

COMMENT ON COLUMN sync.checks.check IS 'The rule: the name of a file of sql/checks.';

COMMENT ON COLUMN sync.checks.severity IS 'error or warning.';

COMMENT ON COLUMN sync.checks.description IS 'The rule as a sentence.';

COMMENT ON VIEW main.open_findings IS 'What a district''s own staff can mend: each open finding with the rule and the person it is about.';

COMMENT ON COLUMN main.open_findings.district_id IS 'Clever id of the district.';

COMMENT ON COLUMN main.open_findings.severity IS 'error or warning.';

COMMENT ON COLUMN main.open_findings.check IS 'The rule that is broken.';

COMMENT ON COLUMN main.open_findings.description IS 'The rule as a sentence.';

COMMENT ON COLUMN main.open_findings.record_id IS 'Id of the record that breaks the rule: a user id, unless the rule is about something else.';

COMMENT ON COLUMN main.open_findings.first_name IS 'First name of the person.';

COMMENT ON COLUMN main.open_findings.last_name IS 'Last name of the person.';

COMMENT ON COLUMN main.open_findings.email IS 'E-mail of the person.';

COMMENT ON COLUMN main.open_findings.roles IS 'Roles of the person.';

COMMENT ON COLUMN main.open_findings.sis_ids IS 'The district''s own ids of the person, in any role.';

COMMENT ON COLUMN main.open_findings.first_seen_at IS 'When a sync first found it.';

COMMENT ON COLUMN main.open_findings.last_seen_at IS 'When a sync last found it.';

COMMENT ON TABLE sync.imports IS 'One row per import of migration CSVs that changed the crosswalk (clever-warehouse import-migration).';

COMMENT ON COLUMN sync.imports.import_id IS 'ID of the import.';

COMMENT ON COLUMN sync.imports.imported_at IS 'When its links entered the crosswalk.';

COMMENT ON TABLE sync.rollbacks IS 'One row per rollback that restored this file or an earlier state of it (clever-warehouse rollback). Between restored_from and rolled_back_at, users_as_of, user_roles_as_of and v3_user_id_as_of show the history of the restored file, not what was published then.';

COMMENT ON COLUMN sync.rollbacks.rolled_back_at IS 'When this file was published again.';

COMMENT ON COLUMN sync.rollbacks.restored_from IS 'When this file had been published before.';

COMMENT ON COLUMN sync.rollbacks.undone_from IS 'When the file that it replaced had been published; NULL if there was none.';

COMMENT ON TABLE sync.migrations IS 'One row per schema version this file has had or contains; the largest number is its schema version.';

COMMENT ON COLUMN sync.migrations.number IS 'Schema version: the number of a file in sql/migrations.';

COMMENT ON COLUMN sync.migrations.name IS 'Name of the file, without its number.';

COMMENT ON COLUMN sync.migrations.applied_at IS 'When the file was migrated to this version, or created with it.';

COMMENT ON TABLE sync.layout IS 'One row: whether the columns, views, macros and comments of this file are up to date.';

COMMENT ON COLUMN sync.layout.fingerprint IS 'SHA-256 of the definitions this file was created or last updated with.';
