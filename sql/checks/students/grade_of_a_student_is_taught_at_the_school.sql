-- The grade of a student is not below the lowest grade of the primary school or above the highest one; Ungraded and Other are neither.
-- severity: warning
WITH ordered AS (
    SELECT grade, sort_order FROM grades WHERE sort_order <= (SELECT sort_order FROM grades WHERE grade = 'PostGraduate')
)

SELECT students.district_id, students.user_id AS record_id, students.school_id AS related_id
FROM students
JOIN ordered ON ordered.grade = students.grade
JOIN (
    SELECT schools.district_id, schools.school_id, low.sort_order AS lowest, high.sort_order AS highest
    FROM schools
    LEFT JOIN ordered AS low ON low.grade = schools.low_grade
    LEFT JOIN ordered AS high ON high.grade = schools.high_grade
) AS ranges ON ranges.district_id = students.district_id AND ranges.school_id = students.school_id
WHERE ordered.sort_order < ranges.lowest OR ordered.sort_order > ranges.highest;
