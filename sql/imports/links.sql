-- The links that only migration CSVs and API v2.1 tell, as the crosswalk shows them: derived again from sync.told_links and from what
-- API v3 has shown by now, so that imports and syncs may come in any order. None is current: API v3 has not shown them.
CREATE OR REPLACE TEMP TABLE confirmed_links AS
SELECT told.import_id, told.file, told.legacy_id, told.user_id, links.district_id
FROM sync.told_links AS told
JOIN (
    SELECT legacy_id, user_id, min(district_id) AS district_id
    FROM legacy_id_crosswalk
    WHERE source IN ('api', 'event')
    GROUP BY legacy_id, user_id
) AS links USING (legacy_id, user_id);

-- A file of Clever's zip is about one district: what API v3 shows of its links tells which.
UPDATE sync.imports AS imports
SET
    first_district_id = least(imports.first_district_id, confirmed.first_district_id),
    last_district_id = greatest(imports.last_district_id, confirmed.last_district_id)
FROM (
    SELECT import_id, file, min(district_id) AS first_district_id, max(district_id) AS last_district_id
    FROM confirmed_links
    GROUP BY import_id, file
) AS confirmed
WHERE imports.import_id = confirmed.import_id AND imports.file = confirmed.file;

DELETE FROM sync.told_links AS told
USING confirmed_links AS confirmed
WHERE told.legacy_id = confirmed.legacy_id AND told.user_id = confirmed.user_id;

CREATE OR REPLACE TEMP TABLE told_pairs AS
SELECT
    told.legacy_id,
    told.user_id,
    -- what is told differently is not known
    CASE WHEN min(told.role) = max(told.role) THEN min(told.role) END AS role,
    CASE WHEN min(told.district_id) = max(told.district_id) THEN min(told.district_id) END AS district_id,
    min(imports.imported_at) AS first_seen_at,
    max(imports.imported_at) AS last_seen_at,
    min(imports.source) AS source
FROM sync.told_links AS told
JOIN sync.imports AS imports USING (import_id, file)
GROUP BY told.legacy_id, told.user_id;

CREATE OR REPLACE TEMP TABLE told_rows AS
WITH shown AS (
    -- of current links not the latest, which depends on the order in which districts are synced
    SELECT legacy_id, arg_max({'role': role, 'district_id': district_id}, {
        'is_current': is_current,
        'last_seen_at': coalesce(CASE WHEN NOT is_current THEN last_seen_at END, '-infinity'::TIMESTAMPTZ),
        'user_id': user_id,
        'role': role,
        'district_id': district_id
    }) AS link
    FROM legacy_id_crosswalk
    SEMI JOIN told_pairs USING (legacy_id)
    WHERE source IN ('api', 'event')
    GROUP BY legacy_id
),

-- roles that a user holds or held, and whether API v3 has shown another legacy ID for the role
held AS (
    SELECT history.user_id, history.role, count(links.user_id) > 0 AS has_another
    FROM (SELECT DISTINCT user_id, role FROM user_roles_history SEMI JOIN told_pairs USING (user_id)) AS history
    LEFT JOIN (FROM legacy_id_crosswalk WHERE source IN ('api', 'event')) AS links USING (user_id, role)
    GROUP BY history.user_id, history.role
),

-- a student or contact can hold no other role; of an employee's roles only one without a legacy ID can be meant
only_role AS (
    SELECT user_id, min(role) AS role
    FROM held
    WHERE NOT has_another OR role IN ('student', 'contact')
    GROUP BY user_id
    HAVING count(*) = 1
),

-- the district that shows the user, or showed the user last; none if several show the user now
home AS (
    SELECT
        user_id,
        CASE
            WHEN count(*) FILTER (is_here) <= 1
                THEN arg_max(
                    district_id,
                    {'is_here': is_here, 'is_latest': valid_to IS NULL, 'valid_from': valid_from, 'district_id': district_id}
                )
        END AS district_id
    FROM (SELECT *, change <> 'archived' AND valid_to IS NULL AS is_here FROM users_history)
    SEMI JOIN told_pairs USING (user_id)
    GROUP BY user_id
),

