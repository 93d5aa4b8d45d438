-- What was staged of some districts is taken back, because it is read again or cannot be believed.
DELETE FROM staging.pages WHERE district_id IN (SELECT unnest(getvariable('district_ids')));
DELETE FROM staging.users WHERE district_id IN (SELECT unnest(getvariable('district_ids')));
DELETE FROM staging.known_fields WHERE district_id IN (SELECT unnest(getvariable('district_ids')));
DELETE FROM staging.leftovers WHERE district_id IN (SELECT unnest(getvariable('district_ids')));
DELETE FROM staging.role_views WHERE district_id IN (SELECT unnest(getvariable('district_ids')));
