-- Which fields of a user record the columns hold. A record in which an object or a list is of another shape is an error: it
-- cannot be taken for one that has none.
CREATE OR REPLACE TEMP MACRO each_once(ids) AS CASE
    WHEN ids IS NULL THEN []
    WHEN len(ids) = 1 AND ids[1] <> '' THEN ids
    ELSE list_sort(list_distinct(list_filter(ids, lambda id: id <> '')))
END;

SET VARIABLE next_row = (SELECT coalesce(max(staged_row) + 1, 0) FROM staging.users);

INSERT INTO staging.users
SELECT
    nextval('staging.rows_of_users'),
    district_id,
    nullif(id, ''),
    district IS DISTINCT FROM district_id,
    nullif(email, ''),
    nullif(name."first", ''),
    nullif(name.middle, ''),
    nullif(name."last", ''),
    try_cast(created AS TIMESTAMPTZ),
    try_cast(last_modified AS TIMESTAMPTZ),
    CASE WHEN roles.student IS NOT NULL THEN {
        'legacy_id': roles.student.legacy_id, 'sis_id': roles.student.sis_id,
        'school': roles.student.school, 'schools': each_once(roles.student.schools)
    } END,
    CASE WHEN roles.teacher IS NOT NULL THEN {
        'legacy_id': roles.teacher.legacy_id, 'sis_id': roles.teacher.sis_id, 'title': roles.teacher.title,
        'school': roles.teacher.school, 'schools': each_once(roles.teacher.schools)
    } END,
    CASE WHEN roles.staff IS NOT NULL THEN {
        'legacy_id': roles.staff.legacy_id, 'staff_id': roles.staff.staff_id, 'title': roles.staff.title,
        'schools': each_once(roles.staff.schools)
    } END,
    roles.district_admin,
    CASE WHEN roles.contact IS NOT NULL THEN {
        'legacy_id': roles.contact.legacy_id, 'sis_id': roles.contact.sis_id
    } END,
    CASE
        WHEN coalesce(known_grade AND known_gender AND known_race AND known_answers AND known_frl_status AND known_disability AND known_phone_type
            AND known_relationships, false)
            THEN NULL
        ELSE list_filter([
            CASE WHEN NOT known_grade THEN 'roles.student.grade' END,
            CASE WHEN NOT known_gender THEN 'roles.student.gender' END,
            CASE WHEN NOT known_race THEN 'roles.student.race' END,
            CASE WHEN roles.student.hispanic_ethnicity NOT IN ('Y', 'N', '') THEN 'roles.student.hispanic_ethnicity' END,
            CASE WHEN roles.student.ell_status NOT IN ('Y', 'N', '') THEN 'roles.student.ell_status' END,
            CASE WHEN roles.student.gifted_status NOT IN ('Y', 'N', '') THEN 'roles.student.gifted_status' END,
            CASE WHEN roles.student.section_504_status NOT IN ('Y', 'N', '') THEN 'roles.student.section_504_status' END,
            CASE WHEN NOT known_frl_status THEN 'roles.student.frl_status' END,
            CASE WHEN NOT known_disability THEN 'roles.student.disability' END,
            CASE WHEN NOT known_phone_type THEN 'roles.contact.phone_type' END,
            CASE WHEN NOT known_relationships THEN 'roles.contact.student_relationships' END
        ], lambda path: path IS NOT NULL)
    END,
    known_fields
FROM (
    SELECT
        *,
        coalesce(roles.student.grade IN (
            'InfantToddler', 'Preschool', 'PreKindergarten', 'TransitionalKindergarten', 'Kindergarten', '1', '2', '3', '4', '5',
            '6', '7', '8', '9', '10', '11', '12', '13', 'PostGraduate', 'Ungraded', 'Other', ''
        ), true) AS known_grade,
        coalesce(roles.student.gender IN ('M', 'F', 'X', ''), true) AS known_gender,
        coalesce(roles.student.race IN (
            'Caucasian', 'Asian', 'Black or African American', 'American Indian', 'Hawaiian or Other Pacific Islander',
            'Two or More Races', 'Unknown', ''
        ), true) AS known_race,
        coalesce(roles.student.hispanic_ethnicity IN ('Y', 'N', ''), true)
        AND coalesce(roles.student.ell_status IN ('Y', 'N', ''), true)
        AND coalesce(roles.student.gifted_status IN ('Y', 'N', ''), true)
        AND coalesce(roles.student.section_504_status IN ('Y', 'N', ''), true) AS known_answers,
        coalesce(roles.student.frl_status IN ('Free', 'Reduced', 'Paid', 'Other', ''), true) AS known_frl_status,
        coalesce(roles.student.disability.disability_status IN ('Y', 'N', ''), true)
        AND coalesce(lower(roles.student.disability.disability_code) IN (
            'aut', 'db', 'dd', 'emn', 'hi', 'id', 'md', 'oi', 'other', 'ohi', 'sld', 'sli', 'tbi', 'vi', ''
        ), true)
        AND coalesce(roles.student.disability.disability_type IN (
            'Autism', 'Deaf-blindness', 'Developmental delay', 'Emotional disturbance', 'Hearing impairment',
            'Intellectual Disability', 'Multiple disabilities', 'Orthopedic impairment', 'Other', 'Other health impairment',
            'Specific learning disability', 'Speech or language impairment', 'Traumatic brain injury', 'Visual impairment', ''
        ), true) AS known_disability,
        coalesce(list_has_all(
            ['Parent', 'Grandparent', 'Self', 'Aunt/Uncle', 'Sibling', 'Other', '', NULL],
            list_transform(roles.contact.student_relationships, lambda entry: entry.relationship)
        ), true)
        AND coalesce(list_has_all(
            ['Parent/Guardian', 'Emergency', 'Primary', 'Secondary', 'Family', 'Other', '', NULL],
            list_transform(roles.contact.student_relationships, lambda entry: entry."type")
        ), true) AS known_relationships,
        coalesce(roles.contact.phone_type IN ('Cell', 'Home', 'Work', 'Other', ''), true) AS known_phone_type
    FROM records
)
JOIN staging.pages USING (filename);

INSERT INTO staging.known_fields
SELECT district_id, path
FROM (
    SELECT district_id, [bit_or(known_fields[1]), bit_or(known_fields[2])] AS words
    FROM staging.users
    WHERE staged_row >= getvariable('next_row')
    GROUP BY district_id
)
JOIN known_fields ON (words[word] >> bit) & 1 = 1
ANTI JOIN staging.known_fields AS told USING (district_id, path)
ORDER BY path;
