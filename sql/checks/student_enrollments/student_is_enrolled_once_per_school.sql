-- A student has at most one enrollment per school.
-- severity: warning
SELECT district_id, student_id AS record_id, min(school_id) AS related_id
FROM (
    SELECT district_id, student_id, school_id
    FROM student_enrollments
    WHERE school_id IS NOT NULL
    GROUP BY district_id, student_id, school_id
    HAVING count(*) > 1
)
GROUP BY district_id, student_id;
