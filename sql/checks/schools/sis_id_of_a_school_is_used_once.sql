-- No two schools of a district have the same sis_id.
-- severity: warning
SELECT district_id, school_id AS record_id
FROM schools
SEMI JOIN (
    SELECT district_id, sis_id FROM schools GROUP BY district_id, sis_id HAVING count(*) > 1
) AS doubled USING (district_id, sis_id);
