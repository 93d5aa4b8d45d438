-- The snapshots that wait for a person's word, with what each would change.
SELECT district_id, digest, why, by_role::VARCHAR
FROM sync.holds
WHERE state = 'held'
ORDER BY district_id;
