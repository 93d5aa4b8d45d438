-- Note which commit wrote the touched scopes last.
DELETE FROM delivery.commits WHERE scope IN (FROM touched);

INSERT INTO delivery.commits BY NAME
SELECT scope, $commit_id AS commit_id, $sync_id AS sync_id, $committed_at AS committed_at FROM touched ORDER BY scope;
