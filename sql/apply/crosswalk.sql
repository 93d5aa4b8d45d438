-- Compares the links between legacy IDs and v3 IDs in the batch with the crosswalk, and records what changed.
CREATE OR REPLACE TEMP VIEW shown_links AS
SELECT district_id, role, legacy_id, user_id
FROM shown_user_roles
WHERE legacy_id IS NOT NULL AND district_id IN (SELECT district_id FROM batch);

-- A link is a legacy id of a row of user_roles, so it begins and ends where such a row changes.
CREATE OR REPLACE TEMP TABLE changed_links AS
SELECT district_id, role, legacy_id, user_id
FROM staged_user_roles
SEMI JOIN (FROM user_roles_difference WHERE change IN ('created', 'updated', 'restored')) AS changed USING (staged_row)
WHERE legacy_id IS NOT NULL;

-- Those whose legacy ID the crosswalk knows already are few, too, and none on a first sync.
CREATE OR REPLACE TEMP TABLE known_links AS
FROM changed_links
SEMI JOIN (FROM legacy_id_crosswalk WHERE source <> 'held') AS known USING (legacy_id)
ANTI JOIN (FROM legacy_id_crosswalk WHERE is_current) AS current_links USING (district_id, role, legacy_id, user_id);

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

-- Who holds the legacy IDs of these links now.
CREATE OR REPLACE TEMP TABLE remaining_holders AS
FROM shown_links
SEMI JOIN gone_links USING (district_id, role, legacy_id);

-- Links that begin with a legacy ID or a user that the crosswalk knows: none on a first sync.
CREATE OR REPLACE TEMP TABLE begun_links AS
SELECT district_id, role, legacy_id, user_id
FROM (
    FROM changed_links SEMI JOIN legacy_id_crosswalk USING (district_id, legacy_id)
    UNION
    FROM changed_links SEMI JOIN legacy_id_crosswalk USING (district_id, user_id)
)
ANTI JOIN (FROM legacy_id_crosswalk WHERE is_current) AS current_links USING (district_id, role, legacy_id, user_id);

-- One row per link that begins and former holder of its legacy ID. The former holders are the users whose links end now; if no link
-- ends, the users who keep the legacy ID (an overlap begins); if no user held it until now, the user who held it last. A link that
-- only a migration CSV or API v2.1 reported was not observed by a sync, so it has no former holder.
CREATE OR REPLACE TEMP TABLE received_links AS
WITH holders AS (
    SELECT
        begun.district_id,
        begun.role,
        begun.legacy_id,
        begun.user_id,
        links.user_id AS former_user_id,
        gone_links.user_id IS NOT NULL AS has_ended,
        links.is_current AND gone_links.user_id IS NULL AS is_overlap,
        again.user_id IS NOT NULL AS has_returned,
        -- of several users who held it last, the user who receives it now, else the greatest ID
        CASE
            WHEN NOT links.is_current
                THEN {'ended_at': links.ended_at, 'is_same': links.user_id = begun.user_id, 'user_id': links.user_id}
        END AS past
    FROM begun_links AS begun
    JOIN (
        FROM legacy_id_crosswalk SEMI JOIN begun_links USING (district_id, role, legacy_id) WHERE source IN ('api', 'event')
    ) AS links ON
        links.district_id = begun.district_id AND links.role = begun.role AND links.legacy_id = begun.legacy_id
    LEFT JOIN gone_links ON
        gone_links.district_id = links.district_id
        AND gone_links.role = links.role
        AND gone_links.legacy_id = links.legacy_id
        AND gone_links.user_id = links.user_id
    LEFT JOIN begun_links AS again ON
        again.district_id = links.district_id
        AND again.role = links.role
        AND again.legacy_id = links.legacy_id
        AND again.user_id = links.user_id
)

-- A former holder who returns with the legacy ID in the same sync has it, too.
SELECT district_id, role, legacy_id, user_id, former_user_id, is_overlap OR has_returned AS is_shared
FROM holders
QUALIFY
    rank() OVER (PARTITION BY district_id, role, legacy_id, user_id ORDER BY has_ended DESC, is_overlap DESC, past DESC) = 1;

-- Users who gave, received, or lost a legacy ID. The next tables look up only these users.
CREATE OR REPLACE TEMP TABLE concerned_users AS
SELECT district_id, user_id FROM received_links
UNION
SELECT district_id, former_user_id FROM received_links
UNION
SELECT district_id, user_id FROM gone_links;

CREATE OR REPLACE TEMP TABLE concerned_roles AS
SELECT district_id, user_id, role, legacy_id
FROM shown_user_roles
SEMI JOIN concerned_users USING (district_id, user_id)
WHERE district_id IN (SELECT district_id FROM batch);

CREATE OR REPLACE TEMP TABLE identities AS
SELECT
    concerned.district_id,
    concerned.user_id,
    here.user_id IS NOT NULL AS is_here,
    coalesce(arrived.change = 'created', false) AS is_new,
    coalesce(arrived.change = 'restored', false) AS is_restored,
    coalesce(ids.has_legacy_id, false) AS has_legacy_id,
    coalesce(ids.has_kept_one, false) AS has_kept_one
