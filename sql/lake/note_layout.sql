-- Local copies read the schema version again.
DELETE FROM delivery.commits WHERE scope IN ('sync.migrations', 'sync.layout');

INSERT INTO delivery.commits BY NAME
SELECT scope, uuid()::VARCHAR AS commit_id, NULL AS sync_id, now() AS committed_at
FROM (VALUES ('sync.migrations'), ('sync.layout')) AS changed(scope)
ORDER BY scope;
