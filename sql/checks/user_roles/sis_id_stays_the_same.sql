-- A person's sis_id in a role does not change: another sis_id should have meant another user.
-- severity: warning
SELECT DISTINCT present.district_id, present.user_id AS record_id
FROM user_roles AS present
JOIN past.past_user_roles AS former USING (district_id, user_id, role)
WHERE former.sis_id <> present.sis_id;
