-- By scope, the commit that wrote it last.
SELECT scope, commit_id FROM delivery.commits
