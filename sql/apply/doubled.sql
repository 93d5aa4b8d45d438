-- How many keys of $table are there twice.
SELECT count(*) FROM (SELECT $key FROM $table GROUP BY ALL HAVING count(*) > 1);
