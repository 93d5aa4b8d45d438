-- How many records of each type were created, updated, archived and restored since a day, for instance by a rollover of the school year?
-- A rollover that is held changes nothing before it is approved: sync.holds has what it would change. It gives new IDs to terms, and to
-- courses without a number: see terms_and_courses_with_new_ids.sql.
SET VARIABLE since = (SELECT max(started_at) FROM sync.runs WHERE outcome = 'applied');

SELECT
    district_id,
    what,
    count(*) FILTER (change = 'created') AS created,
    count(*) FILTER (change = 'updated') AS updated,
    count(*) FILTER (change = 'archived') AS archived,
    count(*) FILTER (change = 'restored') AS restored
FROM (
    SELECT district_id, 'users' AS what, change, valid_from FROM users_history
    UNION ALL
    SELECT district_id, 'users with role ' || role, change, valid_from FROM user_roles_history
    UNION ALL
    SELECT district_id, 'schools', change, valid_from FROM schools_history
    UNION ALL
    SELECT district_id, 'courses', change, valid_from FROM courses_history
    UNION ALL
    SELECT district_id, 'terms', change, valid_from FROM terms_history
    UNION ALL
    SELECT district_id, 'sections', change, valid_from FROM sections_history
    UNION ALL
    SELECT district_id, 'section_students', change, valid_from FROM section_students_history
    UNION ALL
    SELECT district_id, 'section_teachers', change, valid_from FROM section_teachers_history
)
WHERE valid_from >= getvariable('since')
GROUP BY district_id, what
ORDER BY district_id, what;
