-- Who the IDs in a column of a table of yours lead to, one row per ID: FROM resolve_legacy_ids('my_table', 'clever_id').
-- The IDs may be legacy or v3 IDs. The table may be in any attached database: 'memory.main.my_table'.
-- status is current, inherited, ambiguous, gone, unconfirmed, newer, never_seen or not_an_id; reason says more, as of now.
CREATE OR REPLACE MACRO resolve_legacy_ids(table_name, column_name) AS TABLE
WITH asked AS (
    FROM (
        SELECT asked_id, clean_id(asked_id) AS legacy_id
        FROM (SELECT DISTINCT COLUMNS([column_name])::VARCHAR AS asked_id FROM query_table(table_name))
    )
    WHERE legacy_id <> ''
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
    WHERE status IS NULL
),

districts AS (
    SELECT
        max(up_to_date_as_of) AS latest_sync,
        min(up_to_date_as_of) FILTER (connected) AS earliest_sync,
        bool_or(connected AND NOT is_up_to_date AND up_to_date_as_of IS NOT NULL) AS is_late
    FROM district_freshness
),

explained AS (
    SELECT
        unknown.asked_id,
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
        END AS reason
    FROM unknown
    LEFT JOIN held_legacy_ids AS held USING (legacy_id)
    CROSS JOIN districts
    UNION ALL
    -- IDs of users in Clever who no longer have them, by the roles that the users have now
    SELECT
        asked_id,
        NULL,
        CASE
            WHEN count(roles.legacy_id) > 0 THEN 'legacy_id_replaced'
            WHEN count(roles.user_id) > 0 THEN 'legacy_id_removed'
            ELSE 'role_removed'
        END
    FROM (FROM answers WHERE status = 'current' AND since IS NOT NULL) AS former
    LEFT JOIN user_roles AS roles ON roles.user_id = former.user_id AND roles.role = former.role
    GROUP BY asked_id
)

SELECT
    asked_id,
    answers.legacy_id,
    answers.user_id,
    answers.role,
    answers.district_id,
    CASE
        WHEN answers.status IS NOT NULL THEN answers.status
        WHEN explained.reason = 'malformed' THEN 'not_an_id'
        WHEN explained.reason IN ('held', 'rejected', 'made_after_the_last_sync', 'not_up_to_date') THEN 'newer'
        ELSE 'never_seen'
    END AS status,
    answers.since,
    CASE
        WHEN explained.reason IS NOT NULL THEN explained.reason
        -- of students, who kept their IDs, it is a legacy ID, too
        WHEN answers.status = 'current' AND answers.legacy_id = answers.user_id THEN 'is_a_v3_id'
        WHEN answers.status = 'current' THEN NULL
        WHEN answers.status = 'unconfirmed' THEN answers.source
        WHEN answers.status = 'ambiguous' AND answers.source NOT IN ('api', 'event') THEN 'told_differently'
        WHEN answers.status = 'ambiguous' AND answers.is_living THEN 'several_current_users'
        WHEN answers.status = 'ambiguous' THEN 'several_last_users'
        WHEN answers.status = 'gone' THEN 'archived'
        WHEN answers.is_legacy_id THEN 'through_gone_users'
        ELSE 'former_v3_id'
    END AS reason,
    coalesce(answers.user_ids, explained.user_ids) AS user_ids
FROM answers
LEFT JOIN explained USING (asked_id);
