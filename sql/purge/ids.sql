-- The IDs that are the subject's alone: no row of anybody else has them.
CREATE TABLE ids AS
SELECT value, bool_or(is_of_person) AS is_of_person
FROM candidate_ids
GROUP BY value
HAVING bool_and(coalesce(is_mine, false));
