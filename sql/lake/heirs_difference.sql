-- How the heirs of ids_of_batch and of connected_ids differ from those in the lake: of IDs that only the batch knows, they are what a sync
-- has found; of all others, what the lake tells with the batch in it.
CREATE OR REPLACE TEMP TABLE difference AS
SELECT * EXCLUDE (side), sum(side) AS side
FROM (
    SELECT *, 1 AS side FROM ($written) SEMI JOIN ids_of_batch USING (id) ANTI JOIN connected_ids USING (id)
    UNION ALL BY NAME
    SELECT *, 1 AS side FROM heirs_of_connected_ids
    UNION ALL BY NAME
    SELECT *, -1 AS side FROM ($kept) SEMI JOIN (FROM ids_of_batch UNION FROM connected_ids) AS concerned USING (id)
)
GROUP BY ALL
HAVING sum(side) <> 0
