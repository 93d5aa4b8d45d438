-- The districts that were kept up to date by events since their last full sync, each with the record types that events have changed: what that
-- sync has read says nothing of these.
SELECT runs.district_id, flatten(list(coalesce(events.record_types, []))) AS record_types
FROM sync.runs AS runs
JOIN (
    SELECT district_id, max(sequence) AS sequence
    FROM sync.runs
    WHERE mode = 'full' AND outcome IN ('applied', 'unchanged') AND district_id IN (SELECT unnest(getvariable('district_ids')))
    GROUP BY district_id
) AS latest ON latest.district_id = runs.district_id
LEFT JOIN sync.events AS events ON events.sync_id = runs.sync_id AND events.district_id = runs.district_id
WHERE runs.mode = 'events' AND runs.outcome IN ('applied', 'unchanged') AND runs.sequence > latest.sequence
GROUP BY runs.district_id;
