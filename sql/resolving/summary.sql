-- How many lines and how many different ids of the list have each status and reason.
SELECT status, reason, count(*), count(DISTINCT coalesce(legacy_id, line::VARCHAR))
FROM answers
GROUP BY status, reason
ORDER BY list_position(['current', 'ended', 'unconfirmed', 'ambiguous', 'unresolved', 'empty'], status), reason;
