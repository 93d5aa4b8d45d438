-- Row counts, the result of the last sync, and the hold of each district.
SELECT
    districts.district_id,
    districts.connected,
    count(*) FILTER (role = 'student'),
    count(*) FILTER (role = 'teacher'),
    count(*) FILTER (role = 'staff'),
    count(*) FILTER (role = 'district_admin'),
    count(*) FILTER (role = 'contact'),
    any_value(latest.finished_at),
    any_value(latest.outcome),
    any_value(latest.error),
    any_value(waiting.digest)
FROM sync.districts AS districts
LEFT JOIN user_roles USING (district_id)
LEFT JOIN (
    SELECT
        district_id,
        arg_max(finished_at, sequence) AS finished_at,
        arg_max(outcome, sequence) AS outcome,
        -- May be NULL, which arg_max skips.
        arg_max([error], sequence)[1] AS error
    FROM sync.runs
    GROUP BY district_id
) AS latest USING (district_id)
LEFT JOIN (SELECT district_id, digest FROM sync.holds WHERE state = 'held') AS waiting USING (district_id)
GROUP BY ALL
ORDER BY districts.district_id;
