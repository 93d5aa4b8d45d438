-- How fresh is each district: as of when is its data, how did its last sync end, and how fresh is Clever's own data of it?
SELECT
    freshness.district_id,
    freshness.connected,
    freshness.up_to_date_as_of,
    freshness.name,
    freshness.freshness,
    freshness.reason,
    freshness.sis_synced_at,
    freshness.paused_until,
    syncs.last_changed_at,
    syncs.last_sync_at,
    syncs.last_outcome,
    syncs.last_error
FROM district_freshness AS freshness
LEFT JOIN (
    SELECT
        district_id,
        arg_max(started_at, sequence) FILTER (outcome = 'applied') AS last_changed_at,
        arg_max(started_at, sequence) AS last_sync_at,
        arg_max(outcome, sequence) AS last_outcome,
        nullif(arg_max(coalesce(error, ''), sequence), '') AS last_error
    FROM sync.runs
    GROUP BY district_id
) AS syncs USING (district_id)
ORDER BY freshness.up_to_date_as_of NULLS FIRST, freshness.district_id;
