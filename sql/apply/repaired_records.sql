-- Which records of the batch had to be repaired is recorded anew with each snapshot that is applied.
DELETE FROM sync.repaired_records WHERE district_id IN (SELECT district_id FROM batch);

INSERT INTO sync.repaired_records BY NAME
SELECT unnest(getvariable('repaired_districts')) AS district_id, unnest(getvariable('repaired_users')) AS user_id;
