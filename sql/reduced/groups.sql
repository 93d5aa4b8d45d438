-- How small the groups of students are, over all districts, from few quasi-identifiers to all of them.
SELECT
    quasi_identifiers,
    sum(students)::BIGINT AS students,
    min(smallest_group) AS smallest_group,
    sum(students_alone)::BIGINT AS students_alone,
    sum(students_in_groups_below_5)::BIGINT AS students_in_groups_below_5
FROM k_anonymity
GROUP BY quasi_identifiers
ORDER BY len(quasi_identifiers);
