-- The districts whose records can be recognized: the hashes of the last sync are of the same form.
SELECT district_id FROM sync.line_forms WHERE stream = getvariable('stream') AND form = getvariable('form');
