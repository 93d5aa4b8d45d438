-- Only some of the compared districts are written: the differences of the others in $table are set aside.
DELETE FROM ${table}_difference WHERE district_id NOT IN (SELECT district_id FROM batch);
