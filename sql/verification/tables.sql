-- Where a verification lays out what API v2.1 answered: a database in memory, made anew by every verification.
CREATE TABLE staging.legacy_pages (
    filename VARCHAR PRIMARY KEY,  -- landing file of one page
    district_id VARCHAR NOT NULL,
    role VARCHAR NOT NULL          -- the role in API v3 that the list stands for
);

CREATE TABLE staging.legacy_lists (
    district_id VARCHAR,
    role VARCHAR,
    is_served BOOLEAN NOT NULL,    -- whether API v2.1 serves the list at all
    PRIMARY KEY (district_id, role)
);

CREATE TABLE staging.legacy_people (
    district_id VARCHAR NOT NULL,  -- the district that was asked
    role VARCHAR NOT NULL,
    legacy_id VARCHAR,
    record_district_id VARCHAR,    -- the district that the record names
    email VARCHAR,
    sis_id VARCHAR,
    is_misshapen BOOLEAN NOT NULL  -- whether a field that is compared is missing, of another kind, or there twice
);
