-- The snapshots that were approved or rejected, the latest first.
SELECT
    district_id,
    digest,
    CASE
        WHEN applied_at IS NOT NULL THEN 'approved and applied'
        WHEN state = 'rejected' THEN 'rejected'
        WHEN state = 'approved' THEN 'approved; the next sync that reads it applies it'
        ELSE 'approved, but not applied: a later sync read something else'
    END,
    why,
    format('{} by {}: {}', strftime(decided_at, '%Y-%m-%d %H:%M UTC'), decided_by, reason),
    by_role::VARCHAR,
    archived,
    continuing
FROM sync.holds
WHERE decided_at IS NOT NULL
ORDER BY decided_at DESC, district_id;
