-- Which fields that nobody knows each person's record has: where one stands within another, only the outer.
CREATE OR REPLACE TEMP VIEW unknown_fields AS
SELECT DISTINCT
    district_id,
    user_id,
    concat_ws('.', nullif(object, ''), key) AS path,
    CASE WHEN object = 'roles' THEN 'unknown_role' ELSE 'unknown_field' END AS kind
FROM (
    SELECT
        district_id,
        user_id,
        regexp_replace(
            concat_ws('.', CASE WHEN holder <> 'extra' THEN 'roles.' || holder END, nullif(tree.path[3:], '')), '\[\d+\]', '[]', 'g'
        ) AS object,
        tree.key
    FROM (
        UNPIVOT staging.leftovers
        ON extra, student, teacher, staff, district_admin, contact
        INTO NAME holder VALUE leftover
    ), json_tree(leftover) AS tree
    WHERE tree.key IS NOT NULL AND NOT ends_with(tree.fullkey, ']')
)
WHERE
    list_contains(getvariable('known_parents'), object)
    AND concat_ws('.', nullif(object, ''), key) NOT IN (SELECT path FROM known_fields);
