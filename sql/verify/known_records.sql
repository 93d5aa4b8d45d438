-- The records that each read shows and that were not staged, because they are the same as in the last sync.
CREATE OR REPLACE TEMP VIEW known_records AS
SELECT stream, district_id, record_id, roles
FROM staging.lines
JOIN sync.lines USING (stream, district_id, line);
