-- Which rows another district took over while keys had no district: they end as archived in their own district, so that its next
-- sync restores them there.
INSERT INTO past.past_users BY NAME
SELECT taken.* REPLACE (taken.valid_to AS valid_from, 'archived' AS change, NULL::TIMESTAMPTZ AS valid_to)
FROM (
    FROM past.past_users
    QUALIFY row_number() OVER (PARTITION BY district_id, user_id ORDER BY valid_to DESC NULLS FIRST) = 1
) AS taken
ANTI JOIN users USING (district_id, user_id)
WHERE taken.valid_to IS NOT NULL
ORDER BY taken.user_id;

INSERT INTO past.past_user_roles BY NAME
SELECT taken.* REPLACE (taken.valid_to AS valid_from, 'archived' AS change, NULL::TIMESTAMPTZ AS valid_to)
FROM (
    FROM past.past_user_roles
    QUALIFY row_number() OVER (PARTITION BY district_id, user_id, role ORDER BY valid_to DESC NULLS FIRST) = 1
) AS taken
ANTI JOIN user_roles USING (district_id, user_id, role)
WHERE taken.valid_to IS NOT NULL
ORDER BY taken.user_id;
