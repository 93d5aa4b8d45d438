-- The answer for each line: who the ID leads to, and how many IDs of the list lead to the same user.
CREATE OR REPLACE TEMP TABLE answers AS
WITH answered AS (
    SELECT
        asked.line,
        CASE WHEN regexp_full_match(trim(asked.id), '[A-Za-z0-9_-]{1,64}') THEN trim(asked.id) END AS id,
        answers.legacy_id,
        answers.user_id,
        answers.role,
        answers.district_id,
        coalesce(answers.status, 'empty') AS status,
        answers.since,
        CASE
            WHEN answers.reason IS NULL OR trim(asked.district_id) = '' OR asked.district_id IS NULL THEN answers.reason
            WHEN answers.reason NOT IN ('never_seen', 'nothing_synced', 'made_after_the_last_sync', 'not_up_to_date') THEN answers.reason
            WHEN NOT coalesce(districts.connected, false) THEN 'district_not_connected'
            WHEN districts.up_to_date_as_of IS NULL THEN 'district_not_synced'
            WHEN to_timestamp(try_cast('0x' || answers.legacy_id[:8] AS BIGINT)) > least(districts.up_to_date_as_of, now())
                THEN 'made_after_the_last_sync'
            WHEN NOT districts.is_up_to_date THEN 'not_up_to_date'
            ELSE 'gone_before_the_first_sync'
        END AS reason,
        answers.user_ids,
        CASE
            WHEN asked.district_id IS NOT NULL AND trim(asked.district_id) <> '' AND answers.user_id IS NOT NULL
                AND lower(trim(asked.district_id)) <> answers.district_id
                AND answers.district_id <> 'unknown'
                AND NOT EXISTS (
                    FROM users
                    WHERE users.user_id = answers.user_id AND users.district_id = lower(trim(asked.district_id))
                )
                THEN 'other_district'
        END AS warning
    FROM asked
    LEFT JOIN resolve_legacy_ids('asked', 'id') AS answers ON answers.asked_id = asked.id
    LEFT JOIN district_freshness AS districts ON districts.district_id = lower(trim(asked.district_id))
)

SELECT
    answered.* REPLACE (
        CASE
            WHEN reason IN ('made_after_the_last_sync', 'not_up_to_date') THEN 'newer'
            WHEN reason IN ('district_not_connected', 'district_not_synced', 'gone_before_the_first_sync') THEN 'never_seen'
            ELSE status
        END AS status
    ),
    shared.ids AS ids_of_the_person
FROM answered
LEFT JOIN (
    SELECT user_id, count(DISTINCT legacy_id) AS ids
    FROM answered
    WHERE user_id IS NOT NULL
    GROUP BY user_id
) AS shared USING (user_id);
