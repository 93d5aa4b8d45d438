-- Who the IDs in a column of a table of yours lead to, one row per ID: FROM resolve_legacy_ids('my_table', 'clever_id').
-- The IDs may be legacy or v3 IDs. The table may be in any attached database: 'memory.main.my_table'.
-- status is current, inherited, ambiguous, gone, unconfirmed, newer, never_seen or not_an_id; reason says more, as of now.
CREATE OR REPLACE MACRO resolve_legacy_ids(table_name, column_name) AS TABLE
WITH asked AS (
    SELECT asked_id, clean_id(asked_id) AS legacy_id
    FROM (SELECT DISTINCT COLUMNS([column_name])::VARCHAR AS asked_id FROM query_table(table_name))
    WHERE clean_id(asked_id) <> ''
),

answers AS MATERIALIZED (
    SELECT asked.*, heirs.* EXCLUDE (id)
    FROM asked
    LEFT JOIN ($heir_of_every_id) AS heirs ON heirs.id = asked.legacy_id
),

-- roles that the users of IDs without a current link have now
roles_now AS (
    SELECT DISTINCT user_id, role, legacy_id FROM user_roles
    WHERE user_id IN (SELECT user_id FROM answers WHERE status = 'current' AND since IS NOT NULL)
),

unknown AS (
    SELECT
        asked_id,
        CASE
            WHEN regexp_full_match(legacy_id, '[0-9a-f]{24}') THEN to_timestamp(try_cast('0x' || legacy_id[:8] AS BIGINT))
        END AS made_at,
        held.user_ids AS held_user_ids,
        held.is_rejected,
        legacy_id IN (SELECT legacy_id FROM sync.unexplained_legacy_ids WHERE resolved_at IS NULL) AS is_in_v21
    FROM answers
    LEFT JOIN sync.held_links AS held USING (legacy_id)
    WHERE status IS NULL
),

districts AS (
    SELECT
        max(up_to_date_as_of) AS latest_sync,
        min(up_to_date_as_of) FILTER (connected) AS earliest_sync,
        bool_or(connected AND NOT is_up_to_date AND up_to_date_as_of IS NOT NULL) AS is_late
    FROM sync.freshness
),

explained AS (
    SELECT
        asked_id,
        held_user_ids,
        CASE
            WHEN made_at IS NULL THEN 'malformed'
            WHEN held_user_ids IS NOT NULL AND is_rejected THEN 'rejected'
            WHEN held_user_ids IS NOT NULL THEN 'held'
            WHEN is_in_v21 THEN 'only_in_v2.1'
            WHEN latest_sync IS NULL THEN 'nothing_synced'
            WHEN made_at > least(earliest_sync, now()) THEN 'made_after_the_last_sync'
            WHEN is_late THEN 'not_up_to_date'
            ELSE 'never_seen'
        END AS reason
    FROM unknown
    CROSS JOIN districts
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
        WHEN answers.status = 'unconfirmed' THEN answers.source
        WHEN answers.status = 'ambiguous' AND answers.source NOT IN ('api', 'event') THEN 'told_differently'
        WHEN answers.status = 'ambiguous' AND answers.is_living THEN 'several_current_users'
        WHEN answers.status = 'ambiguous' THEN 'several_last_users'
        WHEN answers.status = 'gone' THEN 'archived'
        WHEN answers.status = 'inherited' AND NOT answers.is_legacy_id THEN 'former_v3_id'
        WHEN answers.status = 'inherited' THEN 'through_gone_users'
        WHEN NOT answers.is_legacy_id THEN 'is_a_v3_id'
        WHEN answers.since IS NULL THEN NULL
        WHEN EXISTS (FROM roles_now WHERE roles_now.user_id = answers.user_id AND roles_now.role = answers.role AND roles_now.legacy_id IS NOT NULL)
            THEN 'legacy_id_replaced'
        WHEN EXISTS (FROM roles_now WHERE roles_now.user_id = answers.user_id AND roles_now.role = answers.role) THEN 'legacy_id_removed'
        ELSE 'role_removed'
    END AS reason,
    coalesce(answers.user_ids, explained.held_user_ids) AS user_ids
FROM answers
LEFT JOIN explained USING (asked_id);
