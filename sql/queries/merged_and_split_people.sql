-- Legacy IDs that got another holder since a day: who was merged or split, and whose legacy ID went to another user?
-- If from_is_gone is true, the former holder has left the district; if to_is_new is true, the new holder was not known there before.
SET VARIABLE since = TIMESTAMPTZ '2026-08-01 00:00:00+00';

SELECT
    observed_at,
    district_id,
    change,
    role,
    legacy_id,
    from_user_id,
    to_user_id,
    from_is_gone,
    to_is_new
FROM crosswalk_changes
WHERE change IN ('merged', 'split', 'role_moved', 'reassigned') AND observed_at >= getvariable('since')
ORDER BY observed_at, district_id, change, to_user_id, role, legacy_id;
