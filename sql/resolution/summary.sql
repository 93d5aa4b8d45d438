-- How many lines and how many different IDs of the list have each status and reason.
SELECT status, reason, count(*), count(DISTINCT coalesce(legacy_id, line::VARCHAR))
FROM answers
GROUP BY status, reason
ORDER BY
    list_position(
        ['current', 'inherited', 'gone', 'unconfirmed', 'ambiguous', 'newer', 'never_seen', 'not_an_id', 'empty'], status
    ),
    reason;
