-- Whether this import tells anything that no single earlier one tells as well.
SELECT
    (SELECT count(*) FROM entering_links) > 0
    AND NOT EXISTS (
        SELECT earlier.import_id
        FROM sync.told_links AS earlier
        SEMI JOIN entering_links AS entering ON
            entering.legacy_id = earlier.legacy_id
            AND entering.user_id = earlier.user_id
            AND (entering.role IS NULL OR entering.role = earlier.role)
            AND (entering.district_id IS NULL OR entering.district_id = earlier.district_id)
        GROUP BY earlier.import_id
        HAVING count(DISTINCT earlier.legacy_id || earlier.user_id) = (SELECT count(DISTINCT legacy_id || user_id) FROM entering_links)
    );
