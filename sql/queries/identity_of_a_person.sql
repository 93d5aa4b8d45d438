-- Which ids has this person had: every legacy id and every former v3 id, given any one of them?
SET VARIABLE id = '611f78f7ba6f48d8db000045';

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
WHERE user_id IN (
    SELECT user_id
    FROM identity_chains
    WHERE getvariable('id') IN (user_id, former_user_id, legacy_id)
)
ORDER BY user_id, first_seen_at, former_user_id, district_id, role;
