-- Each table of a file, whichever version wrote it: its name in a receipt, and its name as a query says it.
SELECT
    concat_ws('.', nullif(schema_name, 'main'), table_name),
    format('"{}"."{}"', schema_name, table_name)
FROM duckdb_tables()
WHERE NOT internal AND database_name = current_database()
ORDER BY ALL;
