-- Why the records of $endpoint cannot be verified: one row per district and reason, none where they can.
WITH counted AS (
    SELECT
        district_id,
        count(*) FILTER (record_id IS NULL) AS nameless,
        count(record_id) - count(DISTINCT record_id) AS repeated,
        count(*) FILTER (is_foreign) AS "foreign"
    FROM (
        SELECT district_id, $id_column AS record_id, is_foreign FROM staging.$table
        UNION ALL
        SELECT district_id, record_id, false FROM known_records WHERE stream = '$stream'
    )
    GROUP BY district_id
)

SELECT district_id, format('{} of the records of {} have no id', nameless, '$endpoint') AS reason FROM counted WHERE nameless > 0
UNION ALL
SELECT district_id, format('{} shows {} records more than it has ids: some came twice', '$endpoint', repeated) FROM counted WHERE repeated > 0
UNION ALL
SELECT district_id, format('{} of the records of {} belong to another district', "foreign", '$endpoint') FROM counted WHERE "foreign" > 0
ORDER BY ALL;
