-- The rows of $table as they were at an instant: FROM ${table}_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO ${table}_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN $versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);
