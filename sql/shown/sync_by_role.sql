-- What one sync found among the holders of each role, over all districts that are up to date.
SELECT
    found.key AS role,
    sum((found.value -> 'before')::BIGINT)::BIGINT AS before,
    sum((found.value -> 'added')::BIGINT)::BIGINT AS added,
    sum((found.value -> 'updated')::BIGINT)::BIGINT AS updated,
    sum((found.value -> 'archived')::BIGINT)::BIGINT AS archived,
    sum((found.value -> 'restored')::BIGINT)::BIGINT AS restored,
    sum((found.value -> 'unchanged')::BIGINT)::BIGINT AS unchanged
FROM sync.runs AS runs, json_each(runs.by_role) AS found
WHERE runs.sync_id = ? AND runs.outcome IN ('applied', 'unchanged')
GROUP BY role
ORDER BY role;
