-- Which classes are in progress today, and how many students are in each?
-- Where is_in_progress is NULL, the dates of the term are not known. Such a class counts as current, because districts mostly share only
-- current classes.
SELECT
    district_id,
    section_id,
    section_name,
    term_name,
    is_in_progress,
    school_name,
    teacher_last_name,
    count(*) AS student_count
FROM section_rosters
WHERE is_in_progress IS DISTINCT FROM false
GROUP BY ALL
ORDER BY district_id, school_name, section_name, section_id;
