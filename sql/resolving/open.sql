-- Where a person's own list of legacy ids is laid out, beside the published file.
CREATE OR REPLACE TEMP TABLE asked (
    line BIGINT NOT NULL,     -- of the file; the header is line 1, and blank lines of a file with several columns are not counted
    id VARCHAR,
    district_id VARCHAR       -- where the file has such a column
);
