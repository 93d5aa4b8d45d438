-- What has become of this person over time: every version of the person and of each role?
SET VARIABLE user_id = '611f78f7ba6f48d8db000045';

SELECT
    district_id,
    valid_from,
    valid_to,
    change,
    'the person' AS what,
    email,
    last_name,
    NULL AS legacy_id,
    NULL AS title
FROM users_history
WHERE user_id = getvariable('user_id')
UNION ALL BY NAME
SELECT
    district_id,
    valid_from,
    valid_to,
    change,
    role AS what,
    legacy_id,
    title
FROM user_roles_history
WHERE user_id = getvariable('user_id')
ORDER BY district_id, valid_from, what;
