-- A legacy id is used in one role only.
-- severity: warning
SELECT unnest(district_ids) AS district_id, unnest(user_ids) AS record_id
FROM (
    SELECT list(district_id) AS district_ids, list(user_id) AS user_ids
    FROM legacy_id_crosswalk
    WHERE is_current
    GROUP BY legacy_id
    HAVING count(DISTINCT role) > 1
);
