-- The living heir of each of connected_ids: followed from the users who hold the ID, or held it last, to users who are not gone.
CREATE OR REPLACE TEMP TABLE heirs_of_connected_ids AS
WITH RECURSIVE links AS MATERIALIZED (
    SELECT legacy_id, user_id, role, district_id, is_current, last_seen_at, ended_at, source, source IN ('api', 'event') AS is_shown
    FROM legacy_id_crosswalk
    SEMI JOIN connected_ids ON connected_ids.id = legacy_id
    WHERE source <> 'held'
),

people AS MATERIALIZED (
    SELECT user_id FROM links
    UNION
    SELECT id FROM connected_ids
),

living AS MATERIALIZED (
    SELECT user_id, district_id FROM users SEMI JOIN people USING (user_id)
),

gone AS MATERIALIZED (
    SELECT user_id, district_id, valid_from AS since
    FROM past.past_users
    SEMI JOIN people USING (user_id)
    ANTI JOIN living USING (user_id)
    WHERE change = 'archived' AND valid_to IS NULL
),

-- Districts are synced in any order, so the later end decides only within one; another district counts until this one has shown the
-- ID after its end there.
last_links AS (
    FROM links
    WHERE is_shown
    QUALIFY
        is_current
        OR (
            NOT bool_or(is_current) OVER (PARTITION BY legacy_id)
            AND ended_at = max(ended_at) OVER (PARTITION BY legacy_id, district_id)
        )
),

holders AS MATERIALIZED (
    FROM last_links
    QUALIFY is_current OR ended_at >= max(last_seen_at) OVER (PARTITION BY legacy_id)
),

-- From a user who is gone, along each legacy ID that the user held when last seen, to whoever holds it or held it last.
steps AS MATERIALIZED (
    SELECT DISTINCT links.user_id, holders.user_id AS next
    FROM links
    JOIN gone ON gone.user_id = links.user_id AND gone.district_id = links.district_id AND gone.since = links.ended_at
    JOIN holders ON holders.legacy_id = links.legacy_id
    WHERE links.is_shown AND holders.user_id <> links.user_id
),

reach AS (
    FROM steps
    UNION
    SELECT reach.user_id, steps.next
    FROM reach
    JOIN steps ON steps.user_id = reach.next
),

-- Users who are gone and behind whom nobody follows, but such as lead back to them.
last_users AS (
    SELECT user_id
    FROM gone
    ANTI JOIN (
        SELECT reach.user_id
        FROM reach
        ANTI JOIN reach AS back ON back.user_id = reach.next AND back.next = reach.user_id
    ) AS followed USING (user_id)
),

heirs AS (
    SELECT user_id, user_id AS heir, true AS is_living FROM living
    UNION
    SELECT reach.user_id, living.user_id, true FROM reach JOIN living ON living.user_id = reach.next
    UNION
    SELECT user_id, user_id, false FROM last_users
    UNION
    SELECT reach.user_id, last_users.user_id, false FROM reach JOIN last_users ON last_users.user_id = reach.next
),

-- Who holds an ID now; else who held it last; else what only a migration CSV or API v2.1 tells.
held AS (
    SELECT legacy_id AS id, user_id, role, district_id, ended_at AS since, is_current, CASE WHEN is_current THEN 1 ELSE 2 END AS rank, 'api' AS source
    FROM holders
    UNION ALL
    SELECT user_id, user_id, NULL, district_id, NULL, false, 1, 'api' FROM living SEMI JOIN connected_ids ON connected_ids.id = user_id
    UNION ALL
    SELECT user_id, user_id, NULL, district_id, since, false, 2, 'api' FROM gone SEMI JOIN connected_ids ON connected_ids.id = user_id
    UNION ALL
    SELECT legacy_id, user_id, role, district_id, NULL, false, 3, source FROM links WHERE NOT is_shown
    UNION ALL
    SELECT user_id, user_id, NULL, district_id, NULL, false, 3, source FROM links WHERE NOT is_shown
),

led AS (
    SELECT
        held.*,
        coalesce(heirs.heir, held.user_id) AS heir,
        coalesce(heirs.is_living, false) AS is_living,
        living.district_id AS district_of_heir
    FROM (FROM held QUALIFY rank = min(rank) OVER (PARTITION BY id)) AS held
    LEFT JOIN heirs ON heirs.user_id = held.user_id
    LEFT JOIN living ON living.user_id = heirs.heir
),

-- Where one leads to somebody who is here, those who are gone do not count.
counted AS MATERIALIZED (
    FROM led QUALIFY is_living = bool_or(is_living) OVER (PARTITION BY id)
),

found AS MATERIALIZED (
    SELECT
        id,
        min(heir) AS first_heir,
        max(heir) AS last_heir,
        bool_or(is_living) AS is_living,
        bool_or(heir = user_id) AS is_direct,
        min(role) AS role,
        coalesce(
            min(district_id) FILTER (district_id = district_of_heir),
            min(district_of_heir),
            min(district_id)
        ) AS district_id,
        max(since) AS since,
        min(source) AS source,
        min(rank) AS rank,
        bool_or(is_current) AS has_current_link
    FROM counted
    GROUP BY id
),

several AS (
    SELECT id, list_sort(list(DISTINCT heir)) AS user_ids
    FROM counted
    SEMI JOIN (FROM found WHERE first_heir <> last_heir) AS ambiguous USING (id)
    GROUP BY id
)

SELECT
    id,
    CASE
        WHEN first_heir <> last_heir THEN 'ambiguous'
        WHEN rank = 3 THEN 'unconfirmed'
        WHEN NOT is_living THEN 'gone'
        WHEN is_direct THEN 'current'
        ELSE 'inherited'
    END AS status,
    CASE WHEN first_heir = last_heir THEN first_heir END AS user_id,
    several.user_ids,
    is_living,
    role,
    district_id,
    since,
    source,
    id IN (SELECT legacy_id FROM links) AS is_legacy_id,
    has_current_link
FROM found
LEFT JOIN several USING (id)
LEFT JOIN (SELECT legacy_id, count(*) AS current_links FROM links WHERE is_current GROUP BY legacy_id) AS shown ON shown.legacy_id = id
-- The only current link of an ID answers for itself.
WHERE shown.current_links IS DISTINCT FROM 1 OR first_heir <> last_heir;
