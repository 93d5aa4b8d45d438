-- The counts of the districts that were counted hold from the day of this sync on; one that differs ends on the day before.
-- The last sync of a day counts: what earlier syncs of the same day began is forgotten, and what they ended goes on.
DELETE FROM sync.counts
WHERE
    first_day = (getvariable('observed_at') AT TIME ZONE 'UTC')::DATE
    AND district_id IN (SELECT district_id FROM recounted);

UPDATE sync.counts
SET last_day = NULL
WHERE
    last_day = (getvariable('observed_at') AT TIME ZONE 'UTC')::DATE - 1
    AND district_id IN (SELECT district_id FROM recounted);

UPDATE sync.counts AS kept
SET last_day = (getvariable('observed_at') AT TIME ZONE 'UTC')::DATE - 1
WHERE
    last_day IS NULL
    AND district_id IN (SELECT district_id FROM recounted)
    AND NOT EXISTS (
        SELECT 1
        FROM counted
        WHERE
            counted.district_id = kept.district_id
            AND counted.kind = kept.kind
            AND counted.school_id IS NOT DISTINCT FROM kept.school_id
            AND counted.grade IS NOT DISTINCT FROM kept.grade
            AND counted."count" = kept."count"
    );

INSERT INTO sync.counts BY NAME
SELECT
    counted.district_id,
    counted.kind,
    counted.school_id,
    counted.grade,
    (getvariable('observed_at') AT TIME ZONE 'UTC')::DATE AS first_day,
    counted."count"
FROM counted
ANTI JOIN (FROM sync.counts WHERE last_day IS NULL) AS kept ON
    counted.district_id = kept.district_id
    AND counted.kind = kept.kind
    AND counted.school_id IS NOT DISTINCT FROM kept.school_id
    AND counted.grade IS NOT DISTINCT FROM kept.grade
ORDER BY ALL;

DROP TABLE counted;
DROP TABLE recounted;
