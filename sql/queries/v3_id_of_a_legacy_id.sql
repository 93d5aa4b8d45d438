-- Which v3 ID did this legacy ID become, and is it the current one?
SET VARIABLE legacy_id = '55dbb001ba6f48d8db0007d0';

SELECT
    legacy_id,
    role,
    user_id,
    user_id = v3_user_id(legacy_id) AS is_the_answer,
    is_current,
    first_seen_at,
    ended_at,
    end_reason,
    district_id
FROM legacy_id_crosswalk
WHERE source <> 'held' AND legacy_id = getvariable('legacy_id')
ORDER BY is_current DESC, last_seen_at DESC;
