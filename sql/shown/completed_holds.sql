-- The first digits of the snapshots that wait for a decision, and whose they are.
SELECT holds.digest[:12], coalesce(districts.name, holds.district_id)
FROM sync.holds AS holds
LEFT JOIN districts ON districts.district_id = holds.district_id
WHERE holds.state = 'held'
ORDER BY holds.district_id;
