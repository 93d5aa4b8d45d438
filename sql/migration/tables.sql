-- Where the rows of migration CSVs are laid out: a database in memory, made anew by every import.
CREATE TABLE staging.migration (
    file VARCHAR NOT NULL,         -- as the person who imports it knows it: of a zip, the zip's name and the file's
    is_of_one_district BOOLEAN NOT NULL,  -- a file of Clever's zip is about one district
    file_district_id VARCHAR,      -- the id that the name of the file holds, if it holds one
    line BIGINT,                   -- of the file: the line on which the row starts
    role_id VARCHAR,               -- the legacy id
    user_id VARCHAR,               -- the v3 id
    role VARCHAR,
    district_id VARCHAR
);