placed AS (
    SELECT
        told.*,
        coalesce(
            shown.link.role,
            told.role,
            CASE WHEN told.legacy_id = told.user_id THEN 'student' END,
            only_role.role,
            'unknown'
        ) AS found_role,
        coalesce(shown.link.district_id, told.district_id, home.district_id) AS found_district_id
    FROM told_pairs AS told
    LEFT JOIN shown ON shown.legacy_id = told.legacy_id
    LEFT JOIN only_role ON only_role.user_id = told.user_id
    LEFT JOIN home ON home.user_id = told.user_id
    -- columns that were mixed up: an ID that API v3 shows as a user only is no legacy ID, and a legacy ID only is no user
    WHERE
        told.legacy_id = told.user_id
        OR NOT (
            (told.legacy_id IN (SELECT user_id FROM users_history) AND shown.link IS NULL)
            OR (
                told.user_id IN (SELECT legacy_id FROM legacy_id_crosswalk WHERE source IN ('api', 'event'))
                AND told.user_id NOT IN (SELECT user_id FROM users_history)
            )
        )
),

-- the district of the file, if the file is of one district and nothing says that it is of two
files AS (
    SELECT import_id, file, CASE WHEN min(district_id) = max(district_id) THEN min(district_id) END AS district_id
    FROM (
        SELECT import_id, file, first_district_id AS district_id FROM sync.imports
        UNION ALL
        SELECT import_id, file, last_district_id FROM sync.imports
        UNION ALL
        SELECT told.import_id, told.file, placed.found_district_id
        FROM sync.told_links AS told
        JOIN placed USING (legacy_id, user_id)
    )
    SEMI JOIN (FROM sync.imports WHERE is_of_one_district) AS of_one USING (import_id, file)
    GROUP BY import_id, file
),

of_file AS (
    SELECT
        told.legacy_id,
        told.user_id,
        CASE WHEN min(files.district_id) = max(files.district_id) THEN min(files.district_id) END AS district_id
    FROM sync.told_links AS told
    JOIN files USING (import_id, file)
    GROUP BY told.legacy_id, told.user_id
)

SELECT
    coalesce(placed.found_district_id, of_file.district_id, 'unknown') AS district_id,
    placed.found_role AS role,
    placed.legacy_id,
    placed.user_id,
    false AS is_current,
    placed.first_seen_at,
    placed.last_seen_at,
    placed.source
FROM placed
LEFT JOIN of_file USING (legacy_id, user_id);

CREATE OR REPLACE TEMP TABLE former_told_rows AS
SELECT district_id, role, legacy_id, user_id, is_current, first_seen_at, last_seen_at, source
FROM legacy_id_crosswalk
WHERE source IN ('migration_csv', 'v2.1');

CREATE OR REPLACE TEMP TABLE begun_told_rows AS
FROM told_rows EXCEPT FROM former_told_rows;

CREATE OR REPLACE TEMP TABLE ended_told_rows AS
FROM former_told_rows EXCEPT FROM told_rows;

DELETE FROM legacy_id_crosswalk AS links
USING ended_told_rows AS ended
WHERE
    links.source = ended.source
    AND links.district_id = ended.district_id
    AND links.role = ended.role
    AND links.legacy_id = ended.legacy_id
    AND links.user_id = ended.user_id;

-- One row per link is enough where a held snapshot has shown it too.
DELETE FROM legacy_id_crosswalk AS links
USING begun_told_rows AS begun
WHERE links.source = 'held' AND links.legacy_id = begun.legacy_id AND links.user_id = begun.user_id;

INSERT INTO legacy_id_crosswalk BY NAME
FROM begun_told_rows ORDER BY legacy_id;
