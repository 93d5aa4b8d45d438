-- Which legacy IDs lead to no user in Clever, since when and why?
SELECT
    district_id,
    role,
    legacy_id,
    user_id AS last_user_id,
    since AS ended_at,
    CASE
        WHEN status = 'unconfirmed' THEN 'only in ' || source
        WHEN status = 'ambiguous' THEN 'several users: ' || array_to_string(user_ids, ' ')
        ELSE 'archived'
    END AS reason
FROM current_user_of_legacy_id
WHERE status NOT IN ('current', 'inherited')
ORDER BY district_id, ended_at, role, legacy_id;
