-- What the syncs and approvals since an instant (?) changed, by role, record type, and table of memberships, over all districts.
SELECT
    found.key AS what,
    sum((found.value -> 'added')::BIGINT)::BIGINT AS added,
    sum((found.value -> 'updated')::BIGINT)::BIGINT AS updated,
    sum((found.value -> 'archived')::BIGINT)::BIGINT AS archived,
    sum((found.value -> 'restored')::BIGINT)::BIGINT AS restored
FROM sync.runs AS runs, json_each(runs.by_role) AS found
WHERE runs.outcome = 'applied' AND runs.finished_at >= ?
GROUP BY what;
