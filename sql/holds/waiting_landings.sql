-- Which landings the snapshots need that wait for a decision or for a sync.
SELECT DISTINCT district_id, sync_id
FROM sync.holds
WHERE
    (state = 'held' OR (state = 'approved' AND applied_at IS NULL))
    AND district_id IN (SELECT unnest(getvariable('district_ids')));