FROM concerned_users AS concerned
LEFT JOIN (
    SELECT district_id, user_id
    FROM shown_users
    SEMI JOIN concerned_users USING (district_id, user_id)
    WHERE district_id IN (SELECT district_id FROM batch)
) AS here ON here.district_id = concerned.district_id AND here.user_id = concerned.user_id
LEFT JOIN (
    SELECT district_id, user_id, change
    FROM users_difference
    SEMI JOIN concerned_users USING (district_id, user_id)
    WHERE change IN ('created', 'restored')
) AS arrived ON arrived.district_id = concerned.district_id AND arrived.user_id = concerned.user_id
LEFT JOIN (
    SELECT
        roles.district_id,
        roles.user_id,
        bool_or(roles.legacy_id IS NOT NULL) AS has_legacy_id,
        bool_or(links.user_id IS NOT NULL) AS has_kept_one
    FROM concerned_roles AS roles
    LEFT JOIN (
        FROM legacy_id_crosswalk SEMI JOIN concerned_users USING (district_id, user_id) WHERE is_current
    ) AS links ON
        links.district_id = roles.district_id
        AND links.role = roles.role
        AND links.legacy_id = roles.legacy_id
        AND links.user_id = roles.user_id
    GROUP BY roles.district_id, roles.user_id
) AS ids ON ids.district_id = concerned.district_id AND ids.user_id = concerned.user_id;

CREATE OR REPLACE TEMP TABLE ended_links AS
SELECT
    gone_links.*,
    CASE
        WHEN taken.legacy_id IS NOT NULL THEN 'reassigned'
        WHEN identities.is_here THEN 'role_removed'
        ELSE 'archived'
    END AS end_reason,
    identities.is_here,
    roles.role IS NOT NULL AS keeps_role,
    roles.legacy_id AS replaced_by
FROM gone_links
JOIN identities ON identities.district_id = gone_links.district_id AND identities.user_id = gone_links.user_id
LEFT JOIN (SELECT DISTINCT district_id, role, legacy_id FROM remaining_holders) AS taken ON
    taken.district_id = gone_links.district_id
    AND taken.role = gone_links.role
    AND taken.legacy_id = gone_links.legacy_id
LEFT JOIN concerned_roles AS roles ON
    roles.district_id = gone_links.district_id AND roles.role = gone_links.role AND roles.user_id = gone_links.user_id;

-- Links that ended when a user was archived who is back now, but not with this legacy ID, and no other user has held it since.
CREATE OR REPLACE TEMP TABLE restored_users AS
SELECT district_id, user_id FROM users_difference WHERE change = 'restored';

CREATE OR REPLACE TEMP TABLE restored_links AS
SELECT links.district_id, links.role, links.legacy_id, links.user_id, links.ended_at
FROM (FROM legacy_id_crosswalk SEMI JOIN restored_users USING (district_id, user_id)) AS links
JOIN (
    SELECT district_id, user_id, valid_from AS archived_at
    FROM past.past_users
    SEMI JOIN restored_users USING (district_id, user_id)
    WHERE change = 'archived' AND valid_to IS NULL
) AS archived ON archived.district_id = links.district_id AND archived.user_id = links.user_id
ANTI JOIN begun_links ON
    begun_links.district_id = links.district_id
    AND begun_links.role = links.role
    AND begun_links.legacy_id = links.legacy_id
WHERE links.end_reason = 'archived' AND links.ended_at >= archived.archived_at AND links.source IN ('api', 'event');

DELETE FROM restored_links
USING (
    SELECT district_id, role, legacy_id, max(ended_at) AS ended_at, bool_or(is_current) AS is_current
    FROM legacy_id_crosswalk
    SEMI JOIN restored_links USING (district_id, role, legacy_id)
    WHERE source IN ('api', 'event')
    GROUP BY district_id, role, legacy_id
) AS held
WHERE
    held.district_id = restored_links.district_id
    AND held.role = restored_links.role
    AND held.legacy_id = restored_links.legacy_id
    AND (held.is_current OR held.ended_at > restored_links.ended_at);

INSERT INTO crosswalk_changes BY NAME
WITH sources AS (
    -- from how many users the legacy IDs of a receiver came
    SELECT district_id, user_id, count(DISTINCT former_user_id) AS sources
    FROM (
        SELECT district_id, user_id, former_user_id FROM received_links
        UNION ALL
        SELECT district_id, user_id, user_id FROM identities WHERE has_kept_one
    )
    GROUP BY district_id, user_id
),

targets AS (
    -- to how many users the legacy IDs of a former holder went
    SELECT district_id, former_user_id, count(DISTINCT user_id) AS targets
    FROM received_links
    GROUP BY district_id, former_user_id
),

