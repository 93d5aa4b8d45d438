-- Which landings are still needed: what the last full sync has read, and the snapshots that wait for a word or for a sync.
SELECT district_id, arg_max(sync_id, sequence) AS sync_id
FROM sync.runs
WHERE mode = 'full' AND outcome IN ('applied', 'unchanged') AND district_id IN (SELECT unnest(getvariable('district_ids')))
GROUP BY district_id
UNION
SELECT district_id, sync_id
FROM sync.holds
WHERE
    (state = 'held' OR (state = 'approved' AND applied_at IS NULL))
    AND district_id IN (SELECT unnest(getvariable('district_ids')));
