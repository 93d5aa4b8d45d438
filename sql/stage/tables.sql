-- Where a sync stages what it has read, apart from the tables of records: a database in memory (which spills to disk), new in every sync.
CREATE TABLE staging.pages (
    filename VARCHAR PRIMARY KEY,  -- landing file of one page, or a file that was made of it
    district_id VARCHAR NOT NULL,
    role VARCHAR                   -- role of a role view, NULL for the records themselves
);

-- Records that are the same, byte for byte, as in the last sync: nothing but their hashes is read.
CREATE TABLE staging.lines (
    stream VARCHAR NOT NULL,
    district_id VARCHAR NOT NULL,
    line UBIGINT NOT NULL
);

CREATE TABLE staging.role_views (
    district_id VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    user_id VARCHAR,
    is_foreign BOOLEAN NOT NULL
);
