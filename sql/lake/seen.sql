-- The latest date of each district in such a table.
SELECT '$relation' AS relation, district_id, max(last_seen_at) AS last_seen_at FROM $database.$qualified GROUP BY district_id
