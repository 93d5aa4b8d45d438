-- Empties what says more than an ID of the rows of $table that were gone before an instant: the row itself stays, so that its IDs still
-- lead to somebody who is gone, and a return is one.
UPDATE past.past_$table
SET $emptied
WHERE valid_to IS NULL AND change = 'archived' AND valid_from < getvariable('before') AND ($holds);
