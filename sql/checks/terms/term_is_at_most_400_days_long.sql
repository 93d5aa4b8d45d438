-- A term is at most 400 days long.
-- severity: warning
SELECT district_id, term_id AS record_id
FROM terms
WHERE end_date - start_date >= 400;
