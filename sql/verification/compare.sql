-- What the crosswalk says to each id that API v2.1 lists in the districts that can be believed.
CREATE OR REPLACE TEMP TABLE compared_ids AS
WITH people AS (
    SELECT * FROM staging.legacy_people WHERE district_id IN (SELECT unnest(getvariable('district_ids')))
),

links AS (
    SELECT
        legacy_id,
        role,
        district_id,
        user_id,
        is_current,
        {'is_current': is_current, 'is_shown': source IN ('api', 'event'), 'last_seen_at': last_seen_at, 'user_id': user_id} AS weight
    FROM legacy_id_crosswalk
    WHERE source NOT IN ('v2.1', 'held') AND legacy_id IN (SELECT legacy_id FROM people)
),

explained AS (
    SELECT
        people.role,
        people.legacy_id,
        people.district_id,
        arg_max(links.user_id, weight) AS user_id,
        bool_or(links.is_current) AS is_current,
        count(DISTINCT links.user_id) FILTER (links.is_current) AS holders
    FROM people
    JOIN links ON
        links.legacy_id = people.legacy_id
        AND links.role IN (people.role, 'unknown')
        AND links.district_id IN (people.district_id, 'unknown')
    GROUP BY ALL
),

elsewhere AS (
    SELECT DISTINCT legacy_id FROM links
),

-- What might tell who somebody is: an e-mail or sis_id that one person only has, in the district and role.
by_email AS (
    SELECT user_roles.district_id, user_roles.role, lower(trim(users.email)) AS email, any_value(users.user_id) AS user_id
    FROM user_roles
    JOIN users USING (district_id, user_id)
    WHERE users.email IS NOT NULL AND user_roles.district_id IN (SELECT district_id FROM people)
    GROUP BY ALL
    HAVING count(*) = 1
),

by_sis_id AS (
    SELECT district_id, role, sis_id, any_value(user_id) AS user_id
    FROM user_roles
    WHERE sis_id IS NOT NULL AND district_id IN (SELECT district_id FROM people)
    GROUP BY ALL
    HAVING count(*) = 1
),

listed_once AS (
    SELECT
        *,
        CASE WHEN count(*) OVER (PARTITION BY district_id, role, email) = 1 THEN email END AS own_email,
        CASE WHEN count(*) OVER (PARTITION BY district_id, role, sis_id) = 1 THEN sis_id END AS own_sis_id
    FROM people
),

latest AS (
    SELECT district_id, least(arg_max(coalesce(read_at, finished_at), sequence), now()) AS finished_at
    FROM sync.runs
    WHERE outcome IN ('applied', 'unchanged')
    GROUP BY district_id
)

SELECT
    people.district_id,
    people.role,
    people.legacy_id,
    explained.user_id,
    coalesce(explained.holders <= 1, false) AS is_explained,
    coalesce(explained.is_current, false) AS is_current,
    people.email <> lower(trim(users.email)) AS email_differs,
    people.sis_id <> user_roles.sis_id AS sis_id_differs,
    CASE
        WHEN explained.holders > 1 THEN 'leads to several current users'
        WHEN explained.legacy_id IS NOT NULL THEN NULL
        WHEN elsewhere.legacy_id IS NOT NULL THEN 'known in another role or district'
        WHEN latest.finished_at IS NULL THEN 'the district has not been synced'
        WHEN to_timestamp(try_cast('0x' || people.legacy_id[:8] AS BIGINT)) > latest.finished_at THEN 'made after the last sync'
        ELSE 'the last sync saw nobody with it'
    END AS why,
    CASE WHEN explained.legacy_id IS NULL THEN by_sis_id.user_id END AS suggested_by_sis_id,
    CASE WHEN explained.legacy_id IS NULL THEN by_email.user_id END AS suggested_by_email
FROM listed_once AS people
LEFT JOIN explained USING (district_id, role, legacy_id)
LEFT JOIN elsewhere ON elsewhere.legacy_id = people.legacy_id
LEFT JOIN latest ON latest.district_id = people.district_id
LEFT JOIN users ON users.district_id = people.district_id AND users.user_id = explained.user_id
LEFT JOIN user_roles ON
    user_roles.district_id = people.district_id AND user_roles.user_id = explained.user_id AND user_roles.role = people.role
LEFT JOIN by_email ON
    by_email.district_id = people.district_id AND by_email.role = people.role AND by_email.email = people.own_email
LEFT JOIN by_sis_id ON
    by_sis_id.district_id = people.district_id AND by_sis_id.role = people.role AND by_sis_id.sis_id = people.own_sis_id;
