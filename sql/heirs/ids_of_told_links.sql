-- Which IDs may lead elsewhere because of what migration CSVs or API v2.1 tell.
INSERT INTO changed_ids
SELECT legacy_id FROM begun_told_rows
UNION
SELECT user_id FROM begun_told_rows
UNION
SELECT legacy_id FROM ended_told_rows
UNION
SELECT user_id FROM ended_told_rows;
