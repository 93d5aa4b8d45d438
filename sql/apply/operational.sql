-- A change of nothing but Clever's own times, in $table: the row is brought up to date, and there is no new version.
UPDATE $table AS kept
SET $set_operational
FROM ${table}_difference AS difference
JOIN staged_$table AS staged USING (staged_row)
WHERE $difference_is_kept AND difference.change = 'refreshed';
