-- What was read in each sync, without an index: that of a year of 500 districts is many times as large as the rows.
CREATE TEMP TABLE receipts AS SELECT *, rowid AS number FROM sync.receipts;

DROP TABLE sync.receipts;

CREATE TABLE sync.receipts (
    sync_id VARCHAR NOT NULL,
    district_id VARCHAR NOT NULL,
    feed VARCHAR NOT NULL,
    pages BIGINT NOT NULL,
    records BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    first_id VARCHAR,
    last_id VARCHAR,
    digest VARCHAR,
    complete BOOLEAN NOT NULL
);

INSERT INTO sync.receipts BY NAME SELECT * EXCLUDE (number) FROM temp.receipts ORDER BY number;

DROP TABLE temp.receipts;
