-- New users of whom nothing else was known: each one's v3 ID leads to the user, unless a link of a student says so already.
INSERT INTO sync.heirs BY NAME
SELECT
    user_id AS id,
    'current' AS status,
    user_id,
    true AS is_living,
    min(district_id) AS district_id,
    'api' AS source,
    false AS is_legacy_id,
    false AS has_current_link
FROM users_difference
ANTI JOIN connected_ids ON connected_ids.id = user_id
ANTI JOIN (SELECT legacy_id FROM legacy_id_crosswalk WHERE is_current AND legacy_id = user_id) AS own ON own.legacy_id = user_id
WHERE change = 'created'
GROUP BY user_id
ORDER BY user_id;

DROP TABLE changed_links;
DROP TABLE known_links;
