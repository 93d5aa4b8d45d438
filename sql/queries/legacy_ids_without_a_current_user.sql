-- Which legacy ids lead to no current user, since when and why?
SELECT
    district_id,
    role,
    legacy_id,
    v3_user_id(legacy_id) AS last_user_id,
    max(ended_at) AS ended_at,
    coalesce(arg_max(end_reason, ended_at), 'told only by ' || min(source)) AS reason
FROM legacy_id_crosswalk
WHERE source <> 'held' AND legacy_id NOT IN (SELECT legacy_id FROM legacy_id_crosswalk WHERE is_current)
GROUP BY district_id, role, legacy_id
ORDER BY district_id, ended_at, role, legacy_id;
