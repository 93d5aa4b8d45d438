-- The latest sync in a file, whichever version wrote it.
SELECT sync_id, finished_at
FROM sync.runs
ORDER BY finished_at DESC, sync_id
LIMIT 1;
