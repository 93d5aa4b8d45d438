-- Why what API v2.1 listed of a district cannot be believed; a district that is not named can.
SELECT district_id, format('{} records of the list of role {} name another district or none', count(*), role)
FROM staging.legacy_people
WHERE record_district_id IS DISTINCT FROM district_id
GROUP BY district_id, role
UNION ALL
SELECT district_id, format('{} ids come more than once in the list of role {}', count(*), role)
FROM (SELECT district_id, role, legacy_id FROM staging.legacy_people GROUP BY ALL HAVING count(*) > 1)
GROUP BY district_id, role
ORDER BY ALL;
