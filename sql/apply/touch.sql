-- A change of nothing but last_modified, in $table: the row is brought up to date and makes no version.
UPDATE $table AS kept
SET last_modified_at = difference.last_modified_at
FROM ${table}_difference AS difference
WHERE $difference_is_kept AND difference.change = 'touched';
