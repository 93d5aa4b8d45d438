-- Holds that a sync has settled: nothing waits where rows were brought up to date, and a newer read takes the place of an older.
UPDATE sync.holds
SET state = 'released'
WHERE
    (state = 'held' OR (state = 'approved' AND applied_at IS NULL))
    AND district_id IN (SELECT unnest(getvariable('district_ids')));

UPDATE sync.holds
SET state = 'superseded'
WHERE
    (state = 'held' OR (state = 'approved' AND applied_at IS NULL))
    AND district_id IN (SELECT unnest(getvariable('held_districts')))
    AND (district_id, digest) NOT IN (
        SELECT (district_id, digest)
        FROM (SELECT unnest(getvariable('held_districts')) AS district_id, unnest(getvariable('held_digests')) AS digest)
    );
