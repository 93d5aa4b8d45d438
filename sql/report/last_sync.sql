-- When the last sync or approval was published, and the schema version of the file.
SELECT
    (SELECT max(finished_at) FROM sync.runs) AS finished_at,
    (SELECT max(number) FROM sync.migrations) AS schema_version;
