-- Approved snapshots that a sync has read again and applied.
UPDATE sync.holds AS holds
SET applied_at = getvariable('observed_at')
FROM sync.runs AS runs
WHERE
    holds.state = 'approved'
    AND holds.applied_at IS NULL
    AND holds.district_id IN (SELECT unnest(getvariable('district_ids')))
    AND runs.district_id = holds.district_id
    AND runs.digest = holds.digest
    AND runs.outcome = 'applied'
    AND runs.finished_at >= holds.decided_at;
