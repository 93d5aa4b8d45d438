-- The rows of user_roles as they were at an instant: FROM user_roles_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
CREATE OR REPLACE MACRO user_roles_as_of(instant) AS TABLE
SELECT * EXCLUDE (valid_from, valid_to, change)
FROM (FROM user_roles UNION ALL BY NAME FROM past.past_user_roles)
WHERE
    change <> 'archived'
    AND least(valid_from, now()) <= instant::TIMESTAMPTZ
    AND (valid_to IS NULL OR least(valid_to, now()) > instant::TIMESTAMPTZ);
