-- A term does not end before it starts.
-- severity: warning
SELECT district_id, term_id AS record_id
FROM terms
WHERE end_date < start_date;
