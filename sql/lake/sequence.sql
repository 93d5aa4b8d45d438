-- The number that a worker has given to a sync, or the next one.
SELECT coalesce(max(sequence) FILTER (sync_id = ?), coalesce(greatest(max(sequence), 0), 0) + 1) FROM sync.runs
