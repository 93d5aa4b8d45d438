-- What should be known before a person is removed, as sentences: rows, whether Clever still shares the person, and who may be the same.
SELECT 'Rows of this person in users, past and present: '
    || (SELECT count(*) FROM users_history WHERE user_id = getvariable('subject')) || '.'
UNION ALL
SELECT 'Clever shows this person: the next full sync brings the person back unless you use --block.'
WHERE EXISTS (SELECT 1 FROM users WHERE user_id = getvariable('subject'))
UNION ALL
SELECT 'Likely the same person, with an ID of its own that this purge leaves alone: ' || other || '.'
FROM (
    SELECT CASE WHEN user_id = getvariable('subject') THEN former_user_id ELSE user_id END AS other
    FROM likely_same_person
    WHERE getvariable('subject') IN (user_id, former_user_id)
    UNION
    SELECT CASE WHEN user_id = getvariable('subject') THEN former_user_id ELSE user_id END
    FROM identity_chains
    WHERE getvariable('subject') IN (user_id, former_user_id) AND user_id <> former_user_id
)
UNION ALL
SELECT 'A snapshot of the district waits for a decision: it is removed, and the next sync reads the district again.'
WHERE EXISTS (
    SELECT 1
    FROM sync.holds
    WHERE state = 'held' AND district_id IN (SELECT district_id FROM users_history WHERE user_id = getvariable('subject'))
);
