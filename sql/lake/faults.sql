-- What would be wrong with the rows that are to be added: keys that are there already or twice, rows written twice, required values that are missing.
SELECT
    (SELECT count(*) FROM (FROM difference WHERE side > 0) AS written SEMI JOIN $table AS kept ON $same) AS known_keys,
    (SELECT count(*) FROM (SELECT $key FROM difference WHERE side > 0 GROUP BY ALL HAVING count(*) > 1)) AS repeated_keys,
    (SELECT count(*) FROM difference WHERE side > 1) AS repeated_rows,
    (SELECT count(*) FROM difference WHERE side > 0 AND ($missing)) AS missing_values
