-- Which fields a record may have: those of Clever's specs v3.0.yml and v3.1.yml, told by known_fields.ndjson, a part a line.
CREATE OR REPLACE TEMP TABLE known_fields AS
SELECT
    replace(path, '[0]', '[]') AS path,
    '$.' || path AS place,  -- a list is judged by its first entry
    (row_number() OVER (ORDER BY path) - 1) // 64 + 1 AS word,
    (row_number() OVER (ORDER BY path) - 1) % 64 AS bit
FROM (
    SELECT DISTINCT fullkey[3:] AS path
    FROM read_ndjson_objects(getvariable('known_fields')), json_tree(json)
)
WHERE path <> '' AND NOT ends_with(path, ']');

-- Which objects have these fields, the innermost first, and the object that a field is in; '' is the record itself.
SET VARIABLE known_parents = (
    SELECT list(parent ORDER BY len(parent) DESC) FROM (SELECT DISTINCT regexp_replace(path, '\.?[^.]*$', '') AS parent FROM known_fields)
);

CREATE OR REPLACE TEMP MACRO parent_of(path) AS coalesce(
    list_filter(getvariable('known_parents'), lambda parent: starts_with(path, parent || '.'))[1], ''
);

-- The path that means any unknown field of an object.
CREATE OR REPLACE TEMP MACRO any_of(parent) AS concat_ws('.', nullif(parent, ''), '*');

CREATE OR REPLACE TEMP MACRO as_patch(object) AS regexp_replace(object::VARCHAR, '"text"|\[[^]]*\]', 'null', 'g')::JSON;

SET VARIABLE whole_record = (
    SELECT list_reduce(list(json), lambda whole, part: json_merge_patch(whole, part)) FROM read_ndjson_objects(getvariable('known_fields'))
);

-- A merge patch (RFC 7396) whose nulls take every known field out of a record, and the same for an entry of each list of objects.
SET VARIABLE known_record = as_patch(getvariable('whole_record'));
SET VARIABLE known_enrollment = as_patch(getvariable('whole_record') -> '$.roles.student.enrollments[0]');
SET VARIABLE known_student_relationship = as_patch(getvariable('whole_record') -> '$.roles.contact.student_relationships[0]');
