-- So that nothing that was deleted stays: write what may be in the catalog into files, rewrite every file of which a row was deleted, merge,
-- forget every snapshot but the latest, and delete every file that it does not name.
CALL ducklake_flush_inlined_data('warehouse');

CALL ducklake_rewrite_data_files('warehouse', delete_threshold => 0);

CALL ducklake_merge_adjacent_files('warehouse');

CALL ducklake_expire_snapshots('warehouse', older_than => now());

CALL ducklake_cleanup_old_files('warehouse', cleanup_all => true);

CALL ducklake_delete_orphaned_files('warehouse', cleanup_all => true);
