-- A snapshot that waits for a word was read again: its newest landing is the one to keep.
UPDATE sync.holds
SET sync_id = getvariable('sync_id'), seen_at = getvariable('observed_at')
WHERE
    state IN ('held', 'rejected')
    AND district_id = getvariable('district_id')
    AND digest = getvariable('digest');
