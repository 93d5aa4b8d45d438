-- Which students of a district have the same name and birth date, and may be one student with two IDs?
-- Clever makes a new student where the sis_id changes. If the former one has left, see likely_same_people.sql.
SELECT
    users.district_id,
    users.last_name,
    users.first_name,
    students.dob,
    users.user_id,
    students.sis_id,
    students.school_id,
    users.created_at
FROM users
JOIN students USING (district_id, user_id)
WHERE users.last_name IS NOT NULL AND users.first_name IS NOT NULL AND students.dob IS NOT NULL
QUALIFY count(*) OVER (PARTITION BY users.district_id, lower(users.last_name), lower(users.first_name), students.dob) > 1
ORDER BY users.district_id, lower(users.last_name), lower(users.first_name), students.dob, users.user_id;
