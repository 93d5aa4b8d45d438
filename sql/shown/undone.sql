-- How much the published file has that a kept file lacks: syncs that changed something, decisions, imports, verifications, rollbacks.
SELECT
    (
        SELECT count(DISTINCT sync_id)
        FROM published_runs
        WHERE outcome = 'applied' AND sync_id NOT IN (SELECT sync_id FROM kept_runs)
    ) AS syncs,
    (
        SELECT count(*)
        FROM published_holds
        ANTI JOIN kept_holds USING (district_id, digest, decided_at)
        WHERE decided_at IS NOT NULL
    ) AS decisions,
    -- sync.imports does not have the imports of earlier releases: these left links only, all of one import with one date.
    greatest(
        (
            SELECT count(DISTINCT import_id)
            FROM published_imports
            WHERE
                import_id NOT IN (SELECT import_id FROM kept_imports)
                AND import_id NOT IN (SELECT verification_id FROM published_verifications)
                AND NOT starts_with(import_id, 'before imports were numbered')
        ),
        (
            SELECT count(DISTINCT first_seen_at)
            FROM published_legacy_id_crosswalk
            WHERE
                source = 'migration_csv'
                AND first_seen_at NOT IN (SELECT first_seen_at FROM kept_legacy_id_crosswalk WHERE source = 'migration_csv')
        )
    ) AS imports,
    (
        SELECT count(DISTINCT verification_id)
        FROM published_verifications
        WHERE verification_id NOT IN (SELECT verification_id FROM kept_verifications)
    ) AS verifications,
    (
        SELECT count(*)
        FROM published_rollbacks
        WHERE rolled_back_at NOT IN (SELECT rolled_back_at FROM kept_rollbacks)
    ) AS rollbacks;
