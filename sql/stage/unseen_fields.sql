-- Which known fields not every one of the districts has shown yet: only these are looked for, because telling of each record which
-- of all fields it has would cost as much as reading it.
CREATE OR REPLACE TEMP TABLE unseen_fields AS
FROM known_fields
ANTI JOIN (
    SELECT path
    FROM staging.known_fields
    WHERE district_id IN (SELECT unnest(getvariable('district_ids')))
    GROUP BY path
    HAVING count(*) = len(getvariable('district_ids'))
) AS seen USING (path);

SET VARIABLE unseen_paths = (SELECT coalesce(list(path ORDER BY path), []) FROM unseen_fields);
SET VARIABLE unseen_places = (SELECT coalesce(list(place ORDER BY path), []) FROM unseen_fields);
