-- Up to when each district is known: its last good sync, and whether the latest sync was one.
CREATE OR REPLACE VIEW district_freshness AS
SELECT
    districts.district_id,
    districts.connected,
    arg_max(coalesce(runs.read_at, runs.finished_at), runs.sequence) FILTER (runs.outcome IN ('applied', 'unchanged')) AS up_to_date_as_of,
    coalesce(arg_max(runs.outcome, runs.sequence) IN ('applied', 'unchanged'), false) AS is_up_to_date
FROM sync.districts AS districts
LEFT JOIN sync.runs AS runs USING (district_id)
GROUP BY districts.district_id, districts.connected;
