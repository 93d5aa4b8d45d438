-- How a difference is written to $table: what ends goes to the past, what arrives begins a version.
-- Rows go in by district and then as Clever sends them, which is by ascending ID: DuckDB finds one among a million by the least and
-- greatest ID of each block.
INSERT INTO past.past_$table BY NAME
SELECT kept.*, getvariable('observed_at') AS valid_to
FROM $table AS kept
JOIN ${table}_difference AS difference USING ($key)
WHERE difference.change IN ('updated', 'archived');

INSERT INTO past.past_$table BY NAME
SELECT kept.* REPLACE (getvariable('observed_at') AS valid_from, 'archived' AS change)
FROM $table AS kept
JOIN ${table}_difference AS difference USING ($key)
WHERE difference.change = 'archived';

UPDATE past.past_$table AS archived
SET valid_to = getvariable('observed_at')
FROM ${table}_difference AS difference
WHERE $difference_is_archived AND difference.change = 'restored' AND archived.change = 'archived' AND archived.valid_to IS NULL;

DELETE FROM $table AS kept
USING ${table}_difference AS difference
WHERE $difference_is_kept AND difference.change IN ('updated', 'archived');

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
