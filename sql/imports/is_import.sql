-- Whether there is such an import that has not been taken back.
SELECT count(*) > 0
FROM sync.imports
WHERE import_id = getvariable('import_id') AND source = 'migration_csv' AND taken_back_at IS NULL;
