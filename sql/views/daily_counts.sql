-- How many records of each kind each district had on each day: from the day of the first sync that counted, to that of its last good sync.
-- A day is joined with the counts that held on it, so a query about one day does not go through the others.
CREATE OR REPLACE VIEW sync.daily_counts AS
SELECT
    days.day,
    counts.district_id,
    counts.kind,
    counts.school_id,
    counts.grade,
    counts."count"
FROM sync.counts AS counts
JOIN (
    SELECT district_id, (max(finished_at) AT TIME ZONE 'UTC')::DATE AS last_day
    FROM sync.runs
    WHERE outcome IN ('applied', 'unchanged')
    GROUP BY district_id
) AS known USING (district_id)
JOIN (
    SELECT
        unnest(
            generate_series(
                (SELECT min(first_day) FROM sync.counts)::TIMESTAMP,
                (SELECT max(finished_at) AT TIME ZONE 'UTC' FROM sync.runs WHERE outcome IN ('applied', 'unchanged')),
                INTERVAL 1 DAY
            )
        )::DATE AS day
) AS days ON days.day BETWEEN counts.first_day AND coalesce(counts.last_day, known.last_day);
