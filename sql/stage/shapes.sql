-- Which fields the records of some pages have. Records are many, their shapes few: a shape is looked into when it is first met.
CREATE OR REPLACE TEMP TABLE shaped AS
SELECT district_id, hash(shape(json)) AS digest, any_value(json) AS example, count(*) AS records
FROM read_ndjson_objects(getvariable('files'), filename = true)
JOIN staging.pages USING (filename)
GROUP BY ALL;

INSERT INTO shapes
WITH fresh AS MATERIALIZED (
    SELECT digest, shape(any_value(example)) AS shape
    FROM shaped
    ANTI JOIN shapes USING (digest)
    GROUP BY digest
),

fields AS (
    SELECT digest, object_path, unnest(fields) AS field
    FROM (
        SELECT
            digest,
            unnest(getvariable('object_paths')) AS object_path,
            unnest(shape.objects || [flatten(shape.enrollments), flatten(shape.relationships)]) AS fields
        FROM fresh
    )
)

SELECT
    digest,
    coalesce(bit_or(1::HUGEINT << bit), 0),
    list(DISTINCT {
        'path': object_path || field,
        'kind': CASE WHEN object_path = 'roles.' THEN 'unknown_role' ELSE 'unknown_field' END
    }) FILTER (bit IS NULL)
FROM fields
LEFT JOIN known_paths ON path = object_path || field
GROUP BY digest;

INSERT INTO staging.known_fields
SELECT district_id, bit_or(known)
FROM shaped
JOIN shapes USING (digest)
GROUP BY district_id;

INSERT INTO staging.unknown_fields
SELECT district_id, strange.path, strange.kind, records, example_id
FROM (
    SELECT district_id, unnest(unknown) AS strange, records, example ->> '$.id' AS example_id
    FROM shaped
    JOIN shapes USING (digest)
    WHERE unknown IS NOT NULL
);

SELECT
    (SELECT count(*) FROM shaped JOIN shapes USING (digest) WHERE unknown IS NOT NULL)
    + (SELECT count(*) FROM staging.users WHERE unknown_values IS NOT NULL);
