-- The school of an enrollment is a school of the district, unless the district shares no schools.
-- severity: warning
SELECT district_id, student_id AS record_id, min(school_id) AS related_id
FROM student_enrollments
ANTI JOIN schools USING (district_id, school_id)
WHERE school_id IS NOT NULL AND district_id IN (SELECT DISTINCT district_id FROM schools)
GROUP BY district_id, student_id;
