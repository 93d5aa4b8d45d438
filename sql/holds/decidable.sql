-- The snapshots that can be decided, with the sync that read each last, and when Clever showed it then: those that wait, and those that
-- were rejected while Clever has returned nothing else since.
WITH latest AS (
    SELECT district_id, arg_max(sync_id, sequence) AS sync_id
    FROM sync.runs
    WHERE outcome NOT IN ('failed', 'disconnected')
    GROUP BY district_id
)

SELECT holds.district_id, holds.digest, holds.state, holds.held_at, holds.sync_id, coalesce(runs.read_at, holds.seen_at)
FROM sync.holds AS holds
LEFT JOIN sync.runs AS runs USING (sync_id, district_id)
LEFT JOIN latest USING (district_id)
WHERE holds.state = 'held' OR (holds.state = 'rejected' AND holds.sync_id = latest.sync_id)
ORDER BY holds.district_id, holds.digest;
