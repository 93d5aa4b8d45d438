-- The IDs in a column of a table of yours that are one person with others: FROM account_merge_list('my_accounts', 'clever_id').
-- Per person (user_id) the account to keep is step 1; the others are merged into it in the order of their steps. The first is the
-- one with the person's own v3 ID, else with a current legacy ID, else with the ID that was in use last.
CREATE OR REPLACE MACRO account_merge_list(table_name, column_name) AS TABLE
SELECT
    user_id,
    row_number() OVER person AS step,
    CASE WHEN row_number() OVER person = 1 THEN 'keep' ELSE 'merge' END AS action,
    asked_id,
    legacy_id AS id,
    status
FROM (
    SELECT asked.*, heirs.user_id, heirs.status, heirs.since
    FROM (
        SELECT asked_id, clean_id(asked_id) AS legacy_id
        FROM (SELECT DISTINCT COLUMNS([column_name])::VARCHAR AS asked_id FROM query_table(table_name))
    ) AS asked
    JOIN clever_warehouse_living_heirs AS heirs ON heirs.id = asked.legacy_id
    WHERE heirs.user_id IS NOT NULL
    QUALIFY count(*) OVER (PARTITION BY heirs.user_id) > 1
)
WINDOW person AS (
    PARTITION BY user_id
    ORDER BY
        (status = 'current' AND legacy_id = user_id) DESC,
        (status = 'current' AND since IS NULL) DESC,
        coalesce(since, TIMESTAMPTZ '1970-01-01 00:00:00+00') DESC,
        asked_id
)
ORDER BY user_id, step;
