-- The rows of $table that may differ.
CREATE OR REPLACE TEMP VIEW kept_$table AS
FROM $table
SEMI JOIN (FROM batch_streams WHERE stream = '$stream' AND NOT is_incremental) AS whole USING (district_id)
UNION ALL
FROM $table
SEMI JOIN (FROM concerned WHERE stream = '$stream') AS concerned ON
    concerned.district_id = $table.district_id AND concerned.record_id = $table.$id_column;
