-- Each rollback, or restore of a backup, that this file has seen: when, and when the restored file was published; the latest last.
SELECT rolled_back_at, restored_from
FROM sync.rollbacks
WHERE restored_from < rolled_back_at
ORDER BY rolled_back_at;
