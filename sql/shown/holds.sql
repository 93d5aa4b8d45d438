-- The snapshots that are or were held, with what each would change.
SELECT
    district_id,
    digest,
    state || CASE WHEN applied_at IS NOT NULL THEN ' and applied' ELSE '' END,
    strftime(held_at, '%Y-%m-%d %H:%M UTC'),
    why,
    format('{} by {}: {}', strftime(decided_at, '%Y-%m-%d %H:%M UTC'), decided_by, reason),
    by_role::VARCHAR
FROM sync.holds
ORDER BY state <> 'held', sequence DESC, district_id;
