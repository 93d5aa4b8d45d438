-- The people that API v2.1 lists: an id for each, and what else may tell who it is.
INSERT INTO staging.legacy_people
SELECT
    pages.district_id,
    pages.role,
    nullif(json ->> '$.id', ''),
    json ->> '$.district',
    nullif(lower(trim(json ->> '$.email')), ''),
    CASE pages.role
        WHEN 'staff' THEN nullif(json ->> '$.staff_id', '')
        WHEN 'district_admin' THEN NULL
        ELSE nullif(json ->> '$.sis_id', '')
    END,
    coalesce(json ->> '$.id', '') = ''
    OR list_has_any(
        json_type(json, ['$.id', '$.district']), ['ARRAY', 'OBJECT', 'UBIGINT', 'BIGINT', 'DOUBLE', 'BOOLEAN']
    )
    OR list_has_any(json_type(json, ['$.email', '$.sis_id', '$.staff_id']), ['ARRAY', 'OBJECT', 'DOUBLE'])
    OR len(list_filter(json_keys(json), lambda field: field IN ('id', 'district', 'email', 'sis_id', 'staff_id')))
    > len(list_distinct(list_filter(json_keys(json), lambda field: field IN ('id', 'district', 'email', 'sis_id', 'staff_id'))))
FROM read_ndjson_objects(getvariable('files'), filename = true)
JOIN staging.legacy_pages AS pages USING (filename);
