-- How many people were there in each role at an earlier moment, and how many are there now?
SET VARIABLE moment = TIMESTAMPTZ '2026-09-01 00:00:00+00';

SELECT
    district_id,
    role,
    count(*) FILTER (moment = 'then') AS people_then,
    count(*) FILTER (moment = 'now') AS people_now
FROM (
    SELECT district_id, role, 'then' AS moment FROM user_roles_as_of(getvariable('moment'))
    UNION ALL
    SELECT district_id, role, 'now' FROM user_roles
)
GROUP BY district_id, role
ORDER BY district_id, role;
