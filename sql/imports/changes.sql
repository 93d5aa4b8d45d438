-- How many links entered the crosswalk, how many left it, and how many stay with another role or district.
SELECT
    count(*) FILTER (ended.legacy_id IS NULL),
    count(*) FILTER (begun.legacy_id IS NULL),
    count(*) FILTER (begun.role <> ended.role OR begun.district_id <> ended.district_id)
FROM begun_told_rows AS begun
FULL JOIN ended_told_rows AS ended USING (legacy_id, user_id);
