-- Where a sync lays out what it has read: a database in memory (which spills to disk), made anew by every sync.
CREATE TABLE staging.pages (
    filename VARCHAR PRIMARY KEY,  -- landing file of one page
    district_id VARCHAR NOT NULL,
    role VARCHAR                -- role of a role view, NULL for /users
);

CREATE TABLE staging.users (
    district_id VARCHAR NOT NULL,  -- the district that was asked
    user_id VARCHAR,
    record_district_id VARCHAR,    -- the district that the record names
    email VARCHAR,
    first_name VARCHAR,
    middle_name VARCHAR,
    last_name VARCHAR,
    created_at TIMESTAMPTZ,
    last_modified_at TIMESTAMPTZ,
    student STRUCT(legacy_id VARCHAR, sis_id VARCHAR, school VARCHAR, schools VARCHAR[]),
    teacher STRUCT(legacy_id VARCHAR, sis_id VARCHAR, title VARCHAR, school VARCHAR, schools VARCHAR[]),
    staff STRUCT(legacy_id VARCHAR, staff_id VARCHAR, title VARCHAR, schools VARCHAR[]),
    district_admin STRUCT(legacy_id VARCHAR, title VARCHAR),
    contact STRUCT(legacy_id VARCHAR, sis_id VARCHAR),
    leftover VARCHAR,              -- the record without its known fields
    misshapen BOOLEAN NOT NULL     -- a container of the record is not the object or list that it must be
);

CREATE TABLE staging.role_views (
    district_id VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    user_id VARCHAR,
    record_district_id VARCHAR
);

CREATE TABLE staging.leftovers (
    leftover VARCHAR NOT NULL,
    extra JSON,                    -- what no column of users holds
    student JSON,                  -- what no column holds of the role object, role by role
    teacher JSON,
    staff JSON,
    district_admin JSON,
    contact JSON
);
