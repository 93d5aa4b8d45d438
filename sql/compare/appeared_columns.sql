-- The tables and columns in which something appeared.
SELECT DISTINCT "table", unnest(columns) AS "column" FROM appeared ORDER BY ALL;
