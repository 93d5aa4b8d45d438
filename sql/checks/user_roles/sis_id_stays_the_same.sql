-- A user keeps the same sis_id in a role: Clever makes a new user if the sis_id changes.
-- severity: warning
SELECT DISTINCT present.district_id, present.user_id AS record_id
FROM user_roles AS present
JOIN past.past_user_roles AS former USING (district_id, user_id, role)
WHERE former.sis_id <> present.sis_id;
