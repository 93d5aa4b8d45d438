-- The imports of migration CSVs, the latest first, and how many of the links that each told API v3 has not confirmed.
SELECT
    imports.import_id,
    min(imports.imported_at) AS imported_at,
    string_agg(imports.file, ', ' ORDER BY imports.file) AS files,
    sum(imports.links)::BIGINT AS links,
    coalesce(any_value(told.unconfirmed), 0) AS unconfirmed_links,
    max(imports.taken_back_at) AS reverted_at
FROM sync.imports AS imports
LEFT JOIN (SELECT import_id, count(*) AS unconfirmed FROM sync.told_links GROUP BY import_id) AS told USING (import_id)
WHERE imports.source = 'migration_csv'
GROUP BY imports.import_id
ORDER BY min(imports.imported_at) DESC;
