-- How many columns of the tables of people and schools are withheld.
SELECT count(*)
FROM treated_columns
WHERE treatment = 'withheld' AND relation NOT LIKE 'sync.%' AND column_name NOT IN ('extra', 'ext');
