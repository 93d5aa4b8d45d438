-- The v3 ID that an ID, legacy or v3, leads to: of a user in Clever, else of the user who is gone and held it last, else one that only
-- a migration CSV tells, else NULL. NULL also if these are several users: resolve_legacy_ids names them.
CREATE OR REPLACE MACRO v3_user_id(legacy) AS (
    SELECT heirs.user_id FROM ($heir_of_every_id) AS heirs WHERE heirs.id = clean_id(legacy)
);
