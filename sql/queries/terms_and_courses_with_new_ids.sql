-- Which terms and courses are in Clever under a new ID, with the same name and dates or number as one that is gone?
-- Clever rebuilds them from sections: recognize a term by name and dates, a course by its number.
SELECT
    'term' AS what,
    terms.district_id,
    terms.name,
    former.term_id AS former_id,
    former.valid_from AS archived_at,
    terms.term_id AS new_id,
    terms.first_seen_at
FROM terms
JOIN terms_history AS former ON
    former.district_id = terms.district_id
    AND former.name = terms.name
    AND former.start_date IS NOT DISTINCT FROM terms.start_date
    AND former.end_date IS NOT DISTINCT FROM terms.end_date
WHERE former.change = 'archived' AND former.valid_to IS NULL
UNION ALL
SELECT
    'course',
    courses.district_id,
    courses.name,
    former.course_id,
    former.valid_from,
    courses.course_id,
    courses.first_seen_at
FROM courses
JOIN courses_history AS former ON
    former.district_id = courses.district_id
    AND former.name = courses.name
    AND former.number IS NOT DISTINCT FROM courses.number
WHERE former.change = 'archived' AND former.valid_to IS NULL
ORDER BY ALL;
