-- Removes the versions of rows of $table that ended before an instant.
DELETE FROM past.past_$table WHERE valid_to < getvariable('before');
