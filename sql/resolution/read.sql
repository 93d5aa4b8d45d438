-- The rows of a person's own CSV file: for each the ID that it asks for and, if the file has such a column, the district.
INSERT INTO asked BY NAME
SELECT line, clean_id(id) AS id, clean_id(district_id) AS district_id
FROM read_csv(
    getvariable('file'),
    auto_detect = false,
    columns = {'line': 'BIGINT', 'id': 'VARCHAR', 'district_id': 'VARCHAR'},
    delim = ',',
    quote = '"',
    escape = '"',
    header = false
);
