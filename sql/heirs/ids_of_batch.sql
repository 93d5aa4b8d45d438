-- Which IDs the batch may lead elsewhere: those that lost a link, gained one beside others, or name a user who came or went.
CREATE OR REPLACE TEMP TABLE changed_ids AS
SELECT legacy_id AS id FROM ended_links
UNION
SELECT legacy_id FROM known_links
UNION
SELECT legacy_id FROM changed_links SEMI JOIN (SELECT id FROM sync.heirs) AS heirs ON id = legacy_id
UNION
SELECT legacy_id FROM changed_links GROUP BY legacy_id HAVING count(*) > 1
UNION
-- a legacy ID that is the v3 ID of another user
SELECT changed_links.legacy_id
FROM changed_links
JOIN users ON users.user_id = changed_links.legacy_id
WHERE changed_links.user_id <> changed_links.legacy_id
UNION
SELECT user_id FROM users_difference WHERE change IN ('archived', 'restored')
UNION
SELECT user_id FROM users_difference SEMI JOIN (SELECT id FROM sync.heirs) AS heirs ON id = user_id WHERE change = 'created'
UNION
SELECT legacy_id
FROM legacy_id_crosswalk AS links
SEMI JOIN (FROM users_difference WHERE change = 'created') AS created ON created.user_id = links.legacy_id
WHERE links.user_id <> links.legacy_id;
