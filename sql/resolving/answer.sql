-- The answer to each line: what became of the id, and how many ids of the list lead to the same person.
CREATE OR REPLACE TEMP TABLE answers AS
WITH answered AS (
    SELECT
        asked.line,
        CASE WHEN regexp_full_match(trim(asked.id), '[A-Za-z0-9_-]{1,64}') THEN trim(asked.id) END AS id,
        answers.legacy_id,
        answers.user_id,
        answers.role,
        coalesce(answers.status, 'empty') AS status,
        answers.since,
        CASE
            WHEN answers.reason IN ('never_seen', 'nothing_synced') AND trim(asked.district_id) <> '' THEN
                CASE
                    WHEN districts.connected AND lower(trim(asked.district_id)) IN (
                        SELECT district_id FROM sync.runs WHERE outcome IN ('applied', 'unchanged')
                    ) THEN 'gone_before_the_first_sync'
                    WHEN districts.connected THEN 'district_not_synced'
                    ELSE 'district_not_connected'
                END
            ELSE answers.reason
        END AS reason,
        answers.user_ids,
        CASE WHEN answers.status IN ('current', 'ended', 'unconfirmed') THEN answers.user_id END AS resolved_user_id
    FROM asked
    LEFT JOIN resolve_legacy_ids('asked', 'id') AS answers ON answers.asked_id = asked.id
    LEFT JOIN sync.districts AS districts ON districts.district_id = lower(trim(asked.district_id))
)

SELECT answered.* EXCLUDE (resolved_user_id), shared.ids AS ids_of_the_person
FROM answered
LEFT JOIN (
    SELECT resolved_user_id, count(DISTINCT legacy_id) AS ids
    FROM answered
    WHERE resolved_user_id IS NOT NULL
    GROUP BY resolved_user_id
) AS shared USING (resolved_user_id);
