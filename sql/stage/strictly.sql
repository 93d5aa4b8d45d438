-- The records of some files, where all their fields are known: the first of the files shows these, and DuckDB refuses others, as
-- long as every column is asked for.
CREATE OR REPLACE TEMP VIEW records AS
SELECT *, known_fields_of(id, district, email, created, last_modified, "name", roles) AS known_fields
FROM read_json(
    getvariable('files'),
    format = 'newline_delimited',
    filename = true,
    maximum_sample_files = 1,
    field_appearance_threshold = 0,
    map_inference_threshold = -1
);
