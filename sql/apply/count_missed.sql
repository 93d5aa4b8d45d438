-- How many records events have missed, by district.
SELECT district_id, count(*) FROM sync.missed_by_events WHERE district_id IN (SELECT unnest(getvariable('followed'))) GROUP BY district_id;
