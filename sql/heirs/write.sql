-- Bring sync.heirs up to date for connected_ids.
DELETE FROM sync.heirs WHERE id IN (SELECT id FROM connected_ids);

INSERT INTO sync.heirs BY NAME FROM heirs_of_connected_ids ORDER BY id;
