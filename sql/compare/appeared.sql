-- Fields of the batch that had no value in a district and have some now. In a district without any row, no field has appeared.
CREATE OR REPLACE TEMP TABLE appeared AS
SELECT counts.district_id, counts."table", list(counts."column") AS columns
FROM field_counts AS counts
LEFT JOIN (FROM sync.fields WHERE kind = 'known') AS fields ON
    fields.stream = counts.stream AND fields.district_id = counts.district_id AND fields.path = counts.path
JOIN batch_streams AS streams ON streams.district_id = counts.district_id AND streams.stream = counts.stream
WHERE
    counts.staged > 0
    AND CASE WHEN streams.is_incremental THEN coalesce(fields.records, 0) ELSE counts.kept END = 0
    AND counts.district_id IN (SELECT district_id FROM users)
GROUP BY counts.district_id, counts."table";
