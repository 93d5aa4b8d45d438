-- How many of the records that were staged last hold a text that may have been something else before DuckDB made text of it.
-- Objects and lists begin with a bracket (comparing is cheaper than starts_with); of numbers only those whose text is not what was sent matter.
CREATE OR REPLACE TEMP MACRO may_be_no_text(text) AS
    (text >= '[' AND text < '\')
    OR (text >= '{' AND text < '|')
    OR (text < ':' AND (contains(text, '.') OR contains(text, 'e')) AND try_cast(text AS DOUBLE) IS NOT NULL);

-- An id of Clever's has 24 digits.
CREATE OR REPLACE TEMP MACRO may_be_no_id(text) AS strlen(text) NOT IN (0, 24);

CREATE OR REPLACE TEMP MACRO may_be_no_ids(texts) AS strlen(array_to_string(texts, '')) <> 24 * len(texts);

SELECT count(*)
FROM staging.users
WHERE
    staged_row >= getvariable('next_row')
    AND (
        is_foreign
        OR created_at IS NULL
        OR last_modified_at IS NULL
        OR may_be_no_id(user_id)
        OR may_be_no_text(email)
        OR may_be_no_text(first_name)
        OR may_be_no_text(middle_name)
        OR may_be_no_text(last_name)
        OR may_be_no_id(student.legacy_id)
        OR may_be_no_text(student.sis_id)
        OR may_be_no_id(student.school)
        OR may_be_no_ids(student.schools)
        OR may_be_no_id(teacher.legacy_id)
        OR may_be_no_text(teacher.sis_id)
        OR may_be_no_text(teacher.title)
        OR may_be_no_id(teacher.school)
        OR may_be_no_ids(teacher.schools)
        OR may_be_no_id(staff.legacy_id)
        OR may_be_no_text(staff.staff_id)
        OR may_be_no_text(staff.title)
        OR may_be_no_ids(staff.schools)
        OR may_be_no_id(district_admin.legacy_id)
        OR may_be_no_text(district_admin.title)
        OR may_be_no_id(contact.legacy_id)
        OR may_be_no_text(contact.sis_id)
    );
