-- Which IDs has this person had: every legacy ID and every former v3 ID, given any one of them?
SET VARIABLE id = '611f78f7ba6f48d8db000045';

WITH asked AS (
    SELECT unnest(coalesce(user_ids, [user_id])) AS user_id, is_living
    FROM living_heirs
    WHERE id = getvariable('id')
)

SELECT
    user_id,
    former_user_id,
    district_id,
    role,
    legacy_id,
    is_current,
    first_seen_at,
    ended_at,
    end_reason
FROM identity_chains
WHERE user_id IN (SELECT user_id FROM asked)
UNION ALL
-- a person who is gone has no identity chain: the links that lead there, except those of imports that API v3 contradicts
SELECT
    asked.user_id,
    links.user_id,
    links.district_id,
    links.role,
    links.legacy_id,
    links.is_current,
    links.first_seen_at,
    links.ended_at,
    links.end_reason
FROM asked
JOIN (
    SELECT id, unnest(coalesce(user_ids, [user_id])) AS user_id
    FROM living_heirs
    WHERE NOT is_living
) AS heirs ON heirs.user_id = asked.user_id
JOIN legacy_id_crosswalk AS links ON links.user_id = heirs.id AND links.source <> 'held'
JOIN living_heirs AS of_legacy_id ON of_legacy_id.id = links.legacy_id
WHERE
    NOT asked.is_living
    AND (
        links.source IN ('api', 'event')
        OR of_legacy_id.source NOT IN ('api', 'event')
        OR list_contains(coalesce(of_legacy_id.user_ids, [of_legacy_id.user_id]), asked.user_id)
    )
ORDER BY user_id, first_seen_at, former_user_id, district_id, role, legacy_id;
