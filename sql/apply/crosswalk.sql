-- Which links between legacy ids and v3 ids the batch shows, what became of those it no longer shows, and what that means.
CREATE OR REPLACE TEMP VIEW shown_links AS
SELECT district_id, role, legacy_id, user_id, staged_row
FROM staged_user_roles
WHERE legacy_id IS NOT NULL AND district_id IN (SELECT district_id FROM batch);

-- A link is a legacy id of a row of user_roles, so it begins and ends where such a row changes.
CREATE OR REPLACE TEMP TABLE changed_links AS
SELECT district_id, role, legacy_id, user_id
FROM shown_links
SEMI JOIN (FROM user_roles_difference WHERE change IN ('created', 'updated', 'restored')) AS changed USING (staged_row);

-- The current links of roles that changed otherwise are few: as a table of their own they tell DuckDB so, which then looks them up
-- instead of everybody's.
CREATE OR REPLACE TEMP TABLE former_links AS
SELECT district_id, role, legacy_id, user_id
FROM legacy_id_crosswalk
SEMI JOIN (FROM user_roles_difference WHERE change IN ('updated', 'archived')) AS changed USING (district_id, user_id, role)
WHERE is_current;

CREATE OR REPLACE TEMP TABLE kept_links AS
FROM changed_links
SEMI JOIN former_links USING (district_id, role, legacy_id, user_id);

CREATE OR REPLACE TEMP TABLE gone_links AS
FROM former_links
ANTI JOIN kept_links USING (district_id, role, legacy_id, user_id);

CREATE OR REPLACE TEMP TABLE ended_links AS
SELECT
    gone_links.*,
    CASE
        WHEN taken.legacy_id IS NOT NULL THEN 'reassigned'
        WHEN here.user_id IS NOT NULL THEN 'role_removed'
        ELSE 'archived'
    END AS end_reason
FROM gone_links
LEFT JOIN (
    SELECT DISTINCT district_id, role, legacy_id FROM shown_links SEMI JOIN gone_links USING (district_id, role, legacy_id)
) AS taken USING (district_id, role, legacy_id)
LEFT JOIN (
    SELECT district_id, user_id
    FROM staged_users
    SEMI JOIN gone_links USING (district_id, user_id)
    WHERE district_id IN (SELECT district_id FROM batch)
) AS here USING (district_id, user_id);

-- Links that were imported without their role or district are few, too.
CREATE OR REPLACE TEMP TABLE unplaced_links AS
SELECT rowid AS link, district_id, role, legacy_id, user_id
FROM legacy_id_crosswalk
WHERE role = 'unknown' OR district_id = 'unknown';

-- Such a link has the role and district in which Clever shows it; if several districts show it, the first.
UPDATE legacy_id_crosswalk AS links
SET district_id = place.district_id, role = place.role
FROM (
    SELECT unplaced.link, min({'district_id': shown.district_id, 'role': shown.role}) AS place
    FROM changed_links AS shown
    JOIN unplaced_links AS unplaced ON
        unplaced.legacy_id = shown.legacy_id
        AND unplaced.user_id = shown.user_id
        AND unplaced.role IN (shown.role, 'unknown')
        AND unplaced.district_id IN (shown.district_id, 'unknown')
    GROUP BY unplaced.link
)
WHERE links.rowid = link;

-- What begins with a legacy id or a person that the crosswalk knows: nothing on a first sync.
CREATE OR REPLACE TEMP TABLE begun_links AS
SELECT
    begun.district_id,
    begun.role,
    begun.legacy_id,
    begun.user_id,
    -- who held the legacy id before: until this sync, else last of all
    coalesce(ended.user_id, latest.user_id) AS former_user_id,
    had_role.user_id IS NOT NULL AS had_role
FROM (
    FROM (
        FROM changed_links SEMI JOIN legacy_id_crosswalk USING (district_id, legacy_id)
        UNION
        FROM changed_links SEMI JOIN legacy_id_crosswalk USING (district_id, user_id)
    )
    ANTI JOIN (FROM legacy_id_crosswalk WHERE is_current) AS current_links USING (district_id, role, legacy_id, user_id)
) AS begun
LEFT JOIN ended_links AS ended ON
    ended.district_id = begun.district_id AND ended.role = begun.role AND ended.legacy_id = begun.legacy_id
