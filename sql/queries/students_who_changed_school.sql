-- Which students have another primary school than before, since a day?
-- The date is that of the sync that first saw the change.
SET VARIABLE since = now() - INTERVAL 30 DAY;

WITH versions AS (
    SELECT
        district_id,
        user_id,
        school_id,
        lag(school_id) OVER (PARTITION BY district_id, user_id ORDER BY valid_from) AS former_school_id,
        change,
        valid_from
    FROM students_history
)

SELECT
    versions.district_id,
    versions.user_id AS student_id,
    users.last_name,
    users.first_name,
    versions.valid_from AS seen_at,
    versions.former_school_id,
    former.name AS former_school_name,
    versions.school_id,
    schools.name AS school_name
FROM versions
LEFT JOIN users ON users.district_id = versions.district_id AND users.user_id = versions.user_id
LEFT JOIN schools AS former ON former.district_id = versions.district_id AND former.school_id = versions.former_school_id
LEFT JOIN schools ON schools.district_id = versions.district_id AND schools.school_id = versions.school_id
WHERE
    versions.change IN ('updated', 'restored')
    AND versions.school_id IS DISTINCT FROM versions.former_school_id
    AND versions.valid_from >= getvariable('since')
ORDER BY versions.district_id, seen_at, student_id;
