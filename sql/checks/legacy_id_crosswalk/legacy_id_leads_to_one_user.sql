-- A legacy ID leads to only one current user per role, across all districts.
-- severity: error
-- across districts
WITH current_links AS (FROM legacy_id_crosswalk WHERE is_current),

-- Few legacy IDs have several links, so only these are looked through by role and user.
suspects AS (FROM current_links WHERE legacy_id IN (SELECT legacy_id FROM current_links GROUP BY legacy_id HAVING count(*) > 1))

SELECT district_id, user_id AS record_id
FROM suspects
WHERE (role, legacy_id) IN (
    SELECT (role, legacy_id) FROM suspects GROUP BY role, legacy_id HAVING count(DISTINCT user_id) > 1
);
