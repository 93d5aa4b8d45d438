-- The IDs that syncs leave out, as keyed hashes.
SELECT id_hash FROM sync.blocked;
