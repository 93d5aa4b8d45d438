-- The result of one sync, one row per district.
SELECT
    runs.district_id,
    runs.outcome,
    receipts.records AS people,
    runs.added,
    runs.updated,
    runs.archived,
    runs.restored,
    districts.name,
    runs.error AS reason,
    runs.by_role::VARCHAR AS by_role
FROM sync.runs AS runs
LEFT JOIN sync.receipts AS receipts ON
    receipts.sync_id = runs.sync_id AND receipts.district_id = runs.district_id AND receipts.feed = 'users' AND receipts.complete
LEFT JOIN districts ON districts.district_id = runs.district_id
WHERE runs.sync_id = ?
ORDER BY runs.district_id;
