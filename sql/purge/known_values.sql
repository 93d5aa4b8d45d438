-- What is searched for: values that are the subject's alone, and IDs of people. A district's own ID and those of its schools are not: logs
-- name them. A telling value is found within other texts, too.
CREATE TABLE known_values AS
SELECT value, contains(value, '@') OR regexp_full_match(value, '[0-9a-f]{24}') AS is_telling
FROM (
    SELECT value FROM candidates GROUP BY value HAVING bool_and(coalesce(is_mine, false))
    UNION
    SELECT lower(value) FROM ids WHERE is_of_person
);
