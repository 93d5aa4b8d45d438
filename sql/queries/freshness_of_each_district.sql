-- How fresh is each district: as of when is its data, and how did its last sync end?
SELECT
    districts.district_id,
    districts.connected,
    arg_max(coalesce(runs.read_at, runs.finished_at), runs.sequence) FILTER (runs.outcome IN ('applied', 'unchanged')) AS up_to_date_as_of,
    arg_max(runs.started_at, runs.sequence) FILTER (runs.outcome = 'applied') AS last_changed_at,
    arg_max(runs.started_at, runs.sequence) AS last_sync_at,
    arg_max(runs.outcome, runs.sequence) AS last_outcome,
    nullif(arg_max(coalesce(runs.error, ''), runs.sequence), '') AS last_error
FROM sync.districts AS districts
LEFT JOIN sync.runs AS runs USING (district_id)
GROUP BY districts.district_id, districts.connected
ORDER BY up_to_date_as_of NULLS FIRST, districts.district_id;
