-- Why the role views do not verify /users: one row per district and reason, none where they do.
WITH holders AS (
    SELECT district_id, role, user_id FROM staged_user_roles
    UNION ALL
    SELECT district_id, unnest(string_split(roles, ',')), record_id FROM known_records WHERE stream = 'users' AND roles <> ''
),

-- Two lists of ids with the same number, sum and parity of digests are the same list: only others are looked through by id.
-- The parity is of MD5, because DuckDB's hash() is the same for many IDs that Clever makes one after the other.
suspects AS (
    SELECT district_id, role
    FROM (
        SELECT district_id, role, count(user_id) AS ids, sum(hash(user_id)) AS total, bit_xor(md5_number(user_id)) AS parity
        FROM holders
        GROUP BY district_id, role
    ) AS in_users
    FULL JOIN (
        SELECT district_id, role, count(user_id) AS ids, sum(hash(user_id)) AS total, bit_xor(md5_number(user_id)) AS parity
        FROM staging.role_views
        GROUP BY district_id, role
    ) AS in_view USING (district_id, role)
    WHERE (in_users.ids, in_users.total, in_users.parity) IS DISTINCT FROM (in_view.ids, in_view.total, in_view.parity)
),

views AS (
    SELECT
        district_id,
        role,
        count(*) FILTER (user_id IS NULL) AS nameless,
        count(*) FILTER (is_foreign) AS "foreign"
    FROM staging.role_views
    GROUP BY district_id, role
),

repeated_in_views AS (
    SELECT district_id, role, count(user_id) - count(DISTINCT user_id) AS repeated
    FROM staging.role_views
    SEMI JOIN suspects USING (district_id, role)
    GROUP BY district_id, role
),

disagreements AS (
    SELECT
        district_id,
        role,
        count(*) FILTER (shown.user_id IS NULL) AS only_in_users,
        count(*) FILTER (held.user_id IS NULL) AS only_in_view
    FROM (FROM holders SEMI JOIN suspects USING (district_id, role)) AS held
    FULL JOIN (FROM staging.role_views SEMI JOIN suspects USING (district_id, role)) AS shown USING (district_id, role, user_id)
    WHERE held.user_id IS NULL OR shown.user_id IS NULL
    GROUP BY district_id, role
)

SELECT district_id, format('{} of the records of the {} view have no id', nameless, role) AS reason FROM views WHERE nameless > 0
UNION ALL
SELECT district_id, format('the {} view shows {} records more than it has ids: some came twice', role, repeated)
FROM repeated_in_views
WHERE repeated > 0
UNION ALL
SELECT district_id, format('{} of the records of the {} view belong to another district', "foreign", role) FROM views WHERE "foreign" > 0
UNION ALL
SELECT
    district_id,
    format(
        '/users and the {} view disagree: {} people hold the role only in /users, {} are only in the view',
        role, only_in_users, only_in_view
    )
FROM disagreements
ORDER BY ALL;
