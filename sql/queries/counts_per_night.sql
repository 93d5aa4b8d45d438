-- How many records of each kind did each district have on each day since a date, and how many more than the day before?
SET VARIABLE since = DATE '2026-09-01';

WITH per_day AS (
    SELECT
        day,
        district_id,
        kind,
        sum("count")::BIGINT AS records
    FROM sync.daily_counts
    WHERE day >= getvariable('since')::DATE - 1
    GROUP BY day, district_id, kind
)

SELECT
    today.day,
    today.district_id,
    today.kind,
    today.records,
    today.records - yesterday.records AS more_than_the_day_before
FROM per_day AS today
LEFT JOIN per_day AS yesterday ON
    yesterday.day = today.day - 1 AND yesterday.district_id = today.district_id AND yesterday.kind = today.kind
WHERE today.day >= getvariable('since')::DATE
ORDER BY today.district_id, today.kind, today.day;
