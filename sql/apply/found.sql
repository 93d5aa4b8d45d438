-- Where the records that break a rule are gathered before they meet what was found before. The findings of rules that stand are the same.
CREATE OR REPLACE TEMP TABLE found ("check" VARCHAR, severity VARCHAR, district_id VARCHAR, record_id VARCHAR, related_id VARCHAR);

INSERT INTO found
SELECT "check", severity, district_id, record_id, related_id
FROM sync.findings
WHERE resolved_at IS NULL AND "check" IN (SELECT unnest(getvariable('stand')));
