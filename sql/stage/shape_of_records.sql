-- How the shape of a record is told: the names of the fields of each of its objects, and which of them Clever's specs know.
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
    'roles.district_admin.', 'roles.contact.',
    'roles.student.enrollments[].', 'roles.contact.student_relationships[].'
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
    ['legacy_id', 'sis_id', 'phone', 'phone_type', 'student_relationships'],
    ['school', 'start_date', 'end_date'],
    ['student', 'relationship', 'type']
];

CREATE OR REPLACE TEMP TABLE known_paths AS
SELECT path, row_number() OVER (ORDER BY path) - 1 AS bit
FROM (
    SELECT object_path || unnest(fields) AS path
    FROM (SELECT unnest(getvariable('object_paths')) AS object_path, unnest(getvariable('known_fields')) AS fields)
);

-- Every shape that was met: its known fields as bits, its unknown ones by path and kind.
CREATE OR REPLACE TEMP TABLE shapes (digest UBIGINT, known HUGEINT, unknown STRUCT(path VARCHAR, kind VARCHAR)[]);
