-- What an import told is told no longer, unless another one tells it as well.
UPDATE sync.imports
SET taken_back_at = getvariable('observed_at')
WHERE import_id = getvariable('import_id');

DELETE FROM sync.told_links WHERE import_id = getvariable('import_id');
