-- Only some of the compared districts are written: the differences of the others are set aside.
DELETE FROM batch WHERE district_id NOT IN (SELECT unnest(getvariable('district_ids')));
DELETE FROM users_difference WHERE district_id NOT IN (SELECT district_id FROM batch);
DELETE FROM user_roles_difference WHERE district_id NOT IN (SELECT district_id FROM batch);
