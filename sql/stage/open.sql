-- Where a sync lays out what it has read: a database in memory (which spills to disk), made anew by every sync.
CREATE TABLE staging.pages (
    filename VARCHAR PRIMARY KEY,  -- landing file of one page
    district_id VARCHAR NOT NULL,
    role VARCHAR                   -- role of a role view, NULL for /users
);

CREATE SEQUENCE staging.rows_of_users;

CREATE TABLE staging.users (
    staged_row BIGINT NOT NULL,    -- of the sequence; rowid may be given anew when others are deleted
    district_id VARCHAR NOT NULL,  -- the district that was asked
    user_id VARCHAR,
    is_foreign BOOLEAN NOT NULL,   -- whether the record names another district, or none
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
    unknown_values VARCHAR[],      -- paths at which a value stands that Clever's specs do not list; NULL if there is none
    known_fields UBIGINT[]         -- which known fields the record has, as bits; none that every district of its batch had shown before
);

-- Which known fields the records of a district have.
CREATE TABLE staging.known_fields (
    district_id VARCHAR NOT NULL,
    path VARCHAR NOT NULL
);

CREATE TABLE staging.role_views (
    district_id VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    user_id VARCHAR,
    is_foreign BOOLEAN NOT NULL
);

-- What a record has beside the fields that are known, for the few records that have any.
CREATE TABLE staging.leftovers (
    district_id VARCHAR NOT NULL,
    user_id VARCHAR,
    extra JSON,                    -- what no column of users holds
    student JSON,                  -- what no column holds of the role object, role by role
    teacher JSON,
    staff JSON,
    district_admin JSON,
    contact JSON
);
