-- The districts whose records are counted again: those in which rows changed, and those that have no counts yet. Gives how many.
CREATE OR REPLACE TEMP TABLE recounted AS
SELECT unnest(getvariable('applied')) AS district_id
UNION
(SELECT unnest(getvariable('seen')) EXCEPT SELECT district_id FROM sync.counts);

SELECT count(*) FROM recounted;
