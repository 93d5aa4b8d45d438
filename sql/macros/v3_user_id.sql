-- The v3 ID that an ID, legacy or v3, leads to: of a user in Clever, else of the user who is gone and held it last, else one that only
-- a migration CSV has, else NULL. NULL also if these are several users: resolve_legacy_ids names them.
CREATE OR REPLACE MACRO v3_user_id(legacy) AS (
    -- asked first, so that DuckDB binds the rest when the macro is called: IMPORT DATABASE creates macros before views
    CASE
        WHEN legacy IS NOT NULL
            THEN (SELECT heirs.user_id FROM clever_warehouse_living_heirs AS heirs WHERE heirs.id = clean_id(legacy))
    END
);
