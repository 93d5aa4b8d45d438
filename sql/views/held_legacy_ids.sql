-- Legacy IDs that only a snapshot has shown which was not applied: with the users at whom it showed them.
CREATE OR REPLACE VIEW held_legacy_ids AS
SELECT
    links.legacy_id,
    list_sort(list(DISTINCT links.user_id)) AS user_ids,
    min(links.district_id) AS district_id,
    bool_and(coalesce(latest.state = 'rejected', false)) AS is_rejected
FROM legacy_id_crosswalk AS links
LEFT JOIN (SELECT district_id, arg_max(state, sequence) AS state FROM sync.holds GROUP BY district_id) AS latest USING (district_id)
WHERE links.source = 'held'
GROUP BY links.legacy_id;
