-- The report of a verification: a row for each id that is not explained, or whose person API v3 tells otherwise; ids only.
COPY (
    SELECT
        district_id,
        role,
        legacy_id,
        user_id,
        CASE WHEN NOT is_explained THEN 'unexplained' WHEN email_differs OR sis_id_differs OR other_role IS NOT NULL THEN 'differing' ELSE 'ended' END AS verdict,
        concat_ws(
            '; ',
            why,
            CASE WHEN is_explained AND NOT is_current THEN 'API v3 no longer shows the link' END,
            'API v3 shows it in the role ' || other_role,
            CASE WHEN email_differs THEN 'the e-mail differs' END,
            CASE WHEN sis_id_differs THEN 'the sis_id differs' END
        ) AS why,
        CASE
            WHEN suggested_by_email <> suggested_by_sis_id THEN NULL
            ELSE coalesce(suggested_by_sis_id, suggested_by_email)
        END AS suggested_user_id,
        CASE
            WHEN suggested_by_email <> suggested_by_sis_id THEN 'e-mail and sis_id lead to two users'
            ELSE concat_ws(
                ' and ',
                CASE WHEN suggested_by_email IS NOT NULL THEN 'the same e-mail' END,
                CASE WHEN suggested_by_sis_id IS NOT NULL THEN 'the same sis_id' END
            )
        END AS evidence
    FROM compared_ids
    WHERE NOT is_explained OR NOT is_current OR email_differs OR sis_id_differs OR other_role IS NOT NULL
    ORDER BY ALL
) TO (getvariable('report')) (FORMAT csv, HEADER true, USE_TMP_FILE false);
