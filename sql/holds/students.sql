-- What snapshots would do to students, by district, school, and grade: a student counts in the primary school and grade of before, and, if
-- it will be another one, of afterwards. One row per district, as JSON.
WITH changes AS (
    SELECT
        change.district_id,
        change.change,
        kept.school_id AS school_before,
        kept.grade AS grade_before,
        staged.school_id AS school_after,
        staged.grade AS grade_after
    FROM students_difference AS change
    LEFT JOIN students AS kept USING (district_id, user_id)
    LEFT JOIN staged_students AS staged USING (district_id, user_id)
    WHERE change.district_id IN (SELECT unnest(getvariable('district_ids'))) AND change.change <> 'refreshed'
),

counted AS (
    SELECT
        district_id,
        school_before AS school_id,
        grade_before AS grade,
        0 AS arriving,
        count(*) FILTER (change = 'archived') AS archived,
        count(*) FILTER (change = 'updated' AND school_before IS DISTINCT FROM school_after) AS leaving_for_another_school,
        count(*) FILTER (
            change = 'updated' AND school_before IS NOT DISTINCT FROM school_after AND grade_before IS DISTINCT FROM grade_after
        ) AS changing_grade
    FROM changes
    WHERE change IN ('archived', 'updated')
    GROUP BY ALL
    UNION ALL
    SELECT district_id, school_after, grade_after, count(*), 0, 0, 0
    FROM changes
    WHERE
        change IN ('created', 'restored')
        OR (change = 'updated' AND (school_before, grade_before) IS DISTINCT FROM (school_after, grade_after))
    GROUP BY ALL
    UNION ALL
    SELECT district_id, school_id, grade, 0, 0, 0, 0
    FROM students
    WHERE district_id IN (SELECT unnest(getvariable('district_ids')))
    GROUP BY ALL
),

before AS (
    SELECT district_id, school_id, grade, count(*) AS students
    FROM students
    WHERE district_id IN (SELECT unnest(getvariable('district_ids')))
    GROUP BY ALL
),

summed AS (
    SELECT
        counted.district_id,
        counted.school_id,
        counted.grade,
        coalesce(any_value(before.students), 0) AS before,
        sum(arriving)::BIGINT AS arriving,
        sum(archived)::BIGINT AS archived,
        sum(leaving_for_another_school)::BIGINT AS leaving_for_another_school,
        sum(changing_grade)::BIGINT AS changing_grade
    FROM counted
    LEFT JOIN before ON
        before.district_id = counted.district_id
        AND before.school_id IS NOT DISTINCT FROM counted.school_id
        AND before.grade IS NOT DISTINCT FROM counted.grade
    GROUP BY ALL
)

SELECT
    summed.district_id,
    to_json(list({
        school: coalesce(schools.name, summed.school_id, 'no school'),
        grade: coalesce(summed.grade, 'no grade'),
        before: summed.before,
        arriving: summed.arriving,
        archived: summed.archived,
        leaving_for_another_school: summed.leaving_for_another_school,
        changing_grade: summed.changing_grade
    } ORDER BY schools.name, summed.school_id, grades.sort_order, summed.grade))::VARCHAR
FROM summed
LEFT JOIN schools ON schools.district_id = summed.district_id AND schools.school_id = summed.school_id
LEFT JOIN grades ON grades.grade = summed.grade
GROUP BY summed.district_id
ORDER BY summed.district_id;
