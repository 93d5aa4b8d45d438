-- For PostgreSQL: the bytes of the current files of a lake, and when it was last changed.
SELECT
    coalesce((SELECT sum(file_size_bytes) FROM ducklake_data_file WHERE end_snapshot IS NULL), 0)
    + coalesce((SELECT sum(file_size_bytes) FROM ducklake_delete_file WHERE end_snapshot IS NULL), 0) AS size,
    (SELECT max(snapshot_time)::timestamptz FROM ducklake_snapshot) AS changed_at;
