-- The districts ever connected, with their names.
SELECT known.district_id, coalesce(districts.name, '')
FROM sync.districts AS known
LEFT JOIN districts ON districts.district_id = known.district_id
ORDER BY known.district_id;
