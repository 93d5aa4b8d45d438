-- What a verification found, one row per district and role.
SELECT district_id, role, is_served, listed, explained, ended, unexplained, differing
FROM sync.verifications
WHERE verification_id = getvariable('verification_id')
ORDER BY district_id, list_position(['student', 'teacher', 'staff', 'district_admin', 'contact'], role);
