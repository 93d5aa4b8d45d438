-- No two terms of a district have the same name and dates.
-- severity: warning
SELECT terms.district_id, terms.term_id AS record_id, min(others.term_id) AS related_id
FROM terms
JOIN terms AS others ON
    others.district_id = terms.district_id
    AND others.name IS NOT DISTINCT FROM terms.name
    AND others.start_date IS NOT DISTINCT FROM terms.start_date
    AND others.end_date IS NOT DISTINCT FROM terms.end_date
    AND others.term_id <> terms.term_id
WHERE terms.name IS NOT NULL OR terms.start_date IS NOT NULL OR terms.end_date IS NOT NULL
GROUP BY terms.district_id, terms.term_id;
