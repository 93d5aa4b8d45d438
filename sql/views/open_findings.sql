-- Issues that district staff can fix: each open data-quality finding with the rule and the person it is about.
CREATE OR REPLACE VIEW open_findings AS
SELECT
    findings.district_id,
    findings.severity,
    findings."check",
    checks.description,
    findings.record_id,
    findings.related_id,
    users.first_name,
    users.last_name,
    users.email,
    users.roles,
    roles.sis_ids,
    findings.first_seen_at,
    findings.last_seen_at
FROM sync.findings AS findings
LEFT JOIN sync.checks AS checks USING ("check")
LEFT JOIN users ON users.district_id = findings.district_id AND users.user_id = findings.record_id
LEFT JOIN (
    SELECT district_id, user_id, list_sort(list_distinct(list(sis_id) FILTER (sis_id IS NOT NULL))) AS sis_ids
    FROM user_roles
    GROUP BY district_id, user_id
) AS roles ON roles.district_id = findings.district_id AND roles.user_id = findings.record_id
WHERE findings.resolved_at IS NULL;
