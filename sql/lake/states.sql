-- The states of a lake that a whole sync or decision left and that can still be read, newest first.
SELECT max(snapshot_id) AS snapshot, max(snapshot_time) AS committed_at, commit_message
FROM warehouse.snapshots()
WHERE author = 'clever-warehouse'
GROUP BY commit_message
ORDER BY snapshot DESC
