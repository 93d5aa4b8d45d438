-- How many students one school has in its lowest grades: with it as their primary school, and with it among their schools.
SELECT school_name, grade, student_count, enrolled_count
FROM enrollment_by_grade
SEMI JOIN (SELECT district_id, school_id FROM schools ORDER BY district_id, school_id LIMIT 1) AS chosen USING (district_id, school_id)
WHERE grade_order IS NOT NULL
ORDER BY grade_order
LIMIT 8;
