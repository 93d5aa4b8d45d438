-- Which fields records have: the names of the fields of each object, of as few records as there are kinds of records.
CREATE OR REPLACE TEMP MACRO shape(record) AS {
    'objects': json_keys(record, [
        '$', '$.name', '$.roles',
        '$.roles.student', '$.roles.student.credentials', '$.roles.student.location', '$.roles.student.preferred_name',
        '$.roles.student.disability',
        '$.roles.teacher', '$.roles.teacher.credentials', '$.roles.teacher.name',
        '$.roles.staff', '$.roles.staff.credentials',
        '$.roles.district_admin', '$.roles.contact'
    ]),
    'enrollments': json_keys(record, '$.roles.student.enrollments[*]'),
    'relationships': json_keys(record, '$.roles.contact.student_relationships[*]')
};

SET VARIABLE object_paths = [
    '', 'name.', 'roles.',
    'roles.student.', 'roles.student.credentials.', 'roles.student.location.', 'roles.student.preferred_name.',
    'roles.student.disability.',
    'roles.teacher.', 'roles.teacher.credentials.', 'roles.teacher.name.',
    'roles.staff.', 'roles.staff.credentials.',
    'roles.district_admin.', 'roles.contact.'
];

-- The fields that Clever's specs v3.0.yml and v3.1.yml know, object by object, in the order of object_paths.
SET VARIABLE known_fields = [
    ['id', 'district', 'email', 'created', 'last_modified', 'name', 'roles'],
    ['first', 'middle', 'last'],
    ['student', 'teacher', 'staff', 'district_admin', 'contact'],
    [
        'legacy_id', 'sis_id', 'school', 'schools', 'enrollments', 'student_number', 'state_id', 'grade', 'graduation_year', 'dob',
        'gender', 'race', 'hispanic_ethnicity', 'ell_status', 'ext', 'created', 'last_modified', 'frl_status', 'gifted_status',
        'section_504_status', 'home_language', 'home_language_code', 'iep_status', 'credentials', 'location', 'preferred_name',
        'disability'
    ],
    ['district_username'],
    ['address', 'city', 'state', 'zip', 'lat', 'lon'],
    ['first', 'middle', 'last'],
    ['disability_status', 'disability_type', 'disability_code'],
    [
        'legacy_id', 'sis_id', 'school', 'schools', 'teacher_number', 'state_id', 'title', 'ext', 'district', 'created',
        'last_modified', 'credentials', 'name'
    ],
    ['district_username'],
    ['first', 'middle', 'last'],
    ['legacy_id', 'staff_id', 'schools', 'roles', 'department', 'title', 'ext', 'credentials'],
    ['district_username'],
    ['legacy_id', 'title'],
    ['legacy_id', 'sis_id', 'phone', 'phone_type', 'student_relationships']
];

CREATE OR REPLACE TEMP TABLE shapes AS
WITH examples AS MATERIALIZED (
    SELECT district_id, hash(shape(json)) AS digest, any_value(json) AS example, count(*) AS records
    FROM read_ndjson_objects(getvariable('files'), filename = true)
    JOIN staging.pages USING (filename)
    GROUP BY ALL
)

SELECT district_id, digest, records, example ->> '$.id' AS example_id, shape(example) AS shape
FROM examples;

CREATE OR REPLACE TEMP TABLE shape_fields AS
WITH objects AS (
    SELECT
        district_id,
        digest,
        records,
        example_id,
        unnest(getvariable('object_paths')) AS object_path,
        unnest(getvariable('known_fields')) AS known,
        unnest(shape.objects) AS fields
    FROM shapes
    UNION ALL
    SELECT
        district_id, digest, records, example_id, 'roles.student.enrollments[].', ['school', 'start_date', 'end_date'],
        list_distinct(flatten(shape.enrollments))
    FROM shapes
    UNION ALL
    SELECT
        district_id, digest, records, example_id, 'roles.contact.student_relationships[].', ['student', 'relationship', 'type'],
        list_distinct(flatten(shape.relationships))
    FROM shapes
)

SELECT
    district_id,
    digest,
    records,
    example_id,
    object_path || field AS path,
    CASE WHEN list_contains(known, field) THEN 'known' WHEN object_path = 'roles.' THEN 'unknown_role' ELSE 'unknown_field' END AS kind
FROM (SELECT * EXCLUDE (fields), unnest(fields) AS field FROM objects);

INSERT INTO staging.fields
SELECT district_id, path, kind, sum(records), min(example_id)
FROM shape_fields
GROUP BY ALL;

SELECT
    (SELECT count(*) FROM shape_fields WHERE kind <> 'known')
    + (SELECT count(*) FROM staging.users WHERE unknown_values IS NOT NULL);
