-- Add the rows of a table that a sync has written, sorted by district, as readers look for them.
INSERT INTO $table BY NAME
SELECT * EXCLUDE (side) FROM difference WHERE side > 0 ORDER BY $order
