-- The snapshots that wait for a decision, with what each would change, and since when the district is held without a sync between.
WITH up_to_date AS (
    SELECT district_id, max(sequence) AS sequence
    FROM sync.runs
    WHERE outcome IN ('applied', 'unchanged')
    GROUP BY district_id
),

held AS (
    SELECT holds.district_id, min(holds.held_at) AS since
    FROM sync.holds AS holds
    LEFT JOIN up_to_date USING (district_id)
    WHERE up_to_date.sequence IS NULL OR holds.sequence > up_to_date.sequence
    GROUP BY holds.district_id
)

SELECT
    holds.district_id,
    holds.digest,
    holds.why,
    holds.by_role::VARCHAR,
    holds.archived,
    holds.continuing,
    holds.students::VARCHAR,
    holds.exceeded::VARCHAR,
    strftime(held.since, '%Y-%m-%d %H:%M UTC')
FROM sync.holds AS holds
JOIN held USING (district_id)
WHERE holds.state = 'held'
ORDER BY holds.district_id;
