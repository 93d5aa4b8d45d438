-- When the first sync that brought rows ended, by district.
SELECT district_id, min(finished_at)
FROM sync.runs
WHERE outcome = 'applied'
GROUP BY district_id
ORDER BY district_id;
