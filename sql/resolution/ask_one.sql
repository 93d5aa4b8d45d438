-- A list of one id.
INSERT INTO asked BY NAME SELECT 1 AS line, clean_id(getvariable('legacy_id')) AS id;
