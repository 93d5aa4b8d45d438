-- In this order: rewrite files of which rows were deleted, merge small files, forget old snapshots, delete what no snapshot needs, and delete
-- what a process that died has written and no snapshot ever named.
CALL ducklake_rewrite_data_files('warehouse', delete_threshold => 0.1);

CALL ducklake_merge_adjacent_files('warehouse');

CALL ducklake_expire_snapshots('warehouse', older_than => now() - to_days($days));

CALL ducklake_cleanup_old_files('warehouse', older_than => now() - to_days($days));

CALL ducklake_delete_orphaned_files('warehouse', older_than => now() - to_days(1));
