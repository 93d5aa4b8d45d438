-- The answers of the report: one row per row of the list, in its order.
COPY (
    SELECT
        line,
        id,
        user_id AS v3_id,
        role,
        status,
        since,
        reason,
        ids_of_the_person,
        array_to_string(user_ids, ' ') AS possible_v3_ids,
        district_id AS v3_district_id,
        warning
    FROM answers
    ORDER BY line
) TO (getvariable('output')) (FORMAT csv, HEADER false);
