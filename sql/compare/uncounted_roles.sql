-- A role whose own table has its first row, as in the first sync after a migration: a change of extra alone counts toward no hold, because
-- what was in extra may be in a column now.
UPDATE user_roles_difference AS difference
SET is_counted = false
FROM staged_user_roles AS staged, user_roles AS kept, detail_differences AS details
WHERE
    difference.change = 'updated'
    AND staged.staged_row = difference.staged_row
    AND kept.district_id = difference.district_id
    AND kept.user_id = difference.user_id
    AND kept.role = difference.role
    AND details.district_id = difference.district_id
    AND details.user_id = difference.user_id
    AND details.role = difference.role
    AND details.change = 'created'
    AND NOT details.is_list
    AND NOT details.is_counted
    AND staged.legacy_id IS NOT DISTINCT FROM kept.legacy_id
    AND staged.sis_id IS NOT DISTINCT FROM kept.sis_id
    AND staged.title IS NOT DISTINCT FROM kept.title
    AND staged.school_id IS NOT DISTINCT FROM kept.school_id
    AND staged.school_ids = kept.school_ids;
