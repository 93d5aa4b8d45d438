-- How many people of each role there were on each day of the year before a day (?), over all districts.
-- Each count is added on its first day and taken off after its last one: sync.daily_counts would join every count with every day. A
-- district that fails or has left keeps its people, as it does in users.
WITH roles AS (
    SELECT kind, first_day, last_day, "count"
    FROM sync.counts
    WHERE kind IN ('users', 'student', 'teacher', 'staff', 'district_admin', 'contact')
),

steps AS (
    SELECT kind, first_day AS day, "count" AS step
    FROM roles
    UNION ALL
    SELECT kind, last_day + 1 AS day, -"count" AS step
    FROM roles
    WHERE last_day IS NOT NULL
),

totals AS (
    SELECT kind, day, sum(sum(step)) OVER (PARTITION BY kind ORDER BY day)::BIGINT AS people
    FROM steps
    GROUP BY kind, day
),

days AS (
    SELECT
        unnest(
            generate_series(
                greatest((SELECT min(first_day) FROM roles)::TIMESTAMP, last_day - INTERVAL 364 DAYS),
                last_day,
                INTERVAL 1 DAY
            )
        )::DATE AS day
    FROM (SELECT greatest((SELECT min(first_day) FROM roles), ?::DATE)::TIMESTAMP AS last_day)
)

SELECT kinds.kind, days.day, coalesce(totals.people, 0)
FROM days
CROSS JOIN (SELECT DISTINCT kind FROM roles) AS kinds
ASOF LEFT JOIN totals ON totals.kind = kinds.kind AND totals.day <= days.day
ORDER BY kinds.kind, days.day;
