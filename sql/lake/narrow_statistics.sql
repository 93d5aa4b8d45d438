-- For PostgreSQL: the smallest and largest text of a column are those of its current files. DuckLake keeps those of rows that are gone.
UPDATE ducklake_table_column_stats AS of_table
SET min_value = of_files.min_value, max_value = of_files.max_value
FROM (
    SELECT
        listed.table_id,
        listed.column_id,
        min(statistics.min_value COLLATE "C") AS min_value,
        max(statistics.max_value COLLATE "C") AS max_value
    FROM ducklake_table_column_stats AS listed
    JOIN ducklake_column AS described
        ON described.table_id = listed.table_id AND described.column_id = listed.column_id AND described.end_snapshot IS NULL
    LEFT JOIN ducklake_data_file AS file ON file.table_id = listed.table_id AND file.end_snapshot IS NULL
    LEFT JOIN ducklake_file_column_stats AS statistics
        ON statistics.data_file_id = file.data_file_id AND statistics.column_id = listed.column_id
    WHERE described.column_type IN ('varchar', 'json')
    GROUP BY listed.table_id, listed.column_id
) AS of_files
WHERE of_files.table_id = of_table.table_id AND of_files.column_id = of_table.column_id;
