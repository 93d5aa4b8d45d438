-- Links that Clever still shows were last seen in this sync; those of an approved snapshot, when it was read.
UPDATE legacy_id_crosswalk
SET last_seen_at = getvariable('seen_at')
WHERE is_current AND district_id IN (SELECT unnest(getvariable('district_ids')));

UPDATE sync.fields
SET last_seen_at = getvariable('observed_at')
WHERE is_present AND district_id IN (SELECT unnest(getvariable('district_ids')));
