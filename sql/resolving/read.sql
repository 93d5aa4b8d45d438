-- The rows of a person's own CSV file: the column of ids and, if there is one, of districts.
INSERT INTO asked BY NAME
SELECT
    row_number() OVER () + 1 AS line,
    COLUMNS(lambda name: list_contains(['id', 'district_id'], name))
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
    ignore_errors = true
);
