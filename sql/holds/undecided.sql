-- The districts of which a snapshot was held or rejected after the last sync that brought them up to date.
SELECT DISTINCT holds.district_id
FROM sync.holds AS holds
LEFT JOIN (
    SELECT district_id, max(sequence) AS sequence
    FROM sync.runs
    WHERE outcome IN ('applied', 'unchanged')
    GROUP BY district_id
) AS latest USING (district_id)
WHERE holds.state IN ('held', 'rejected') AND holds.sequence > coalesce(latest.sequence, 0);
