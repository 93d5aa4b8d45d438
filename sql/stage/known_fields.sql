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

CREATE OR REPLACE TEMP MACRO as_patch(object) AS regexp_replace(object::VARCHAR, '"text"|\[[^]]*\]', 'null', 'g')::JSON;

SET VARIABLE whole_record = (
    SELECT list_reduce(list(json), lambda whole, part: json_merge_patch(whole, part)) FROM read_ndjson_objects(getvariable('known_fields'))
);

-- A merge patch (RFC 7396) whose nulls take every known field out of a record, and the same for an entry of each list of objects.
SET VARIABLE known_record = as_patch(getvariable('whole_record'));
SET VARIABLE known_enrollment = as_patch(getvariable('whole_record') -> '$.roles.student.enrollments[0]');
SET VARIABLE known_student_relationship = as_patch(getvariable('whole_record') -> '$.roles.contact.student_relationships[0]');
