-- What is left of records beside their known fields, sorted to the row that keeps it. Most records leave nothing.
CREATE OR REPLACE TEMP MACRO filled(object) AS CASE WHEN object = '{}' THEN NULL ELSE object END;
CREATE OR REPLACE TEMP MACRO without_empty(object, field) AS
    CASE WHEN json_extract(object, field) = '{}' THEN json_merge_patch(object, json_object(field, NULL)) ELSE object END;

INSERT INTO staging.leftovers
WITH each_once AS MATERIALIZED (SELECT DISTINCT leftover FROM staging.users)

SELECT *
FROM (
    SELECT
        leftover,
        filled(
            without_empty(
                without_empty(
                    json_merge_patch(
                        leftover,
                        '{"roles": {"student": null, "teacher": null, "staff": null, "district_admin": null, "contact": null}}'
                    ),
                    'roles'
                ),
                'name'
            )
        ) AS extra,
        filled(
            without_empty(
                without_empty(
                    without_empty(without_empty(leftover -> '$.roles.student', 'credentials'), 'location'), 'preferred_name'
                ),
                'disability'
            )
        ) AS student,
        filled(without_empty(without_empty(leftover -> '$.roles.teacher', 'credentials'), 'name')) AS teacher,
        filled(without_empty(leftover -> '$.roles.staff', 'credentials')) AS staff,
        filled(leftover -> '$.roles.district_admin') AS district_admin,
        filled(leftover -> '$.roles.contact') AS contact
    FROM each_once
)
WHERE coalesce(extra, student, teacher, staff, district_admin, contact) IS NOT NULL;
