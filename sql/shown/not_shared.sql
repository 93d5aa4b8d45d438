-- Which connected districts do not share each stream, as of the latest read of each.
SELECT stream, list(district_id ORDER BY district_id)
FROM (SELECT district_id, unnest(not_shared) AS stream FROM sync.districts WHERE connected)
GROUP BY stream
ORDER BY stream;
