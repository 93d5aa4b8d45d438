-- Which classes got another name since a day, or have no name?
-- Clever makes the name of a class of the course, the teacher's last name and the period, so it changes with each of them. Recognize a
-- class by section_id, and show the name of the course where a class has none.
SET VARIABLE since = now() - INTERVAL 30 DAY;

WITH versions AS (
    SELECT
        district_id,
        section_id,
        name,
        lag(name) OVER of_section AS former_name,
        lag(valid_from) OVER of_section AS former_valid_from,
        change,
        valid_from
    FROM sections_history
    WINDOW of_section AS (PARTITION BY district_id, section_id ORDER BY valid_from)
),

renamed AS (
    FROM versions
    WHERE
        former_valid_from IS NOT NULL
        AND change <> 'archived'
        AND name IS DISTINCT FROM former_name
        AND valid_from >= getvariable('since')
)

SELECT
    sections.district_id,
    sections.section_id,
    renamed.valid_from AS renamed_at,
    renamed.former_name,
    sections.name,
    courses.name AS course_name
FROM sections
LEFT JOIN courses ON courses.district_id = sections.district_id AND courses.course_id = sections.course_id
LEFT JOIN renamed ON renamed.district_id = sections.district_id AND renamed.section_id = sections.section_id
WHERE sections.name IS NULL OR renamed.section_id IS NOT NULL
ORDER BY sections.district_id, sections.section_id, renamed_at;
