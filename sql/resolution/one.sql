-- Who one ID leads to.
SELECT user_id, role, district_id, status, since, reason, user_ids
FROM resolve_legacy_ids('asked', 'id');
