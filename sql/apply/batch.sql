-- Which districts are brought up to date together.
CREATE OR REPLACE TEMP TABLE batch AS
SELECT unnest(getvariable('district_ids')) AS district_id;
