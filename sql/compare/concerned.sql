-- Of which districts the stream was staged, and which of its records may differ where only new records were staged: those staged, and those
-- that are no longer shown as they were, or that an event deleted.
INSERT INTO batch_streams
SELECT '$stream', district_id, district_id IN (SELECT unnest(getvariable('incremental')))
FROM (SELECT unnest(getvariable('staged')) AS district_id);

INSERT INTO concerned
SELECT '$stream', district_id, $id_column
FROM staging.$table
SEMI JOIN (FROM batch_streams WHERE stream = '$stream' AND is_incremental) AS incremental USING (district_id)
UNION
SELECT '$stream', district_id, record_id
FROM sync.lines
SEMI JOIN (FROM batch_streams WHERE stream = '$stream' AND is_incremental) AS incremental USING (district_id)
ANTI JOIN (FROM staging.lines WHERE stream = '$stream') AS shown USING (district_id, line)
WHERE stream = '$stream' AND district_id NOT IN (SELECT unnest(getvariable('by_events')))
UNION
SELECT stream, district_id, record_id
FROM staging.deleted_records
WHERE stream = '$stream' AND district_id IN (SELECT unnest(getvariable('staged')));
