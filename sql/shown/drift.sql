-- What differs from Clever's specs, or from what was, and how many records of each district have it.
SELECT kind || ' ' || path, district_id, coalesce(records, 0)
FROM sync.drift
WHERE is_present OR kind = 'field_withdrawn'
ORDER BY ALL;
