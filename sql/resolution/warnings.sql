-- How many IDs of the list lead to a user of another district than the list says.
SELECT count(DISTINCT legacy_id) FROM answers WHERE warning = 'other_district';
