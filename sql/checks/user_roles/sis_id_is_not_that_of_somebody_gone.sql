-- Nobody has the sis_id that somebody who is gone had in the same role: it may be the same person under a new id.
-- severity: warning
SELECT present.district_id, present.user_id AS record_id
FROM user_roles AS present
JOIN past.past_user_roles AS gone USING (district_id, role, sis_id)
WHERE gone.change = 'archived' AND gone.valid_to IS NULL AND gone.user_id <> present.user_id;
