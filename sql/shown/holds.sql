-- Every snapshot that waits for a decision, then those that were decided, the latest first.
SELECT
    holds.district_id,
    districts.name,
    holds.digest,
    holds.state,
    holds.held_at,
    holds.why,
    holds.exceeded::VARCHAR AS exceeded,
    holds.by_role::VARCHAR AS by_role,
    holds.archived,
    holds.continuing,
    holds.students::VARCHAR AS students,
    holds.decided_at,
    holds.decided_by,
    holds.reason,
    holds.applied_at
FROM sync.holds AS holds
LEFT JOIN districts ON districts.district_id = holds.district_id
WHERE holds.state = 'held' OR holds.decided_at IS NOT NULL
ORDER BY holds.state <> 'held', holds.decided_at DESC, holds.district_id;
