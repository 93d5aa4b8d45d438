-- How many keys of rows that were inserted into $table it has more than once.
SELECT count(*)
FROM (
    SELECT $key
    FROM $table
    SEMI JOIN (FROM ${table}_difference WHERE change IN ('created', 'updated', 'restored')) AS inserted ON
        inserted.district_id = $table.district_id AND inserted.$id_column = $table.$id_column
    GROUP BY ALL
    HAVING count(*) > 1
);
