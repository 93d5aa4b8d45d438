-- What is left of records beside the fields and values that are known, sorted to the row that keeps it, under the names Clever gave.
-- known: every field of Clever's specs v3.0.yml and v3.1.yml, as a merge patch (RFC 7396) whose nulls take them out.
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

CREATE OR REPLACE TEMP MACRO filled(object) AS CASE WHEN object = '{}' THEN NULL ELSE object END;

-- A field that is known to be an object stays behind empty when all in it was known.
CREATE OR REPLACE TEMP MACRO without_empty(object, fields) AS json_merge_patch(
    object,
    '{' || array_to_string(
        list_transform(list_filter(fields, lambda field: json_extract(object, field) = '{}'), lambda field: '"' || field || '": null'), ','
    ) || '}'
);

-- Of a list of objects, what is left of each beside the known fields; NULL if nothing is left of any.
CREATE OR REPLACE TEMP MACRO list_leftover(items, known_item) AS nullif(
    to_json(list_transform(items, lambda item: json_merge_patch(item, known_item))),
    to_json(list_transform(items, lambda item: '{}'::JSON))
);

INSERT INTO staging.leftovers
WITH strange AS MATERIALIZED (
    SELECT
        district_id,
        user_id,
        json,
        unknown_values,
        json_merge_patch(json, getvariable('known')) AS leftover,
        list_leftover(
            json_extract(json, '$.roles.student.enrollments[*]'), '{"school": null, "start_date": null, "end_date": null}'
        ) AS enrollments,
        list_leftover(
            json_extract(json, '$.roles.contact.student_relationships[*]'), '{"student": null, "relationship": null, "type": null}'
        ) AS student_relationships
    FROM (
        SELECT district_id, json ->> '$.id' AS user_id, json
        FROM read_ndjson_objects(getvariable('files'), filename = true)
        JOIN staging.pages USING (filename)
    )
    LEFT JOIN (
        SELECT district_id, user_id, unknown_values FROM staging.users WHERE unknown_values IS NOT NULL
    ) USING (district_id, user_id)
    WHERE hash(shape(json)) IN (SELECT digest FROM shapes WHERE unknown IS NOT NULL) OR unknown_values IS NOT NULL
),

-- A value that Clever's specs do not list is kept like an unknown field.
unlisted AS MATERIALIZED (
    SELECT district_id, user_id, json_group_object(role, role_values) AS roles
    FROM (
        SELECT
            district_id,
            user_id,
            split_part(path, '.', 2) AS role,
            json_group_object(split_part(path, '.', 3), json_extract(json, '$.' || path)) AS role_values
        FROM (SELECT district_id, user_id, json, unnest(unknown_values) AS path FROM strange)
        GROUP BY ALL
    )
    GROUP BY ALL
),

parted AS MATERIALIZED (
    SELECT
        district_id,
        user_id,
        json_merge_patch(
            strange.leftover, '{"roles": {"student": null, "teacher": null, "staff": null, "district_admin": null, "contact": null}}'
        ) AS top,
        strange.leftover -> '$.roles' AS roles,
        coalesce(unlisted.roles -> 'student', '{}') AS unlisted_of_student,
        coalesce(unlisted.roles -> 'contact', '{}') AS unlisted_of_contact,
        CASE WHEN enrollments IS NULL THEN '{}' ELSE json_object('enrollments', enrollments) END AS enrollments,
        CASE
            WHEN student_relationships IS NULL THEN '{}' ELSE json_object('student_relationships', student_relationships)
        END AS student_relationships
    FROM strange
    LEFT JOIN unlisted USING (district_id, user_id)
)

SELECT *
FROM (
    SELECT
        district_id,
        user_id,
        filled(without_empty(top, ['name', 'roles'])) AS extra,
        filled(
            json_merge_patch(
                without_empty(roles -> 'student', ['credentials', 'location', 'preferred_name', 'disability']),
                enrollments,
                unlisted_of_student
            )
        ) AS student,
        filled(without_empty(roles -> 'teacher', ['credentials', 'name'])) AS teacher,
        filled(without_empty(roles -> 'staff', ['credentials'])) AS staff,
        filled(roles -> 'district_admin') AS district_admin,
        filled(json_merge_patch(roles -> 'contact', student_relationships, unlisted_of_contact)) AS contact
    FROM parted
)
WHERE coalesce(extra, student, teacher, staff, district_admin, contact) IS NOT NULL;
