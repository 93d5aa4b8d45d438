-- The names of districts, by ID.
SELECT district_id, name FROM districts WHERE name IS NOT NULL ORDER BY district_id;
