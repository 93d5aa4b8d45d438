-- A term whose last day is past has no section. There is one finding per term, with one of its sections.
-- severity: warning
SELECT terms.district_id, terms.term_id AS record_id, min(sections.section_id) AS related_id
FROM terms
JOIN sections ON sections.district_id = terms.district_id AND sections.term_id = terms.term_id
WHERE terms.end_date < current_date
GROUP BY terms.district_id, terms.term_id;
