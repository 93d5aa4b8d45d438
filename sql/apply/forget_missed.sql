-- Districts that show what the warehouse has: events have missed nothing. Without a change no rule is checked, so the findings end here.
DELETE FROM sync.missed_by_events WHERE district_id IN (SELECT unnest(getvariable('district_ids')));

UPDATE sync.findings
SET resolved_at = getvariable('observed_at')
WHERE
    "check" = 'missed_by_events'
    AND resolved_at IS NULL
    AND district_id IN (SELECT unnest(getvariable('district_ids')));
