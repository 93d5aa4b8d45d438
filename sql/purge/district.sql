-- What should be known before a district is removed, as sentences: people, and whether Clever still shares the district.
SELECT 'People of this district, past and present: '
    || (SELECT count(DISTINCT user_id) FROM users_history WHERE district_id = getvariable('subject')) || '.'
UNION ALL
SELECT 'The district is connected: the next sync brings it back. Disconnect it in Clever first.'
WHERE EXISTS (SELECT 1 FROM sync.districts WHERE district_id = getvariable('subject') AND connected);
