-- Whose ids changed since a day: who was merged or split, and whose legacy id went to somebody else?
SET VARIABLE since = TIMESTAMPTZ '2026-08-01 00:00:00+00';

SELECT
    observed_at,
    district_id,
    change,
    role,
    legacy_id,
    from_user_id,
    to_user_id
FROM crosswalk_changes
WHERE change IN ('merged', 'split', 'reassigned') AND observed_at >= getvariable('since')
ORDER BY observed_at, district_id, change, to_user_id, role, legacy_id;
