-- The rows of a table, as a lake stores them.
SELECT $columns FROM $database.$qualified
