-- Why the latest sync of some districts (?) failed, and when it ended.
SELECT district_id, left(arg_max(error, sequence), 600) AS error, arg_max(finished_at, sequence) AS finished_at
FROM sync.runs
WHERE list_contains(?, district_id)
GROUP BY district_id;
