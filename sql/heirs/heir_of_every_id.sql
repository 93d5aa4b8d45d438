-- Who each ID ever seen leads to, legacy or v3, one row per ID: the relation behind every answer, put into each view and macro that reads
-- it. A macro that called another, or read a view, could not be imported again: EXPORT DATABASE writes scalar macros first.
SELECT
    legacy_id AS id,
    'current' AS status,
    user_id,
    NULL::VARCHAR[] AS user_ids,
    true AS is_living,
    role,
    district_id,
    NULL::TIMESTAMPTZ AS since,
    source,
    true AS is_legacy_id
FROM legacy_id_crosswalk
ANTI JOIN (SELECT id FROM sync.heirs WHERE has_current_link) AS otherwise ON otherwise.id = legacy_id
WHERE is_current
UNION ALL
SELECT id, status, user_id, user_ids, is_living, role, district_id, since, source, is_legacy_id
FROM sync.heirs
