-- How the shape of a record is told: the names of the fields of each of its objects, and which of them Clever's specs know.
CREATE OR REPLACE TEMP MACRO objects_of(record) AS json_keys(record, [
    '$', '$.name', '$.roles',
    '$.roles.student', '$.roles.student.credentials', '$.roles.student.location', '$.roles.student.preferred_name',
    '$.roles.student.disability',
    '$.roles.teacher', '$.roles.teacher.credentials', '$.roles.teacher.name',
    '$.roles.staff', '$.roles.staff.credentials',
    '$.roles.district_admin', '$.roles.contact',
    '$.roles.student.enrollments[0]', '$.roles.student.enrollments[1]',
    '$.roles.student.enrollments[2]', '$.roles.student.enrollments[3]',
    '$.roles.contact.student_relationships[0]', '$.roles.contact.student_relationships[1]',
    '$.roles.contact.student_relationships[2]', '$.roles.contact.student_relationships[3]'
]);

-- Lists are short: a record that has a fourth entry is looked through once more for all of them.
CREATE OR REPLACE TEMP MACRO shape(record) AS {
    'objects': objects_of(record),
    'enrollments': CASE WHEN objects_of(record)[19] IS NOT NULL THEN json_keys(record, '$.roles.student.enrollments[*]') END,
    'relationships': CASE
        WHEN objects_of(record)[23] IS NOT NULL THEN json_keys(record, '$.roles.contact.student_relationships[*]')
    END
};

SET VARIABLE object_paths = [
    '', 'name.', 'roles.',
    'roles.student.', 'roles.student.credentials.', 'roles.student.location.', 'roles.student.preferred_name.',
    'roles.student.disability.',
    'roles.teacher.', 'roles.teacher.credentials.', 'roles.teacher.name.',
    'roles.staff.', 'roles.staff.credentials.',
    'roles.district_admin.', 'roles.contact.',
    'roles.student.enrollments[].', 'roles.student.enrollments[].',
    'roles.student.enrollments[].', 'roles.student.enrollments[].',
    'roles.contact.student_relationships[].', 'roles.contact.student_relationships[].',
    'roles.contact.student_relationships[].', 'roles.contact.student_relationships[].',
    'roles.student.enrollments[].', 'roles.contact.student_relationships[].'
];

-- The fields that Clever's specs v3.0.yml and v3.1.yml know, object by object.
CREATE OR REPLACE TEMP TABLE known_paths AS
SELECT path, row_number() OVER (ORDER BY path) - 1 AS bit
FROM (
    SELECT object_path || unnest(fields) AS path
    FROM (VALUES
        ('', ['id', 'district', 'email', 'created', 'last_modified', 'name', 'roles']),
        ('name.', ['first', 'middle', 'last']),
        ('roles.', ['student', 'teacher', 'staff', 'district_admin', 'contact']),
        ('roles.student.', [
            'legacy_id', 'sis_id', 'school', 'schools', 'enrollments', 'student_number', 'state_id', 'grade', 'graduation_year',
            'dob', 'gender', 'race', 'hispanic_ethnicity', 'ell_status', 'ext', 'created', 'last_modified', 'frl_status',
            'gifted_status', 'section_504_status', 'home_language', 'home_language_code', 'iep_status', 'credentials',
            'location', 'preferred_name', 'disability'
        ]),
        ('roles.student.credentials.', ['district_username']),
        ('roles.student.location.', ['address', 'city', 'state', 'zip', 'lat', 'lon']),
        ('roles.student.preferred_name.', ['first', 'middle', 'last']),
        ('roles.student.disability.', ['disability_status', 'disability_type', 'disability_code']),
        ('roles.teacher.', [
            'legacy_id', 'sis_id', 'school', 'schools', 'teacher_number', 'state_id', 'title', 'ext', 'district', 'created',
            'last_modified', 'credentials', 'name'
        ]),
        ('roles.teacher.credentials.', ['district_username']),
        ('roles.teacher.name.', ['first', 'middle', 'last']),
        ('roles.staff.', ['legacy_id', 'staff_id', 'schools', 'roles', 'department', 'title', 'ext', 'credentials']),
        ('roles.staff.credentials.', ['district_username']),
        ('roles.district_admin.', ['legacy_id', 'title']),
        ('roles.contact.', ['legacy_id', 'sis_id', 'phone', 'phone_type', 'student_relationships']),
        ('roles.student.enrollments[].', ['school', 'start_date', 'end_date']),
        ('roles.contact.student_relationships[].', ['student', 'relationship', 'type'])
    ) AS known (object_path, fields)
);

-- Every shape that was met: its known fields as bits, its unknown ones by path and kind.
CREATE OR REPLACE TEMP TABLE shapes (digest UBIGINT, known HUGEINT, unknown STRUCT(path VARCHAR, kind VARCHAR)[]);
