-- The v3 ID that a legacy ID had at an instant, else the one it had last before: v3_user_id_as_of('...', '2026-09-01 00:00:00+00').
-- NULL if these are several users, or if no sync had shown the ID by then. A v3 ID that a sync had shown by then gives itself.
-- The instant is read as in users_as_of. The answer is that of the history in this file: sync.rollbacks lists what may differ.
CREATE OR REPLACE MACRO v3_user_id_as_of(legacy, instant) AS (
    -- EXPORT DATABASE writes macros before views, and DuckDB binds a macro when it is created, up to the first expression whose type
    -- is that of a parameter. IS NOT NULL is such an expression: so IMPORT DATABASE can create this macro before the view it reads.
    CASE
        WHEN legacy IS NOT NULL THEN nullif(
            coalesce(
                (
                    SELECT
                        -- The last and the first of the users who held it longest: the same if there is only one.
                        CASE arg_max(held.user_id, {'until': held.until, 'user_id': held.user_id})
                            = arg_min(held.user_id, {'until': -held.until, 'user_id': held.user_id})
                            WHEN true THEN arg_max(held.user_id, held.until)
                            WHEN false THEN ''
                        END
                    FROM (
                        SELECT
                            roles.legacy_id,
                            roles.user_id,
                            CASE
                                WHEN roles.valid_to IS NULL OR least(roles.valid_to, now()) > instant::TIMESTAMPTZ
                                    THEN 9000000000000000000
                                ELSE epoch_us(roles.valid_to)
                            END AS until
                        FROM clever_warehouse_user_roles_versions AS roles
                        WHERE roles.change <> 'archived' AND least(roles.valid_from, now()) <= instant::TIMESTAMPTZ
                    ) AS held
                    WHERE held.legacy_id = clean_id(legacy)
                ),
                (
                    SELECT any_value(people.user_id)
                    FROM clever_warehouse_users_versions AS people
                    WHERE people.user_id = clean_id(legacy) AND least(people.valid_from, now()) <= instant::TIMESTAMPTZ
                )
            ),
            ''
        )
    END
);
