-- Each view of a file, whichever version wrote it, as a query says its name.
SELECT format('"{}"."{}"', schema_name, view_name)
FROM duckdb_views()
WHERE NOT internal AND database_name = current_database()
ORDER BY ALL;
