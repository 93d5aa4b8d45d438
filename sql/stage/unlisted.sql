-- How many of the records that were staged last have a value that Clever's specs do not list.
SELECT count(unknown_values) FROM staging.users WHERE staged_row >= getvariable('next_row');
