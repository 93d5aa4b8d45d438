-- Where the records that break a rule are gathered before they meet what was found before.
CREATE OR REPLACE TEMP TABLE found ("check" VARCHAR, severity VARCHAR, district_id VARCHAR, record_id VARCHAR, related_id VARCHAR);
