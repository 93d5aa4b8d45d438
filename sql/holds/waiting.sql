-- The held snapshot of a district that waits for a decision and has this digest.
SELECT held_at, sync_id
FROM sync.holds
WHERE state = 'held' AND district_id = getvariable('district_id') AND digest = getvariable('digest');
