-- The rows of user_roles as they were at an instant: FROM user_roles_as_of('2026-09-01 00:00:00+00').
CREATE OR REPLACE MACRO user_roles_as_of(instant) AS TABLE
SELECT * EXCLUDE (valid_from, valid_to, change)
FROM user_roles_history
WHERE
    change <> 'archived'
    AND valid_from <= instant::TIMESTAMPTZ
    AND (valid_to IS NULL OR valid_to > instant::TIMESTAMPTZ);
