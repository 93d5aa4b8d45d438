-- What is left of records beside the fields and values that are known, sorted to the row that keeps it, under the names Clever gave.
CREATE OR REPLACE TEMP MACRO filled(object) AS CASE WHEN object = '{}' THEN NULL ELSE object END;

-- A field that is known to be an object stays behind empty when all in it was known.
CREATE OR REPLACE TEMP MACRO without_empty(object, fields) AS json_merge_patch(
    object,
    '{' || array_to_string(
        list_transform(list_filter(fields, lambda field: json_extract(object, field) = '{}'), lambda field: '"' || field || '": null'), ','
    ) || '}'
);

-- Whether nothing is left of a record but objects in which all was known.
CREATE OR REPLACE TEMP MACRO is_empty(leftover) AS regexp_full_match(
    leftover,
    '\{("name":\{\},?)?("roles":\{('
    || '("student":\{("(credentials|location|preferred_name|disability)":\{\},?)*\}'
    || '|"teacher":\{("(credentials|name)":\{\},?)*\}'
    || '|"staff":\{("credentials":\{\})?\}'
    || '|"(district_admin|contact)":\{\}),?)*\},?)?("name":\{\},?)?\}'
);

-- Of a list of objects, what is left of each beside the known fields; NULL if nothing is left of any.
CREATE OR REPLACE TEMP MACRO list_leftover(items, known_item) AS nullif(
    to_json(list_transform(items, lambda item: json_merge_patch(item, known_item))),
    to_json(list_transform(items, lambda item: '{}'::JSON))
);

INSERT INTO staging.leftovers
WITH strange AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT
            district_id,
            user_id,
            json,
            unknown_values,
            json_merge_patch(json, getvariable('known_record')) AS leftover,
            list_leftover(json_extract(json, '$.roles.student.enrollments[*]'), getvariable('known_enrollment')) AS enrollments,
            list_leftover(
                json_extract(json, '$.roles.contact.student_relationships[*]'), getvariable('known_student_relationship')
            ) AS student_relationships
        FROM (
            SELECT district_id, json ->> '$.id' AS user_id, json
            FROM read_ndjson_objects(getvariable('files'), filename = true)
            JOIN staging.pages USING (filename)
        )
        LEFT JOIN (
            SELECT district_id, user_id, unknown_values FROM staging.users WHERE unknown_values IS NOT NULL
        ) USING (district_id, user_id)
    )
    WHERE
        NOT is_empty(leftover)
        OR unknown_values IS NOT NULL
        OR enrollments IS NOT NULL
        OR student_relationships IS NOT NULL
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
