-- A legacy id is used in one role only.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM legacy_id_crosswalk
WHERE is_current AND (district_id, legacy_id) IN (
    SELECT (district_id, legacy_id)
    FROM legacy_id_crosswalk
    WHERE is_current
    GROUP BY district_id, legacy_id
    HAVING min(role) <> max(role)
);
