-- How fresh each district is at $instant, one row per district ever connected: the relation behind the view, and behind the check of a sync.
-- Whether our own rows are current comes first: as long as they are not, nobody knows what Clever shows. Then a pause, in which Clever
-- syncs nothing and that is no fault. 36 hours are a daily sync and half a day more, so one missed night is shown before the next. Clever
-- syncs from the SIS every few hours or nightly; 72 hours are more than a weekend without an upload.
SELECT
    districts.district_id,
    districts.connected,
    syncs.up_to_date_as_of,
    coalesce(syncs.is_up_to_date, false) AS is_up_to_date,
    described.name,
    CASE
        WHEN NOT districts.connected THEN 'disconnected'
        WHEN NOT coalesce(syncs.is_up_to_date, false) OR syncs.up_to_date_as_of < $instant - INTERVAL 36 HOURS THEN 'ours_stale'
        WHEN source.is_paused THEN 'paused'
        WHEN source.has_error OR source.is_old THEN 'sis_stale'
        ELSE 'fresh'
    END AS freshness,
    CASE freshness
        WHEN 'ours_stale' THEN CASE WHEN syncs.is_up_to_date THEN 'old' ELSE coalesce(syncs.latest_outcome, 'never_synced') END
        WHEN 'sis_stale' THEN CASE WHEN source.has_error THEN 'error' ELSE 'old' END
        WHEN 'fresh' THEN CASE WHEN source.synced_at IS NULL THEN 'sis_unknown' END
    END AS reason,
    source.synced_at AS sis_synced_at,
    CASE WHEN freshness = 'paused' THEN source.pause_end_at END AS paused_until
FROM sync.districts AS districts
LEFT JOIN (
    SELECT
        district_id,
        arg_max(coalesce(read_at, finished_at), sequence) FILTER (outcome IN ('applied', 'unchanged')) AS up_to_date_as_of,
        arg_max(sync_id, sequence) FILTER (mode = 'full' AND outcome IN ('applied', 'unchanged')) AS full_sync_id,
        arg_max(outcome, sequence) AS latest_outcome,
        latest_outcome IN ('applied', 'unchanged') AS is_up_to_date
    FROM sync.runs
    GROUP BY district_id
) AS syncs USING (district_id)
LEFT JOIN districts AS described ON described.district_id = districts.district_id
-- What Clever says of its own sync, if the last good full sync read it: a list that is not shared, or not to be synced, leaves an old row.
LEFT JOIN (
    SELECT
        receipts.district_id,
        receipts.sync_id,
        records.last_sync_at AS synced_at,
        records.pause_end_at,
        -- A pause whose end has passed is over, whatever the state says; from there on Clever has 72 hours to sync.
        CASE
            WHEN records.state = 'paused' THEN coalesce($instant < records.pause_end_at, true)
            ELSE coalesce($instant >= records.pause_start_at AND $instant < records.pause_end_at, false)
        END AS is_paused,
        coalesce(records.state = 'error', false) AS has_error,
        coalesce(
            records.last_sync_at < $instant - INTERVAL 72 HOURS
            AND coalesce(records.pause_end_at NOT BETWEEN $instant - INTERVAL 72 HOURS AND $instant, true),
            false
        ) AS is_old
    FROM sync.receipts AS receipts
    JOIN districts AS records USING (district_id)
    WHERE receipts.feed = 'districts' AND receipts.complete
) AS source ON source.district_id = districts.district_id AND source.sync_id = syncs.full_sync_id
