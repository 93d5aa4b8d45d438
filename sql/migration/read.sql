-- The rows of one migration CSV: the columns that are known by their header, as text; a line that is no row of a CSV is kept empty.
SET preserve_insertion_order = true;

INSERT INTO staging.migration BY NAME
SELECT
    getvariable('file_name') AS file,
    getvariable('is_of_one_district') AS is_of_one_district,
    getvariable('file_district_id') AS file_district_id,
    row_number() OVER () + 1 AS line,
    COLUMNS(lambda name: list_contains(['role_id', 'user_id', 'role', 'district_id'], name))
FROM read_csv(
    getvariable('file'),
    auto_detect = false,
    columns = getvariable('columns'),
    delim = getvariable('delimiter'),
    quote = '"',
    escape = '"',
    header = false,
    skip = 1,
    null_padding = true,
    strict_mode = false,
    parallel = false,
    ignore_errors = true,
    store_rejects = true
);

INSERT INTO staging.migration BY NAME
SELECT DISTINCT
    getvariable('file_name') AS file,
    getvariable('is_of_one_district') AS is_of_one_district,
    line
FROM reject_errors;

DROP TABLE reject_errors;
DROP TABLE reject_scans;
