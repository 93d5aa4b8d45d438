-- How many records hold an object, a list or a number where text must be, or a number that is not kept as it was sent.
SELECT count(*)
FROM read_ndjson_objects(getvariable('files'))
WHERE
    list_has_any(json_type(json, getvariable('id_places')), ['ARRAY', 'OBJECT', 'UBIGINT', 'BIGINT', 'DOUBLE', 'BOOLEAN'])
    OR list_has_any(json_type(json, getvariable('text_places')), ['ARRAY', 'OBJECT', 'DOUBLE'])
    OR list_has_any(
        list_concat(
            json_type(json, '$.roles.student.schools[*]'),
            json_type(json, '$.roles.teacher.schools[*]'),
            json_type(json, '$.roles.staff.schools[*]')
        ),
        ['ARRAY', 'OBJECT', 'UBIGINT', 'BIGINT', 'DOUBLE', 'BOOLEAN']
    );
