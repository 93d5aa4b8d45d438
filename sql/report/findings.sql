-- How many records break each data-quality rule, in how many districts, and since when: errors and the most frequent first.
SELECT
    findings.severity,
    findings."check" AS rule,
    any_value(checks.description) AS description,
    count(*) AS records,
    count(DISTINCT findings.district_id) AS districts,
    min(findings.first_seen_at) AS oldest_seen_at
FROM sync.findings AS findings
LEFT JOIN sync.checks AS checks USING ("check")
WHERE findings.resolved_at IS NULL
GROUP BY findings.severity, rule
ORDER BY findings.severity, records DESC, rule;
