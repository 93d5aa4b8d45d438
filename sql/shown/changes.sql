-- The latest changes of who holds a legacy id.
SELECT strftime(observed_at, '%H:%M:%S'), change, role, legacy_id, from_user_id, to_user_id
FROM crosswalk_changes
ORDER BY observed_at DESC, change, legacy_id
LIMIT 20;
