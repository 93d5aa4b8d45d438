-- Which records of the batch may differ, of districts of which only new records were staged: those staged, and those that are no longer
-- shown as they were.
INSERT INTO batch_streams
SELECT '$stream', batch.district_id, batch.district_id IN (SELECT unnest(getvariable('incremental')))
FROM batch;

INSERT INTO concerned
SELECT '$stream', district_id, $id_column
FROM staging.$table
SEMI JOIN (FROM batch_streams WHERE stream = '$stream' AND is_incremental) AS incremental USING (district_id)
UNION
SELECT '$stream', district_id, record_id
FROM sync.lines
SEMI JOIN (FROM batch_streams WHERE stream = '$stream' AND is_incremental) AS incremental USING (district_id)
ANTI JOIN (FROM staging.lines WHERE stream = '$stream') AS shown USING (district_id, line)
WHERE stream = '$stream';
