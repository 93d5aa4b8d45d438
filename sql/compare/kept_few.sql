-- The rows of $table that may differ, where these are few: copied once, because each look at them reads the whole table.
CREATE OR REPLACE TEMP TABLE kept_rows_$table AS FROM kept_$table;

CREATE OR REPLACE TEMP VIEW kept_$table AS FROM kept_rows_$table;
