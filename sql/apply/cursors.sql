-- Where the next sync of events goes on, of each district that has events.
SELECT district_id, event_id, source, records, read_at FROM sync.event_cursors;
