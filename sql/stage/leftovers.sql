-- What is left of records beside their known fields, sorted to the row that keeps it. Most records leave nothing.
CREATE OR REPLACE TEMP MACRO filled(object) AS CASE WHEN object = '{}' THEN NULL ELSE object END;

-- A field that is known to be an object stays behind empty when all in it was known.
CREATE OR REPLACE TEMP MACRO without_empty(object, fields) AS json_merge_patch(
    object,
    '{' || array_to_string(
        list_transform(list_filter(fields, lambda field: json_extract(object, field) = '{}'), lambda field: '"' || field || '": null'), ','
    ) || '}'
);

DELETE FROM staging.leftovers;

INSERT INTO staging.leftovers
WITH each_once AS MATERIALIZED (
    SELECT
        leftover,
        json_merge_patch(
            leftover, '{"roles": {"student": null, "teacher": null, "staff": null, "district_admin": null, "contact": null}}'
        ) AS top,
        leftover -> '$.roles' AS roles
    FROM (SELECT DISTINCT leftover FROM staging.users)
)

SELECT *
FROM (
    SELECT
        leftover,
        filled(without_empty(top, ['name', 'roles'])) AS extra,
        filled(without_empty(roles -> 'student', ['credentials', 'location', 'preferred_name', 'disability'])) AS student,
        filled(without_empty(roles -> 'teacher', ['credentials', 'name'])) AS teacher,
        filled(without_empty(roles -> 'staff', ['credentials'])) AS staff,
        filled(roles -> 'district_admin') AS district_admin,
        filled(roles -> 'contact') AS contact
    FROM each_once
)
WHERE coalesce(extra, student, teacher, staff, district_admin, contact) IS NOT NULL;
