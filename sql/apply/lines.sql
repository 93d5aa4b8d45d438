-- The hashes by which the next sync recognizes the records of the batch.
DELETE FROM sync.lines AS kept
USING batch_streams AS whole
WHERE
    kept.stream = '$stream'
    AND whole.stream = '$stream'
    AND NOT whole.is_incremental
    AND kept.district_id = whole.district_id;

DELETE FROM sync.lines AS kept
USING concerned
WHERE
    kept.stream = '$stream'
    AND concerned.stream = '$stream'
    AND kept.district_id = concerned.district_id
    AND kept.record_id = concerned.record_id
    AND concerned.district_id IN (SELECT district_id FROM batch);

INSERT INTO sync.lines BY NAME
SELECT '$stream' AS stream, district_id, line, $id_column AS record_id, $roles AS roles
FROM staging.$table
JOIN batch USING (district_id)
WHERE line IS NOT NULL
ORDER BY (district_number << 40) + staged_row;

DELETE FROM sync.line_forms
WHERE stream = '$stream' AND district_id IN (SELECT district_id FROM batch_streams WHERE stream = '$stream');

-- A district with a record without a hash is read as a whole the next time.
INSERT INTO sync.line_forms BY NAME
SELECT stream, district_id, getvariable('form') AS form
FROM batch_streams
WHERE stream = '$stream' AND district_id NOT IN (SELECT district_id FROM staging.$table WHERE line IS NULL)
ORDER BY district_id;
