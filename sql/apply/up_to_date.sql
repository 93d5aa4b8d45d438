-- The districts that a sync brought up to date, by the instant at which that was recorded.
SELECT finished_at, list(district_id ORDER BY district_id)
FROM sync.runs
WHERE sync_id = getvariable('sync_id') AND outcome IN (SELECT unnest(getvariable('outcomes')))
GROUP BY finished_at
ORDER BY finished_at;
