-- Rows that another worker has added already.
DELETE FROM difference AS added USING $table AS kept WHERE added.side > 0 AND $same
