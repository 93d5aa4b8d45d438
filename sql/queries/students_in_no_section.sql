-- Which students are in no class?
-- Only districts that share the students of sections are asked: without them, every student would be in no class. A student whose classes
-- are not shared with your app looks the same as one without classes.
SELECT
    district_id,
    student_id,
    last_name,
    first_name,
    grade,
    school_name
FROM student_roster
WHERE section_count = 0 AND district_id IN (SELECT DISTINCT district_id FROM section_students)
ORDER BY district_id, school_name, last_name, student_id;