LEFT JOIN (
    SELECT district_id, role, legacy_id, arg_max(user_id, {'ended_at': ended_at, 'user_id': user_id}) AS user_id
    FROM legacy_id_crosswalk
    -- what only a migration CSV or API v2.1 told is no observation of ours, so coming true it is no change
    WHERE NOT is_current AND source IN ('api', 'event')
    GROUP BY district_id, role, legacy_id
) AS latest ON latest.district_id = begun.district_id AND latest.role = begun.role AND latest.legacy_id = begun.legacy_id
LEFT JOIN (
    SELECT district_id, role, user_id
    FROM legacy_id_crosswalk
    WHERE source IN ('api', 'event')
    GROUP BY district_id, role, user_id
    HAVING NOT bool_or(is_current)
) AS had_role ON had_role.district_id = begun.district_id AND had_role.role = begun.role AND had_role.user_id = begun.user_id;

CREATE OR REPLACE TEMP TABLE movers AS
SELECT district_id, user_id FROM begun_links WHERE former_user_id <> user_id
UNION
SELECT district_id, former_user_id FROM begun_links WHERE former_user_id <> user_id;

INSERT INTO crosswalk_changes BY NAME
WITH moved AS (
    SELECT * FROM begun_links WHERE former_user_id <> user_id
),

keepers AS (
    -- of those who gave or took a legacy id, who also kept one
    SELECT DISTINCT district_id, user_id
    FROM (FROM shown_links SEMI JOIN movers USING (district_id, user_id))
    SEMI JOIN (FROM legacy_id_crosswalk WHERE is_current) AS current_links USING (district_id, role, legacy_id, user_id)
),

sources AS (
    SELECT district_id, user_id, count(DISTINCT former_user_id) AS sources
    FROM (
        SELECT district_id, user_id, former_user_id FROM begun_links WHERE former_user_id IS NOT NULL
        UNION ALL
        SELECT district_id, user_id, user_id FROM keepers
    )
    GROUP BY district_id, user_id
),

targets AS (
    SELECT district_id, former_user_id, count(DISTINCT user_id) AS targets
    FROM (
        SELECT district_id, former_user_id, user_id FROM begun_links WHERE former_user_id IS NOT NULL
        UNION ALL
        SELECT district_id, user_id, user_id FROM keepers
    )
    GROUP BY district_id, former_user_id
)

SELECT
    getvariable('observed_at') AS observed_at,
    moved.district_id,
    CASE WHEN sources > 1 THEN 'merged' WHEN targets > 1 THEN 'split' ELSE 'reassigned' END AS change,
    role,
    legacy_id,
    former_user_id AS from_user_id,
    user_id AS to_user_id
FROM moved
JOIN sources USING (district_id, user_id)
JOIN targets USING (district_id, former_user_id)
UNION ALL
SELECT
    getvariable('observed_at'),
    begun_links.district_id,
    CASE WHEN back.user_id IS NOT NULL THEN 'restored' ELSE 'role_regained' END,
    role,
    legacy_id,
    user_id,
    user_id
FROM begun_links
LEFT JOIN (FROM users_difference WHERE change = 'restored') AS back USING (district_id, user_id)
WHERE former_user_id = user_id OR (former_user_id IS NULL AND had_role)
UNION ALL
SELECT
    getvariable('observed_at'),
    district_id,
    CASE WHEN end_reason = 'role_removed' THEN 'role_lost' ELSE 'archived' END,
    role,
    legacy_id,
    user_id,
    NULL
FROM ended_links
WHERE end_reason <> 'reassigned';

UPDATE legacy_id_crosswalk AS links
SET is_current = false, ended_at = getvariable('observed_at'), end_reason = ended_links.end_reason
FROM ended_links
WHERE
    links.district_id = ended_links.district_id
    AND links.role = ended_links.role
    AND links.legacy_id = ended_links.legacy_id
    AND links.user_id = ended_links.user_id;

UPDATE legacy_id_crosswalk AS links
SET
    is_current = true,
    first_seen_at = least(first_seen_at, getvariable('seen_at')),  -- it may have been imported after the approved snapshot was read
    ended_at = NULL,
    end_reason = NULL,
    source = CASE WHEN source IN ('api', 'event') THEN source ELSE 'api' END
FROM begun_links
WHERE
    links.district_id = begun_links.district_id
    AND links.role = begun_links.role
    AND links.legacy_id = begun_links.legacy_id
    AND links.user_id = begun_links.user_id;

INSERT INTO legacy_id_crosswalk BY NAME
SELECT
    district_id,
    role,
    legacy_id,
    user_id,
    true AS is_current,
    getvariable('seen_at') AS first_seen_at,
    getvariable('seen_at') AS last_seen_at,
    'api' AS source
FROM changed_links
ANTI JOIN legacy_id_crosswalk USING (district_id, role, legacy_id, user_id)
ORDER BY legacy_id;

DROP TABLE changed_links;
DROP TABLE unplaced_links;
