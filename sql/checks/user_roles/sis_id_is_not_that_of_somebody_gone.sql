-- No user has the sis_id that an archived user had in the same role, unless the crosswalk shows that they are the same person.
-- severity: warning
-- across districts
WITH gone AS (
    SELECT district_id, user_id, role, sis_id, legacy_id, valid_from AS gone_since
    FROM past.past_user_roles
    WHERE change = 'archived' AND valid_to IS NULL AND sis_id IS NOT NULL
),

-- Few sis_ids are used again, so only the users who had them are looked up in living_heirs.
suspects AS MATERIALIZED (
    SELECT present.district_id, present.user_id, gone.user_id AS former_user_id, gone.legacy_id, gone.gone_since
    FROM gone
    JOIN user_roles AS present ON
        present.district_id = gone.district_id AND present.role = gone.role AND present.sis_id = gone.sis_id
    WHERE present.user_id <> gone.user_id
),

-- The archived user leads to the present one; or only the role went there, with its legacy ID (a split that keeps an ID).
heirs AS MATERIALIZED (
    SELECT id, coalesce(user_ids, [user_id]) AS user_ids
    FROM living_heirs
    WHERE is_living AND id IN (SELECT former_user_id FROM suspects UNION ALL SELECT legacy_id FROM suspects)
),

unexplained AS (
    FROM suspects
    ANTI JOIN (SELECT id, unnest(user_ids) AS user_id FROM heirs) AS explained ON
        explained.user_id = suspects.user_id AND explained.id IN (suspects.former_user_id, suspects.legacy_id)
)

-- Of several users who had it, the one who left last.
SELECT district_id, user_id AS record_id, max({'gone_since': gone_since, 'user_id': former_user_id}).user_id AS related_id
FROM unexplained
GROUP BY district_id, user_id;
