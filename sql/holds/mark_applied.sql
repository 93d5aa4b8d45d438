-- Approved snapshots that the sync which was just written down has applied.
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
    AND runs.sequence = (SELECT max(sequence) FROM sync.runs);
