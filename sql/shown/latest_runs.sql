-- How the latest sync of each connected district ended, or the approval after it.
SELECT
    runs.district_id,
    arg_max(runs.outcome, runs.sequence),
    -- Both may be NULL, which arg_max skips.
    arg_max([runs.error], runs.sequence)[1],
    coalesce(arg_max([runs.unverified], runs.sequence)[1], [])
FROM sync.runs AS runs
JOIN sync.districts AS districts USING (district_id)
WHERE districts.connected
GROUP BY runs.district_id
ORDER BY runs.district_id;
