-- The records of some files, whatever other fields they have: of theirs, only those that are kept need be as the specs say.
CREATE OR REPLACE TEMP VIEW records AS
SELECT *, NULL::UBIGINT[] AS known_fields
FROM read_json(
    getvariable('files'),
    format = 'newline_delimited',
    filename = true,
    columns = {
        id: 'VARCHAR', district: 'VARCHAR', email: 'VARCHAR', created: 'VARCHAR', last_modified: 'VARCHAR',
        name: 'STRUCT("first" VARCHAR, middle VARCHAR, "last" VARCHAR)',
        roles: 'STRUCT(
            student STRUCT(
                legacy_id VARCHAR, sis_id VARCHAR, school VARCHAR, schools VARCHAR[], grade VARCHAR, gender VARCHAR, race VARCHAR,
                hispanic_ethnicity VARCHAR, ell_status VARCHAR, gifted_status VARCHAR, section_504_status VARCHAR,
                frl_status VARCHAR,
                disability STRUCT(disability_status VARCHAR, disability_type VARCHAR, disability_code VARCHAR)
            ),
            teacher STRUCT(legacy_id VARCHAR, sis_id VARCHAR, title VARCHAR, school VARCHAR, schools VARCHAR[]),
            staff STRUCT(legacy_id VARCHAR, staff_id VARCHAR, title VARCHAR, schools VARCHAR[]),
            district_admin STRUCT(legacy_id VARCHAR, title VARCHAR),
            contact STRUCT(
                legacy_id VARCHAR, sis_id VARCHAR, phone_type VARCHAR,
                student_relationships STRUCT(relationship VARCHAR, "type" VARCHAR)[]
            )
        )'
    }
);

-- Which of the unseen fields they have is told from the text.
INSERT INTO staging.known_fields
SELECT DISTINCT district_id, path
FROM (
    SELECT
        district_id,
        unnest(json_type(json, getvariable('unseen_places'))) AS kind,
        unnest(getvariable('unseen_paths')) AS path
    FROM read_ndjson_objects(getvariable('files'), filename = true)
    JOIN staging.pages USING (filename)
)
ANTI JOIN staging.known_fields AS told USING (district_id, path)
WHERE kind <> 'NULL'
ORDER BY path;
