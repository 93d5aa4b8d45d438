-- Remove the rows of a table that a sync has removed.
DELETE FROM $table AS kept
USING (FROM difference WHERE side < 0) AS gone
WHERE $same
