-- How fresh is each district: as of when is its data, and what came of its last sync?
SELECT
    districts.district_id,
    districts.connected,
    max(runs.started_at) FILTER (runs.outcome IN ('applied', 'unchanged')) AS up_to_date_as_of,
    max(runs.started_at) FILTER (runs.outcome = 'applied') AS last_changed_at,
    max(runs.started_at) AS last_sync_at,
    arg_max(runs.outcome, runs.started_at) AS last_outcome,
    nullif(arg_max(coalesce(runs.error, ''), runs.started_at), '') AS last_error
FROM sync.districts AS districts
LEFT JOIN sync.runs AS runs USING (district_id)
GROUP BY districts.district_id, districts.connected
ORDER BY up_to_date_as_of NULLS FIRST, districts.district_id;
