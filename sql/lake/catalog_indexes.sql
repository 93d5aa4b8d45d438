-- Indexes for PostgreSQL: DuckLake looks these columns up at each attach and commit, and its catalog has only keys.
CREATE INDEX IF NOT EXISTS clever_warehouse_data_files ON ducklake_data_file (table_id, begin_snapshot, end_snapshot);

CREATE INDEX IF NOT EXISTS clever_warehouse_delete_files ON ducklake_delete_file (table_id, data_file_id);

CREATE INDEX IF NOT EXISTS clever_warehouse_file_statistics ON ducklake_file_column_stats (table_id, column_id, data_file_id);

CREATE INDEX IF NOT EXISTS clever_warehouse_statistics_of_file ON ducklake_file_column_stats (data_file_id);

CREATE INDEX IF NOT EXISTS clever_warehouse_partition_values ON ducklake_file_partition_value (data_file_id);

CREATE INDEX IF NOT EXISTS clever_warehouse_columns ON ducklake_column (table_id, begin_snapshot);
