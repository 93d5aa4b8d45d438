-- The lowest grade of a school is not above the highest one. Ungraded and Other, which have no place among the grades, break no rule.
-- severity: warning
WITH ordered AS (
    SELECT grade, sort_order FROM grades WHERE sort_order <= (SELECT sort_order FROM grades WHERE grade = 'PostGraduate')
)

SELECT schools.district_id, schools.school_id AS record_id
FROM schools
JOIN ordered AS low ON low.grade = schools.low_grade
JOIN ordered AS high ON high.grade = schools.high_grade
WHERE low.sort_order > high.sort_order;
