-- Who the IDs in a column of a table of yours lead to, one row per ID: FROM resolve_legacy_ids('my_table', 'clever_id').
-- The IDs may be legacy or v3 IDs. The table may be in any attached database: 'memory.main.my_table'.
-- status is current, inherited, ambiguous, gone, unconfirmed, newer, never_seen or not_an_id; reason says more, as of now.
CREATE OR REPLACE MACRO resolve_legacy_ids(table_name, column_name) AS TABLE
WITH asked AS (
    SELECT asked_id, clean_id(asked_id) AS legacy_id
    FROM (SELECT DISTINCT COLUMNS([column_name])::VARCHAR AS asked_id FROM query_table(table_name))
),

answers AS MATERIALIZED (
    SELECT asked.*, heirs.* EXCLUDE (id)
    FROM asked
    LEFT JOIN clever_warehouse_living_heirs AS heirs ON heirs.id = asked.legacy_id
),

-- IDs that no link or user explains
unknown AS (
    SELECT
        asked_id,
        legacy_id,
        CASE
            WHEN regexp_full_match(legacy_id, '[0-9a-f]{24}') THEN to_timestamp(try_cast('0x' || legacy_id[:8] AS BIGINT))
        END AS made_at
    FROM answers
    WHERE status IS NULL AND legacy_id <> ''
),

districts AS (
    SELECT
        max(up_to_date_as_of) AS latest_sync,
        min(up_to_date_as_of) FILTER (connected) AS earliest_sync,
        bool_or(connected AND NOT is_up_to_date AND up_to_date_as_of IS NOT NULL) AS is_late
    FROM district_freshness
),

former AS (
    FROM answers
    WHERE status = 'current' AND since IS NOT NULL
),

answered AS (
    SELECT *, NULL AS told_reason
    FROM answers
    WHERE status IS NOT NULL AND (status <> 'current' OR since IS NULL)
    UNION ALL BY NAME
    -- IDs of users in Clever who no longer have them, by the roles that the users have now
    SELECT
        former.*,
        CASE
            WHEN roles.has_legacy_id THEN 'legacy_id_replaced'
            WHEN roles.user_id IS NOT NULL THEN 'legacy_id_removed'
            ELSE 'role_removed'
        END AS told_reason
    FROM former
    LEFT JOIN (
        SELECT user_id, role, bool_or(legacy_id IS NOT NULL) AS has_legacy_id
        FROM user_roles
        SEMI JOIN former USING (user_id)
        GROUP BY user_id, role
    ) AS roles ON roles.user_id = former.user_id AND roles.role = former.role
    UNION ALL BY NAME
    SELECT
        unknown.asked_id,
        unknown.legacy_id,
        held.user_ids,
        CASE
            WHEN unknown.made_at IS NULL THEN 'malformed'
            WHEN held.is_rejected THEN 'rejected'
            WHEN held.legacy_id IS NOT NULL THEN 'held'
            WHEN unknown.legacy_id IN (SELECT legacy_id FROM sync.unexplained_legacy_ids WHERE resolved_at IS NULL) THEN 'only_in_v2.1'
            WHEN districts.latest_sync IS NULL THEN 'nothing_synced'
            WHEN unknown.made_at > least(districts.earliest_sync, now()) THEN 'made_after_the_last_sync'
            WHEN districts.is_late THEN 'not_up_to_date'
            ELSE 'never_seen'
        END AS told_reason
    FROM unknown
    LEFT JOIN held_legacy_ids AS held USING (legacy_id)
    CROSS JOIN districts
)

SELECT
    asked_id,
    legacy_id,
    user_id,
    role,
    district_id,
    CASE
        WHEN status IS NOT NULL THEN status
        WHEN told_reason = 'malformed' THEN 'not_an_id'
        WHEN told_reason IN ('held', 'rejected', 'made_after_the_last_sync', 'not_up_to_date') THEN 'newer'
        ELSE 'never_seen'
    END AS status,
    since,
    CASE
        WHEN told_reason IS NOT NULL THEN told_reason
        -- of students, who kept their IDs, it is a legacy ID, too
        WHEN status = 'current' AND legacy_id = user_id THEN 'is_a_v3_id'
        WHEN status = 'current' THEN NULL
        WHEN status = 'unconfirmed' THEN source
        WHEN status = 'ambiguous' AND source NOT IN ('api', 'event') THEN 'told_differently'
        WHEN status = 'ambiguous' AND is_living THEN 'several_current_users'
        WHEN status = 'ambiguous' THEN 'several_last_users'
        WHEN status = 'gone' THEN 'archived'
        WHEN is_legacy_id THEN 'through_gone_users'
        ELSE 'former_v3_id'
    END AS reason,
    user_ids
FROM answered;
