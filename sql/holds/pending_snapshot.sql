-- The held snapshot of a district that waits for a decision and has this digest, and when Clever showed it last.
SELECT holds.sync_id, coalesce(runs.read_at, holds.seen_at)
FROM sync.holds AS holds
LEFT JOIN sync.runs AS runs USING (sync_id, district_id)
WHERE holds.state = 'held' AND holds.district_id = getvariable('district_id') AND holds.digest = getvariable('digest');
