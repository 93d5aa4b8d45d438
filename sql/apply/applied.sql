-- Which full sync was the last of some districts, and what each feed looked like then, as a digest; NULL if an earlier
-- version wrote that sync down, which did not know for certain which sync was the latest.
SELECT receipts.district_id, receipts.sync_id, receipts.feed, CASE WHEN latest.sequence > 0 THEN receipts.digest END
FROM sync.receipts AS receipts
JOIN (
    SELECT district_id, arg_max(sync_id, sequence) AS sync_id, max(sequence) AS sequence
    FROM sync.runs
    WHERE mode = 'full' AND outcome IN ('applied', 'unchanged') AND district_id IN (SELECT unnest(getvariable('district_ids')))
    GROUP BY district_id
) AS latest USING (district_id, sync_id);
