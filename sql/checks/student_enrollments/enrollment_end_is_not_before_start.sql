-- An enrollment does not end before it starts.
-- severity: warning
SELECT district_id, student_id AS record_id, min(school_id) AS related_id
FROM student_enrollments
WHERE end_date < start_date
GROUP BY district_id, student_id;
