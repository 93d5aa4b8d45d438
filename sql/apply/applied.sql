-- Which sync read the rows that the districts have now, and what each feed looked like then, as a digest.
SELECT receipts.district_id, receipts.sync_id, receipts.feed, receipts.digest
FROM sync.receipts AS receipts
JOIN (
    SELECT district_id, arg_max(sync_id, finished_at) AS sync_id
    FROM sync.runs
    WHERE outcome IN ('applied', 'unchanged') AND district_id IN (SELECT unnest(getvariable('district_ids')))
    GROUP BY district_id
) AS latest USING (district_id, sync_id);
