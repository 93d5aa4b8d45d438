-- The rows of a table whose rows are dated whenever they are seen, as a lake stores them: without the date where it is the district's latest.
SELECT * REPLACE (nullif(last_seen_at, max(last_seen_at) OVER (PARTITION BY district_id)) AS last_seen_at)
FROM (SELECT $columns FROM $database.$qualified)
