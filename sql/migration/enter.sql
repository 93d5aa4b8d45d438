-- The import is kept, with the links that it tells and that API v3 has not shown.
INSERT INTO sync.imports BY NAME
SELECT
    getvariable('import_id') AS import_id,
    judged.file,
    getvariable('observed_at') AS imported_at,
    'migration_csv' AS source,
    bool_or(judged.is_of_one_district OR judged.file_district_id IS NOT NULL) AS is_of_one_district,
    least(min(links.district_id), min(judged.file_district_id)) AS first_district_id,
    greatest(max(links.district_id), max(judged.file_district_id)) AS last_district_id,
    count(DISTINCT judged.number) FILTER (NOT judged.is_shown AND judged.verdict NOT IN ('repeated', 'misplaced')) AS links
FROM judged_links AS judged
LEFT JOIN (FROM legacy_id_crosswalk WHERE source IN ('api', 'event')) AS links USING (legacy_id, user_id)
GROUP BY judged.file;

INSERT INTO sync.told_links BY NAME
FROM entering_links;
