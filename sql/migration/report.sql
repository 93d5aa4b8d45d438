-- The report of an import: one row per row of the migration CSVs, IDs only.
COPY (
    SELECT
        verdicts.file,
        verdicts.line,
        verdicts.role_id,
        verdicts.user_id,
        links.role,
        links.district_id,
        verdicts.verdict,
        verdicts.why || CASE WHEN links.role = 'unknown' AND verdicts.verdict <> 'repeated' THEN '; nothing tells the role' ELSE '' END AS why
    FROM verdicts
    LEFT JOIN (
        SELECT legacy_id, user_id, min(role) AS role, min(district_id) AS district_id
        FROM legacy_id_crosswalk
        WHERE source <> 'held'
        GROUP BY legacy_id, user_id
    ) AS links ON links.legacy_id = verdicts.role_id AND links.user_id = verdicts.user_id
    ORDER BY verdicts.file, verdicts.line
) TO (getvariable('report')) (FORMAT csv, HEADER true, USE_TMP_FILE false);
