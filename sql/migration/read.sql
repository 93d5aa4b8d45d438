-- The rows of one migration CSV: the known columns, ids as they are written in full.
INSERT INTO staging.migration BY NAME
SELECT
    getvariable('file_name') AS file,
    getvariable('is_of_one_district') AS is_of_one_district,
    getvariable('file_district_id') AS file_district_id,
    line,
    clean_id(role_id) AS role_id,
    clean_id(user_id) AS user_id,
    role,
    clean_id(district_id) AS district_id
FROM read_csv(
    getvariable('file'),
    auto_detect = false,
    columns = {'line': 'BIGINT', 'role_id': 'VARCHAR', 'user_id': 'VARCHAR', 'role': 'VARCHAR', 'district_id': 'VARCHAR'},
    delim = ',',
    quote = '"',
    escape = '"',
    header = false
);
