-- The first unmatched ids of each role of each district, in order.
SELECT district_id, role, legacy_id
FROM compared_ids
WHERE NOT is_explained
QUALIFY row_number() OVER (PARTITION BY district_id, role ORDER BY legacy_id) <= getvariable('named')
ORDER BY ALL;
