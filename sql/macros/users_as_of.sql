-- The rows of users as they were at an instant: FROM users_as_of('2026-09-01 00:00:00+00').
CREATE OR REPLACE MACRO users_as_of(instant) AS TABLE
SELECT * EXCLUDE (valid_from, valid_to, change)
FROM users_history
WHERE
    change <> 'archived'
    AND valid_from <= instant::TIMESTAMPTZ
    AND (valid_to IS NULL OR valid_to > instant::TIMESTAMPTZ);
