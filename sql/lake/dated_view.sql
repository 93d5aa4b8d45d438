-- Such a table as everybody reads it.
CREATE OR REPLACE VIEW $qualified AS
SELECT $columns
FROM (
    SELECT stored.* REPLACE (coalesce(stored.last_seen_at, seen.last_seen_at) AS last_seen_at)
    FROM $stored AS stored
    LEFT JOIN delivery.seen AS seen ON seen.relation = '$relation' AND seen.district_id = stored.district_id
)
