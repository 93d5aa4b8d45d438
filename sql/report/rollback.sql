-- The latest rollback since an instant (?), if there was one.
SELECT rolled_back_at, restored_from
FROM sync.rollbacks
WHERE rolled_back_at >= ?
ORDER BY rolled_back_at DESC
LIMIT 1;
