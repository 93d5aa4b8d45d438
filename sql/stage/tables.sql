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

-- Records that an event deleted.
CREATE TABLE staging.deleted_records (
    stream VARCHAR,
    district_id VARCHAR,
    record_id VARCHAR,
    PRIMARY KEY (stream, district_id, record_id)
);

-- Records that events named since the last full sync, of districts of which it is looked for what events have missed.
CREATE TABLE staging.named_by_events (
    stream VARCHAR,
    district_id VARCHAR,
    record_id VARCHAR,
    PRIMARY KEY (stream, district_id, record_id)
);

CREATE TABLE staging.role_views (
    district_id VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    user_id VARCHAR,
    is_foreign BOOLEAN NOT NULL
);
