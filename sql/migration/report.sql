-- The report of an import: a row for each row of the migration CSVs, ids only.
COPY (SELECT file, line, role_id, user_id, role, district_id, verdict, why FROM verdicts ORDER BY file, line)
TO (getvariable('report')) (FORMAT csv, HEADER true, USE_TMP_FILE false);
