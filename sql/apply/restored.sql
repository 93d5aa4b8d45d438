-- The rows of $table that came back are no longer gone.
UPDATE past.past_$table AS archived
SET valid_to = getvariable('observed_at')
FROM ${table}_difference AS difference
WHERE $difference_is_archived AND difference.change = 'restored' AND archived.change = 'archived' AND archived.valid_to IS NULL;
