-- Every link of one legacy id, the current first.
SELECT user_id, role, district_id, is_current, first_seen_at, last_seen_at, ended_at, end_reason, source
FROM legacy_id_crosswalk
WHERE legacy_id = clean_id(getvariable('legacy_id'))
ORDER BY is_current DESC, last_seen_at DESC, user_id;
