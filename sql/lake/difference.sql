-- Which rows of a table a sync has put into some districts, and which it has removed there.
CREATE OR REPLACE TEMP TABLE difference AS
SELECT * EXCLUDE (side), sum(side) AS side
FROM (
    SELECT *, 1 AS side FROM ($written) $condition
    UNION ALL
    SELECT *, -1 FROM ($former) $condition
)
GROUP BY ALL
HAVING sum(side) <> 0
