-- How many people were added, updated, archived and restored on each day from one day (?) to another (?), over all districts.
SELECT
    days.day,
    coalesce(sum(runs.added), 0)::BIGINT AS added,
    coalesce(sum(runs.updated), 0)::BIGINT AS updated,
    coalesce(sum(runs.archived), 0)::BIGINT AS archived,
    coalesce(sum(runs.restored), 0)::BIGINT AS restored
FROM (SELECT unnest(generate_series(?::TIMESTAMP, ?::TIMESTAMP, INTERVAL 1 DAY))::DATE AS day) AS days
LEFT JOIN sync.runs AS runs ON (runs.finished_at AT TIME ZONE 'UTC')::DATE = days.day AND runs.outcome = 'applied'
GROUP BY days.day
ORDER BY days.day;
