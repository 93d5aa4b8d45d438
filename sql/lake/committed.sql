-- The scopes that a commit wrote; none if it is not in the lake.
SELECT scope FROM delivery.commits WHERE commit_id = ?
