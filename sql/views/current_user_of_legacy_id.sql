-- Who each legacy ID ever seen leads to, one row per legacy ID: for joins, also from another database.
CREATE OR REPLACE VIEW current_user_of_legacy_id AS
SELECT id AS legacy_id, user_id, status, role, district_id, since, user_ids, source
FROM ($heir_of_every_id) AS heirs
WHERE is_legacy_id;
