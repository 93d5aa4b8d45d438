-- Where records differ from Clever's specs, or from what they were, over all districts: at most ? paths, and how many there are.
SELECT
    kind,
    stream,
    left(path, 200) AS path,
    sum(coalesce(records, 0))::BIGINT AS records,
    count(DISTINCT district_id) AS districts,
    min(first_seen_at) AS first_seen_at,
    count(*) OVER () AS paths
FROM sync.drift
WHERE is_present OR kind = 'field_withdrawn'
GROUP BY ALL
ORDER BY districts DESC, records DESC, kind, stream, path
LIMIT ?;
