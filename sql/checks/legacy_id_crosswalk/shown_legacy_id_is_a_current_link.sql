-- Every legacy ID of a role is a current link of the crosswalk, and every current link is a legacy ID of a role.
-- severity: error
SELECT district_id, user_id AS record_id
FROM (SELECT district_id, user_id, role, legacy_id FROM user_roles WHERE legacy_id IS NOT NULL) AS shown
FULL JOIN (SELECT district_id, user_id, role, legacy_id FROM legacy_id_crosswalk WHERE is_current) AS links
USING (district_id, user_id, role, legacy_id)
WHERE shown.user_id IS NULL OR links.user_id IS NULL;
