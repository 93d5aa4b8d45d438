-- Which data-quality rules are broken now, how often in each district, and since when?
SELECT
    severity,
    "check" AS rule,
    district_id,
    count(*) AS records,
    min(first_seen_at) AS oldest_seen_at
FROM sync.findings
WHERE resolved_at IS NULL
GROUP BY severity, rule, district_id
ORDER BY severity, rule, district_id;
