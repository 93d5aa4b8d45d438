-- No two sections of a district have the same sis_id.
-- severity: warning
SELECT district_id, section_id AS record_id
FROM sections
SEMI JOIN (
    SELECT district_id, sis_id FROM sections GROUP BY district_id, sis_id HAVING count(*) > 1
) AS doubled USING (district_id, sis_id);
