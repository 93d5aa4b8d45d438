-- Record the decision on a snapshot.
UPDATE sync.holds
SET
    state = getvariable('decision'),
    decided_at = getvariable('observed_at'),
    decided_by = getvariable('decided_by'),
    reason = getvariable('reason')
WHERE
    district_id = getvariable('district_id')
    AND digest = getvariable('digest')
    AND held_at = getvariable('held_at');
