-- Which districts are brought up to date together.
CREATE OR REPLACE TEMP TABLE batch AS
SELECT district_id, row_number() OVER (ORDER BY district_id) AS district_number
FROM (SELECT unnest(getvariable('district_ids')) AS district_id);
