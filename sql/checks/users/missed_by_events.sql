-- Events show every change of a record. What the latest full sync found and no event had shown is a gap in Clever's events.
-- severity: warning
SELECT district_id, record_id
FROM sync.missed_by_events;
