-- The districts that have a record of another shape in a list of API v2.1.
SELECT DISTINCT district_id
FROM staging.legacy_people
WHERE is_misshapen
ORDER BY ALL;
