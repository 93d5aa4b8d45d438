-- A legacy ID is used in only one role.
-- severity: warning
WITH current_links AS (FROM legacy_id_crosswalk WHERE is_current),

-- Few legacy IDs have several links, so only these are looked through by district and role.
suspects AS (FROM current_links WHERE legacy_id IN (SELECT legacy_id FROM current_links GROUP BY legacy_id HAVING count(*) > 1))

SELECT district_id, user_id AS record_id
FROM suspects
WHERE (district_id, legacy_id) IN (
    SELECT (district_id, legacy_id) FROM suspects GROUP BY district_id, legacy_id HAVING min(role) <> max(role)
);
