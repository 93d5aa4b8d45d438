-- How the rows of the role tables become rows of user_roles: what all roles have in common.
-- A number distinguishes each staged row from all others of its table, as joining by a number costs less than joining by IDs; a record has
-- at most five roles.
CREATE OR REPLACE TEMP VIEW staged_user_roles AS
SELECT
    user_id, 'student' AS role, district_id, legacy_id, sis_id, NULL AS title, school_id, school_ids, extra, 5 * staged_row AS staged_row
FROM staging.students
UNION ALL
SELECT user_id, 'teacher', district_id, legacy_id, sis_id, title, school_id, school_ids, extra, 5 * staged_row + 1
FROM staging.teachers
UNION ALL
SELECT user_id, 'staff', district_id, legacy_id, staff_id, title, NULL, school_ids, extra, 5 * staged_row + 2
FROM staging.staff
UNION ALL
SELECT user_id, 'district_admin', district_id, legacy_id, NULL, title, NULL, [], extra, 5 * staged_row + 3
FROM staging.district_admins
UNION ALL
SELECT user_id, 'contact', district_id, legacy_id, sis_id, NULL, NULL, [], extra, 5 * staged_row + 4
FROM staging.contacts;
