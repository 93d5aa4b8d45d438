-- A snapshot that waits for a decision, or was rejected, was read again: its newest landing is the one to keep.
UPDATE sync.holds
SET
    sync_id = getvariable('sync_id'),
    seen_at = getvariable('observed_at'),
    -- one that was rejected may exceed none of the limits of now
    why = coalesce(nullif(getvariable('why'), ''), why),
    exceeded = coalesce(nullif(getvariable('exceeded'), '[]')::JSON, exceeded)
WHERE
    state IN ('held', 'rejected')
    AND district_id = getvariable('district_id')
    AND digest = getvariable('digest');
