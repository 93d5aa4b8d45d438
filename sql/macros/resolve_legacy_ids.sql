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
    WHERE source <> 'held' AND legacy_id IN (SELECT legacy_id FROM asked)
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
    SELECT least(arg_max(coalesce(read_at, finished_at), sequence), now()) AS latest FROM sync.runs WHERE outcome IN ('applied', 'unchanged')
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
