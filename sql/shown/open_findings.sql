-- How many records break each rule now, by district.
SELECT "check", district_id, count(*) FROM sync.findings WHERE resolved_at IS NULL GROUP BY ALL ORDER BY ALL;
