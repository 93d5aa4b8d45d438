-- What is left to do in a list of accounts: lines that do not have the v3 ID of the user to whom they lead, lines that are one person
-- with other lines, and lines whose ID leads to no single user.
SELECT
    count(*) FILTER (user_id <> legacy_id),
    count(*) FILTER (lines > 1),
    count(*) FILTER (user_id IS NULL)
FROM (
    SELECT user_id, legacy_id, CASE WHEN user_id IS NOT NULL THEN count(*) OVER (PARTITION BY user_id) END AS lines
    FROM answers
);
