-- Where a person's own list of legacy ids is laid out, beside the published file.
CREATE OR REPLACE TEMP TABLE asked (
    line BIGINT NOT NULL,     -- of the file: the line on which the row starts
    id VARCHAR,
    district_id VARCHAR       -- where the file has such a column
);
