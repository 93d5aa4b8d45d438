-- The rows of a table of yours that are one person with other rows, with its columns: FROM account_merge_list('accounts', 'clever_id').
-- Per person (user_id) the account to keep is step 1; the others are merged into it. First comes the person's own v3 ID, then current
-- legacy IDs, then former ones, those that were in use last first.
CREATE OR REPLACE MACRO account_merge_list(table_name, column_name) AS TABLE
SELECT
    clever_warehouse_account.*,
    user_id,
    status,
    row_number() OVER person AS step,
    CASE WHEN row_number() OVER person = 1 THEN 'keep' ELSE 'merge' END AS action
FROM (
    SELECT asked.*, heirs.user_id, heirs.status, heirs.since
    FROM (
        SELECT clever_warehouse_account, clean_id(COLUMNS([column_name])::VARCHAR) AS legacy_id
        FROM query_table(table_name) AS clever_warehouse_account
    ) AS asked
    JOIN clever_warehouse_living_heirs AS heirs ON heirs.id = asked.legacy_id
    WHERE heirs.user_id IS NOT NULL
    QUALIFY count(*) OVER (PARTITION BY heirs.user_id) > 1
)
WINDOW person AS (
    PARTITION BY user_id
    ORDER BY
        legacy_id = user_id DESC,
        (status = 'current' AND since IS NULL) DESC,
        coalesce(since, TIMESTAMPTZ '1970-01-01 00:00:00+00') DESC,
        legacy_id,
        clever_warehouse_account
)
ORDER BY user_id, step;