recorded AS (
    -- overlaps that end with a user who already is the new holder in the latest row of the legacy ID
    SELECT DISTINCT latest.district_id, latest.role, latest.legacy_id
    FROM (
        SELECT district_id, role, legacy_id, to_user_id
        FROM crosswalk_changes
        SEMI JOIN remaining_holders USING (district_id, role, legacy_id)
        QUALIFY rank() OVER (PARTITION BY district_id, role, legacy_id ORDER BY observed_at DESC) = 1
    ) AS latest
    JOIN remaining_holders AS remaining ON
        remaining.district_id = latest.district_id
        AND remaining.role = latest.role
        AND remaining.legacy_id = latest.legacy_id
        AND remaining.user_id = latest.to_user_id
),

former_roles AS (
    -- roles that users had before, but not until now
    SELECT district_id, role, user_id
    FROM legacy_id_crosswalk
    SEMI JOIN begun_links USING (district_id, role, user_id)
    WHERE source IN ('api', 'event')
    GROUP BY district_id, role, user_id
    HAVING NOT bool_or(is_current)
),

changes AS (
    SELECT
        received.district_id,
        CASE
            WHEN received.former_user_id = received.user_id AND now_with.is_restored THEN 'restored'
            WHEN received.former_user_id = received.user_id THEN 'role_regained'
            WHEN is_shared THEN 'reassigned'
            WHEN NOT before_with.is_here AND sources > 1 THEN 'merged'
            WHEN NOT before_with.is_here AND targets > 1 THEN 'split'
            WHEN NOT before_with.is_here THEN 'reassigned'
            WHEN NOT now_with.is_new AND NOT now_with.is_restored THEN 'role_moved'
            WHEN before_with.has_legacy_id THEN 'split'
            ELSE 'reassigned'
        END AS change,
        role,
        legacy_id,
        received.former_user_id AS from_user_id,
        received.user_id AS to_user_id,
        NOT before_with.is_here AS from_is_gone,
        now_with.is_new AS to_is_new,
        NULL AS replaced_by
    FROM received_links AS received
    JOIN identities AS before_with ON
        before_with.district_id = received.district_id AND before_with.user_id = received.former_user_id
    JOIN identities AS now_with ON now_with.district_id = received.district_id AND now_with.user_id = received.user_id
    JOIN sources ON sources.district_id = received.district_id AND sources.user_id = received.user_id
    JOIN targets ON targets.district_id = received.district_id AND targets.former_user_id = received.former_user_id
    UNION ALL
    SELECT
        begun.district_id,
        CASE WHEN restored_users.user_id IS NOT NULL THEN 'restored' ELSE 'role_regained' END,
        begun.role,
        begun.legacy_id,
        begun.user_id,
        begun.user_id,
        false,
        false,
        NULL
    FROM (FROM begun_links ANTI JOIN received_links USING (district_id, role, legacy_id, user_id)) AS begun
    JOIN former_roles USING (district_id, role, user_id)
    LEFT JOIN restored_users ON
        restored_users.district_id = begun.district_id AND restored_users.user_id = begun.user_id
    UNION ALL
    SELECT district_id, 'restored', role, legacy_id, user_id, user_id, false, false, NULL
    FROM restored_links
    UNION ALL
    SELECT
        district_id,
        CASE
            WHEN NOT is_here THEN 'archived'
            WHEN replaced_by IS NOT NULL THEN 'legacy_id_replaced'
            WHEN keeps_role THEN 'legacy_id_removed'
            ELSE 'role_lost'
        END,
        role,
        legacy_id,
        user_id,
        NULL,
        NOT is_here,
        NULL,
        replaced_by
    FROM ended_links
    WHERE end_reason <> 'reassigned'
    UNION ALL
    SELECT
        ended.district_id,
        'reassigned',
        ended.role,
        ended.legacy_id,
        ended.user_id,
        remaining.user_id,
        NOT ended.is_here,
        false,
        NULL
    FROM (
        FROM ended_links
        ANTI JOIN begun_links USING (district_id, role, legacy_id)
        ANTI JOIN recorded USING (district_id, role, legacy_id)
    ) AS ended
    JOIN remaining_holders AS remaining ON
        remaining.district_id = ended.district_id
        AND remaining.role = ended.role
        AND remaining.legacy_id = ended.legacy_id
)

-- Sorted, so that the table is read to its end before it is written.
SELECT getvariable('observed_at') AS observed_at, *
FROM changes
ORDER BY legacy_id;

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
    least(told.first_seen_at, getvariable('seen_at')) AS first_seen_at,
    getvariable('seen_at') AS last_seen_at,
    'api' AS source
FROM changed_links
ANTI JOIN legacy_id_crosswalk USING (district_id, role, legacy_id, user_id)
-- a migration CSV may have told it in another role or district, or without
LEFT JOIN (
    SELECT legacy_id, user_id, min(first_seen_at) AS first_seen_at
    FROM legacy_id_crosswalk
    WHERE source IN ('migration_csv', 'v2.1')
    GROUP BY legacy_id, user_id
) AS told USING (legacy_id, user_id)
ORDER BY legacy_id;

