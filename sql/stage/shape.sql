-- How a record becomes rows: a person in users, and each role the person holds in user_roles.
-- A number tells each staged row from all others of its table, as joining by a number costs less than joining by ids; a record has at
-- most five roles.
CREATE OR REPLACE TEMP VIEW staged_users AS
SELECT
    user_id,
    district_id,
    email,
    first_name,
    middle_name,
    last_name,
    CASE WHEN users.contact IS NOT NULL THEN ['contact'] ELSE [] END
    || CASE WHEN users.district_admin IS NOT NULL THEN ['district_admin'] ELSE [] END
    || CASE WHEN users.staff IS NOT NULL THEN ['staff'] ELSE [] END
    || CASE WHEN users.student IS NOT NULL THEN ['student'] ELSE [] END
    || CASE WHEN users.teacher IS NOT NULL THEN ['teacher'] ELSE [] END AS roles,
    created_at,
    last_modified_at,
    extra,
    staged_row
FROM staging.users
LEFT JOIN staging.leftovers USING (district_id, user_id);

CREATE OR REPLACE TEMP VIEW staged_user_roles AS
SELECT
    user_id,
    role,
    district_id,
    nullif(legacy_id, '') AS legacy_id,
    nullif(sis_id, '') AS sis_id,
    nullif(title, '') AS title,
    nullif(school_id, '') AS school_id,
    coalesce(school_ids, []) AS school_ids,
    role_extra AS extra,
    staged_row
FROM (
    SELECT
        user_id, 'student' AS role, district_id, student.legacy_id, student.sis_id, NULL AS title,
        student.school AS school_id, student.schools AS school_ids, 5 * staged_row AS staged_row
    FROM staging.users
    WHERE student IS NOT NULL
    UNION ALL
    SELECT
        user_id, 'teacher', district_id, teacher.legacy_id, teacher.sis_id, teacher.title, teacher.school, teacher.schools,
        5 * staged_row + 1
    FROM staging.users
    WHERE teacher IS NOT NULL
    UNION ALL
    SELECT user_id, 'staff', district_id, staff.legacy_id, staff.staff_id, staff.title, NULL, staff.schools, 5 * staged_row + 2
    FROM staging.users
    WHERE staff IS NOT NULL
    UNION ALL
    SELECT user_id, 'district_admin', district_id, district_admin.legacy_id, NULL, district_admin.title, NULL, NULL, 5 * staged_row + 3
    FROM staging.users
    WHERE district_admin IS NOT NULL
    UNION ALL
    SELECT user_id, 'contact', district_id, contact.legacy_id, contact.sis_id, NULL, NULL, NULL, 5 * staged_row + 4
    FROM staging.users
    WHERE contact IS NOT NULL
)
LEFT JOIN (
    UNPIVOT (SELECT * EXCLUDE (extra) FROM staging.leftovers)
    ON student, teacher, staff, district_admin, contact
    INTO NAME role VALUE role_extra
) USING (district_id, user_id, role);
