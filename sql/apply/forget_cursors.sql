-- Districts of which Clever lists no events have no cursor.
DELETE FROM sync.event_cursors WHERE district_id IN (SELECT unnest(getvariable('district_ids')));
