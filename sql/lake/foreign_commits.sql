-- How many of the touched scopes, as far as they are this worker's own, another commit has written than the one that the local copy has.
SELECT count(*)
FROM touched
LEFT JOIN delivery.commits AS latest ON latest.scope = touched.scope
LEFT JOIN known ON known.scope = touched.scope
WHERE ($is_own) AND latest.commit_id IS DISTINCT FROM known.commit_id
