-- The records of which a full sync found a change that no event has named, of districts that were kept up to date by events until then.
DELETE FROM sync.missed_by_events WHERE district_id IN (SELECT unnest(getvariable('district_ids')));

INSERT INTO sync.missed_by_events BY NAME
SELECT DISTINCT stream, district_id, record_id
FROM changed_records
JOIN (
    SELECT unnest(getvariable('followed_districts')) AS district_id, unnest(getvariable('followed_streams')) AS stream
) AS followed USING (stream, district_id)
ANTI JOIN staging.named_by_events USING (stream, district_id, record_id)
ORDER BY ALL;
