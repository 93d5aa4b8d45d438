-- The scopes of the heirs that changed: a district of the batch, or the whole table, because other copies of other districts have them too.
INSERT INTO touched
SELECT DISTINCT CASE WHEN district_id IN (FROM chosen) THEN district_id ELSE 'sync.heirs' END FROM difference
