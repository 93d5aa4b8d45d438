-- How small the groups of students are who have the same values in $columns, by district.
INSERT INTO k_anonymity
SELECT
    district_id,
    [$names] AS quasi_identifiers,
    sum(students)::BIGINT AS students,
    count(*) AS groups,
    min(students) AS smallest_group,
    count(*) FILTER (students = 1) AS students_alone,
    coalesce(sum(students) FILTER (students < 5), 0)::BIGINT AS students_in_groups_below_5
FROM (SELECT district_id, count(*) AS students FROM students GROUP BY district_id, $columns)
GROUP BY district_id
ORDER BY district_id;
