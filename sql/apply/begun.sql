-- The rows of $table that begin a version.
-- Rows go in by district and then as Clever sends them, which is by ascending ID: DuckDB finds one among a million by the least and
-- greatest ID of each block.
INSERT INTO $table BY NAME
SELECT
    staged.* EXCLUDE (staged_row),
    coalesce(difference.first_seen_at, getvariable('observed_at')) AS first_seen_at,
    getvariable('observed_at') AS valid_from,
    difference.change
FROM staged_$table AS staged
JOIN ${table}_difference AS difference USING (staged_row)
WHERE difference.change IN ('created', 'updated', 'restored')
-- one number, as sorting by two is slower
ORDER BY (district_number << 40) + staged_row;
