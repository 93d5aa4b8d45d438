-- The numbers of the records that are new, by the list of hashes of their page.
SELECT filename, list(number ORDER BY number) FROM hashes WHERE NOT is_known GROUP BY filename;
