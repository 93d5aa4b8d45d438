-- Records that break a rule: found (check, severity, district_id, record_id, related_id) meets what was found before, but of rules that were
-- left out.
UPDATE sync.findings AS findings
SET resolved_at = getvariable('observed_at')
WHERE
    resolved_at IS NULL
    AND "check" NOT IN (SELECT unnest(getvariable('left_out')))
    AND NOT EXISTS (
        FROM found
        WHERE found."check" = findings."check" AND found.district_id = findings.district_id AND found.record_id = findings.record_id
    );

UPDATE sync.findings AS findings
SET
    last_seen_at = getvariable('observed_at'),
    first_seen_at = CASE WHEN resolved_at IS NULL THEN first_seen_at ELSE getvariable('observed_at') END,
    resolved_at = NULL,
    related_id = found.related_id
FROM found
WHERE
    found."check" = findings."check"
    AND found.district_id = findings.district_id
    AND found.record_id = findings.record_id
    AND (
        resolved_at IS NOT NULL
        OR found.district_id IN (SELECT unnest(getvariable('district_ids')))
        -- what another district shows may explain an ID that led nowhere
        OR findings.related_id IS DISTINCT FROM found.related_id
    );

INSERT INTO sync.findings BY NAME
SELECT *, getvariable('observed_at') AS first_seen_at, getvariable('observed_at') AS last_seen_at
FROM found
ANTI JOIN sync.findings USING ("check", district_id, record_id)
ORDER BY record_id;
