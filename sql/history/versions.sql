-- Every version of every row of $table; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW $versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM $table
UNION ALL BY NAME
SELECT * FROM past.past_$table;
