-- Where the records that are new begin, by the list of hashes of their page; NULL if all of its records are new.
SELECT filename, CASE WHEN bool_or(is_known) THEN list(line_start ORDER BY line_start) FILTER (WHERE NOT is_known) END
FROM hashes
GROUP BY filename
HAVING NOT bool_and(is_known);
