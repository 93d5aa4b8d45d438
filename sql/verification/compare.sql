-- What the crosswalk answers for each ID that API v2.1 lists in the districts whose lists can be believed.
CREATE OR REPLACE TEMP TABLE compared_ids AS
WITH people AS (
    SELECT * FROM staging.legacy_people WHERE district_id IN (SELECT unnest(getvariable('district_ids')))
),

answers AS (
    SELECT heirs.* FROM living_heirs AS heirs SEMI JOIN people ON people.legacy_id = heirs.id
),

-- Explained is an ID that leads to one user of the district who is in Clever, or for which only a migration CSV tells one.
explained AS (
    SELECT
        people.district_id,
        people.role,
        people.legacy_id,
        answers.user_id,
        answers.status = 'current' AND answers.since IS NULL AS is_current,
        CASE WHEN answers.role <> people.role THEN nullif(answers.role, 'unknown') END AS other_role
    FROM people
    JOIN answers ON answers.id = people.legacy_id
    LEFT JOIN users ON users.district_id = people.district_id AND users.user_id = answers.user_id
    WHERE
        (answers.status IN ('current', 'inherited') AND users.user_id IS NOT NULL)
        OR (
            answers.status = 'unconfirmed'
            AND answers.source = 'migration_csv'
            AND answers.district_id IN (people.district_id, 'unknown')
        )
),

-- What might tell who somebody is: an e-mail or sis_id that one user only has, in the district and role.
by_email AS (
    SELECT user_roles.district_id, user_roles.role, lower(trim(users.email)) AS email, any_value(users.user_id) AS user_id
    FROM user_roles
    JOIN users USING (district_id, user_id)
    WHERE users.email IS NOT NULL AND user_roles.district_id IN (SELECT district_id FROM people)
    GROUP BY ALL
    HAVING count(*) = 1
),

by_sis_id AS (
    SELECT district_id, role, sis_id, any_value(user_id) AS user_id
    FROM user_roles
    WHERE sis_id IS NOT NULL AND district_id IN (SELECT district_id FROM people)
    GROUP BY ALL
    HAVING count(*) = 1
),

listed_once AS (
    SELECT
        *,
        CASE WHEN count(*) OVER (PARTITION BY district_id, role, email) = 1 THEN email END AS own_email,
        CASE WHEN count(*) OVER (PARTITION BY district_id, role, sis_id) = 1 THEN sis_id END AS own_sis_id
    FROM people
)

SELECT
    people.district_id,
    people.role,
    people.legacy_id,
    coalesce(explained.user_id, answers.user_id) AS user_id,
    explained.legacy_id IS NOT NULL AS is_explained,
    coalesce(explained.is_current, false) AS is_current,
    explained.other_role,
    people.email <> lower(trim(users.email)) AS email_differs,
    people.sis_id <> user_roles.sis_id AS sis_id_differs,
    CASE
        WHEN explained.legacy_id IS NOT NULL THEN NULL
        WHEN answers.status = 'ambiguous' THEN 'leads to several users'
        WHEN answers.status = 'gone' THEN 'the last user is gone in API v3'
        WHEN answers.status IN ('current', 'inherited') THEN 'leads to a user of another district'
        WHEN answers.status = 'unconfirmed' AND answers.source = 'migration_csv'
            THEN 'a migration CSV tells it for another district'
        WHEN freshness.up_to_date_as_of IS NULL THEN 'the district has not been synced'
        WHEN to_timestamp(try_cast('0x' || people.legacy_id[:8] AS BIGINT)) > least(freshness.up_to_date_as_of, now())
            THEN 'created after the last good sync'
        ELSE 'the last good sync showed no user with it'
    END AS why,
    CASE WHEN explained.legacy_id IS NULL THEN by_sis_id.user_id END AS suggested_by_sis_id,
    CASE WHEN explained.legacy_id IS NULL THEN by_email.user_id END AS suggested_by_email
FROM listed_once AS people
LEFT JOIN explained USING (district_id, role, legacy_id)
LEFT JOIN answers ON answers.id = people.legacy_id
LEFT JOIN district_freshness AS freshness ON freshness.district_id = people.district_id
LEFT JOIN users ON users.district_id = people.district_id AND users.user_id = explained.user_id
LEFT JOIN user_roles ON
    user_roles.district_id = people.district_id AND user_roles.user_id = explained.user_id AND user_roles.role = people.role
LEFT JOIN by_email ON
    by_email.district_id = people.district_id AND by_email.role = people.role AND by_email.email = people.own_email
LEFT JOIN by_sis_id ON
    by_sis_id.district_id = people.district_id AND by_sis_id.role = people.role AND by_sis_id.sis_id = people.own_sis_id;
