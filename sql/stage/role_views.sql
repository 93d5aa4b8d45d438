-- Whom a role view shows: the ids are all that it has to prove.
INSERT INTO staging.role_views
SELECT district_id, role, nullif(id, ''), district IS DISTINCT FROM district_id
FROM read_json(
    getvariable('files'),
    format = 'newline_delimited',
    columns = {id: 'VARCHAR', district: 'VARCHAR'},
    filename = true
)
JOIN staging.pages USING (filename);
