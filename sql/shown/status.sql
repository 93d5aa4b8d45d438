-- Row counts and the result of the last sync, per district.
SELECT
    districts.district_id,
    CASE WHEN districts.connected THEN 'yes' ELSE 'no' END,
    count(*) FILTER (role = 'student'),
    count(*) FILTER (role = 'teacher'),
    count(*) FILTER (role = 'staff'),
    count(*) FILTER (role = 'district_admin'),
    count(*) FILTER (role = 'contact'),
    strftime(any_value(latest.finished_at), '%Y-%m-%d %H:%M UTC'),
    any_value(latest.outcome),
    strftime(any_value(good.read_at), '%Y-%m-%d %H:%M UTC')
FROM sync.districts AS districts
LEFT JOIN user_roles USING (district_id)
LEFT JOIN (
    SELECT district_id, arg_max(finished_at, sequence) AS finished_at, arg_max(outcome, sequence) AS outcome
    FROM sync.runs
    GROUP BY district_id
) AS latest USING (district_id)
LEFT JOIN (
    SELECT district_id, arg_max(coalesce(read_at, finished_at), sequence) AS read_at
    FROM sync.runs
    WHERE outcome IN ('applied', 'unchanged')
    GROUP BY district_id
) AS good USING (district_id)
GROUP BY ALL
ORDER BY districts.district_id;
