-- The employees of a district, one row per user with the role teacher, staff or district_admin: titles and schools of all their roles
-- together. Users with the same e-mail stay apart, as Clever has them.
CREATE OR REPLACE VIEW staff_directory AS
SELECT
    users.district_id,
    users.user_id,
    users.first_name,
    users.last_name,
    users.email,
    users.roles,
    coalesce(staff.title, teachers.title, district_admins.title) AS title,
    staff.department,
    teachers.school_id,
    coalesce(places.school_ids, []) AS school_ids,
    coalesce(places.school_names, []) AS school_names,
    coalesce(taught.section_count, 0) AS section_count
FROM users
LEFT JOIN teachers ON teachers.district_id = users.district_id AND teachers.user_id = users.user_id
LEFT JOIN staff ON staff.district_id = users.district_id AND staff.user_id = users.user_id
LEFT JOIN district_admins ON district_admins.district_id = users.district_id AND district_admins.user_id = users.user_id
LEFT JOIN (
    SELECT
        listed.district_id,
        listed.user_id,
        list(listed.school_id ORDER BY listed.school_id) AS school_ids,
        list(schools.name ORDER BY listed.school_id) AS school_names
    FROM (
        SELECT district_id, user_id, unnest(school_ids) AS school_id FROM teachers
        UNION
        SELECT district_id, user_id, unnest(school_ids) FROM staff
    ) AS listed
    LEFT JOIN schools ON schools.district_id = listed.district_id AND schools.school_id = listed.school_id
    GROUP BY listed.district_id, listed.user_id
) AS places ON places.district_id = users.district_id AND places.user_id = users.user_id
LEFT JOIN (
    SELECT district_id, teacher_id, count(*) AS section_count
    FROM section_teachers
    GROUP BY district_id, teacher_id
) AS taught ON taught.district_id = users.district_id AND taught.teacher_id = users.user_id
WHERE coalesce(teachers.user_id, staff.user_id, district_admins.user_id) IS NOT NULL;
