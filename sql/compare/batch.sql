-- Which districts are brought up to date together, and which of their records may differ from what the warehouse has.
CREATE OR REPLACE TEMP TABLE batch AS
SELECT district_id, row_number() OVER (ORDER BY district_id) AS district_number
FROM (SELECT unnest(getvariable('district_ids')) AS district_id);

-- The streams that were staged of these districts, and of which of them only new records. The rows of other streams do not differ.
CREATE OR REPLACE TEMP TABLE batch_streams (stream VARCHAR, district_id VARCHAR, is_incremental BOOLEAN);

-- The records of such a stream that may differ.
CREATE OR REPLACE TEMP TABLE concerned (stream VARCHAR, district_id VARCHAR, record_id VARCHAR);

-- How many values each field has in the rows that may differ: in those that the warehouse has, and in those that were staged.
CREATE OR REPLACE TEMP TABLE field_counts (stream VARCHAR, district_id VARCHAR, "table" VARCHAR, "column" VARCHAR, path VARCHAR, kept BIGINT, staged BIGINT);

-- The districts that the warehouse has rows of.
CREATE OR REPLACE TEMP TABLE former_districts AS
SELECT DISTINCT district_id FROM users SEMI JOIN batch USING (district_id);
