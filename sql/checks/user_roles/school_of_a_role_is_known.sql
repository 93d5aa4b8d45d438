-- Every school of a student, teacher or staff is a school of the district, unless the district shares no schools.
-- severity: warning
SELECT district_id, user_id AS record_id, min(school_id) AS related_id
FROM (
    SELECT district_id, user_id, unnest(school_ids) AS school_id FROM user_roles
    UNION ALL
    SELECT district_id, user_id, school_id FROM user_roles WHERE NOT list_contains(school_ids, school_id)
)
ANTI JOIN schools USING (district_id, school_id)
WHERE district_id IN (SELECT DISTINCT district_id FROM schools)
GROUP BY district_id, user_id;
