-- A legacy id of a person other than a student, and the v3 id that it became.
SELECT legacy_id, v3_user_id(legacy_id)
FROM (SELECT min(legacy_id) AS legacy_id FROM legacy_id_crosswalk WHERE is_current AND role <> 'student');
