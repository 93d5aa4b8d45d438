-- Which fields a user record has, and what stands beside them (Clever's specs v3.0.yml and v3.1.yml).
-- taken: the fields that a column of users or user_roles holds, with the type each is read as.
SET VARIABLE taken = '{
    "id": "VARCHAR", "district": "VARCHAR", "email": "VARCHAR", "created": "VARCHAR", "last_modified": "VARCHAR",
    "name": {"first": "VARCHAR", "middle": "VARCHAR", "last": "VARCHAR"},
    "roles": {
        "student": {"legacy_id": "VARCHAR", "sis_id": "VARCHAR", "school": "VARCHAR", "schools": ["VARCHAR"]},
        "teacher": {"legacy_id": "VARCHAR", "sis_id": "VARCHAR", "title": "VARCHAR", "school": "VARCHAR", "schools": ["VARCHAR"]},
        "staff": {"legacy_id": "VARCHAR", "staff_id": "VARCHAR", "title": "VARCHAR", "schools": ["VARCHAR"]},
        "district_admin": {"legacy_id": "VARCHAR", "title": "VARCHAR"},
        "contact": {"legacy_id": "VARCHAR", "sis_id": "VARCHAR"}
    }
}';

-- known: every field of the specs, as a merge patch (RFC 7396) whose nulls take them out; what it leaves is unknown.
SET VARIABLE known = '{
    "id": null, "district": null, "email": null, "created": null, "last_modified": null,
    "name": {"first": null, "middle": null, "last": null},
    "roles": {
        "student": {
            "legacy_id": null, "sis_id": null, "school": null, "schools": null, "enrollments": null, "student_number": null,
            "state_id": null, "grade": null, "graduation_year": null, "dob": null, "gender": null, "race": null,
            "hispanic_ethnicity": null, "ell_status": null, "ext": null, "created": null, "last_modified": null,
            "frl_status": null, "gifted_status": null, "section_504_status": null, "home_language": null,
            "home_language_code": null, "iep_status": null,
            "credentials": {"district_username": null},
            "location": {"address": null, "city": null, "state": null, "zip": null, "lat": null, "lon": null},
            "preferred_name": {"first": null, "middle": null, "last": null},
            "disability": {"disability_status": null, "disability_type": null, "disability_code": null}
        },
        "teacher": {
            "legacy_id": null, "sis_id": null, "school": null, "schools": null, "teacher_number": null, "state_id": null,
            "title": null, "ext": null, "district": null, "created": null, "last_modified": null,
            "credentials": {"district_username": null},
            "name": {"first": null, "middle": null, "last": null}
        },
        "staff": {
            "legacy_id": null, "staff_id": null, "schools": null, "roles": null, "department": null, "title": null, "ext": null,
            "credentials": {"district_username": null}
        },
        "district_admin": {"legacy_id": null, "title": null},
        "contact": {"legacy_id": null, "sis_id": null, "phone": null, "phone_type": null, "student_relationships": null}
    }
}';

INSERT INTO staging.users
SELECT
    district_id,
    nullif(record.id, ''),
    record.district,
    nullif(record.email, ''),
    nullif(record.name.first, ''),
    nullif(record.name.middle, ''),
    nullif(record.name.last, ''),
    try_cast(record.created AS TIMESTAMPTZ),
    try_cast(record.last_modified AS TIMESTAMPTZ),
    record.roles.student,
    record.roles.teacher,
    record.roles.staff,
    record.roles.district_admin,
    record.roles.contact,
    leftover,
    list_has_any(types[:7], ['ARRAY', 'VARCHAR', 'BOOLEAN', 'UBIGINT', 'BIGINT', 'DOUBLE'])
    OR list_has_any(types[8:], ['OBJECT', 'VARCHAR', 'BOOLEAN', 'UBIGINT', 'BIGINT', 'DOUBLE'])
FROM (
    SELECT
        filename,
        from_json(json, getvariable('taken')) AS record,
        json_merge_patch(json, getvariable('known')) AS leftover,
        json_type(json, [
            '$.name', '$.roles',
            '$.roles.student', '$.roles.teacher', '$.roles.staff', '$.roles.district_admin', '$.roles.contact',
            '$.roles.student.schools', '$.roles.teacher.schools', '$.roles.staff.schools'
        ]) AS types
    FROM read_ndjson_objects(getvariable('files'), filename = true)
)
JOIN staging.pages USING (filename);
