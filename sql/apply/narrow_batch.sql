-- Only some of the compared districts are written.
DELETE FROM batch WHERE district_id NOT IN (SELECT unnest(getvariable('district_ids')));

DELETE FROM batch_streams WHERE district_id NOT IN (SELECT district_id FROM batch);
