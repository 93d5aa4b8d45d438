-- Which students left a class and joined another one since a day?
-- Clever sends no date for this: since is compared with the date of the sync that first saw the change.
SET VARIABLE since = now() - INTERVAL 30 DAY;

WITH moves AS (
    SELECT district_id, student_id, section_id, 'left' AS what
    FROM section_students_history
    WHERE change = 'archived' AND valid_to IS NULL AND valid_from >= getvariable('since')
    UNION ALL
    SELECT district_id, student_id, section_id, 'joined'
    FROM section_students
    WHERE valid_from >= getvariable('since')
)

SELECT
    moves.district_id,
    moves.student_id,
    users.last_name,
    users.first_name,
    list(moves.section_id ORDER BY moves.section_id) FILTER (moves.what = 'left') AS left_section_ids,
    list(moves.section_id ORDER BY moves.section_id) FILTER (moves.what = 'joined') AS joined_section_ids
FROM moves
LEFT JOIN users ON users.district_id = moves.district_id AND users.user_id = moves.student_id
GROUP BY ALL
HAVING bool_or(moves.what = 'left') AND bool_or(moves.what = 'joined')
ORDER BY moves.district_id, moves.student_id;
