-- A legacy ID leads to one current user only, within a role, over all districts.
-- severity: error
SELECT district_id, user_id AS record_id
FROM legacy_id_crosswalk
WHERE is_current AND (role, legacy_id) IN (
    SELECT (role, legacy_id)
    FROM legacy_id_crosswalk
    WHERE is_current
    GROUP BY role, legacy_id
    HAVING count(DISTINCT user_id) > 1
);
