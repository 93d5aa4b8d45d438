-- The district named in a teacher role is the district of the user.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM teachers
WHERE role_district_id <> district_id;
