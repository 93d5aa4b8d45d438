-- Users who are gone and whom no ID leads from, each with users who arrived since and are likely the same person: by what Clever is known
-- to do, never as a claim. No other view or macro reads it, and it resolves no ID.
--
-- Two users who were in Clever at the same time are two persons, so the user who arrived was first seen in the district in the sync that
-- archived the other one, or later. An e-mail or sis_id that two users had at the same time, and a name that two of those who left or two
-- of those who arrived in a sync have, say nothing about any of them and are left out.
--
-- - same_sis_id (strong): the same sis_id in the same role.
-- - same_email: strong if both have a role in common, else medium (the role and the ID changed).
-- - returned_after_absence: one of these two after 300 days or more, for which Clever makes a new ID; as strong as the other one.
-- - recreated_contact: a contact of the same name arrived in the sync that archived the other one; strong with the same e-mail, else medium.
-- - changed_sis_id: a student, teacher or staff of the same name and another sis_id arrived in that sync; medium with a school in common,
--   else weak.
CREATE OR REPLACE VIEW likely_same_person AS
WITH archived AS MATERIALIZED (
    SELECT
        district_id,
        user_id,
        roles,
        nullif(lower(trim(email)), '') AS email,
        coalesce(lower(trim(first_name)), '') AS first_name,
        nullif(lower(trim(last_name)), '') AS last_name,
        first_seen_at,
        valid_from AS archived_at
    FROM past.past_users
    ANTI JOIN (SELECT user_id FROM users) AS present USING (user_id)
    WHERE change = 'archived' AND valid_to IS NULL
),

explained AS MATERIALIZED (
    SELECT id AS user_id
    FROM ($heir_of_every_id) AS heirs
    WHERE is_living AND status <> 'unconfirmed' AND id IN (SELECT user_id FROM archived)
),

-- Those whom the crosswalk explains count where it matters who else had an e-mail, a sis_id or a name.
gone AS MATERIALIZED (
    SELECT
        archived.*,
        explained.user_id IS NULL AS is_unexplained,
        coalesce(
            max(archived_at) OVER (of_email ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > first_seen_at
            OR lead(first_seen_at) OVER of_email < archived_at,
            false
        ) AS has_shared_email
    FROM archived
    LEFT JOIN explained ON explained.user_id = archived.user_id
    WINDOW of_email AS (PARTITION BY district_id, email ORDER BY first_seen_at, archived.user_id)
),

gone_roles AS MATERIALIZED (
    SELECT
        gone.district_id,
        gone.user_id,
        roles.role,
        roles.sis_id,
        roles.school_ids,
        gone.email,
        gone.first_name,
        gone.last_name,
        gone.archived_at,
        gone.is_unexplained,
        gone.has_shared_email,
        roles.valid_from = gone.archived_at AS is_of_last_sync,
        coalesce(
            max(roles.valid_from) OVER (of_sis_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > roles.first_seen_at
            OR lead(roles.first_seen_at) OVER of_sis_id < roles.valid_from,
            false
        ) AS has_shared_sis_id
    FROM past.past_user_roles AS roles
    JOIN gone ON gone.district_id = roles.district_id AND gone.user_id = roles.user_id
    WHERE roles.change = 'archived' AND roles.valid_to IS NULL
    WINDOW of_sis_id AS (PARTITION BY roles.district_id, roles.role, roles.sis_id ORDER BY roles.first_seen_at, roles.user_id)
),

arrived AS MATERIALIZED (
    SELECT
        users.district_id,
        users.user_id,
        users.roles,
        nullif(lower(trim(users.email)), '') AS email,
        coalesce(lower(trim(users.first_name)), '') AS first_name,
        nullif(lower(trim(users.last_name)), '') AS last_name,
        users.first_seen_at
    FROM users
    JOIN (SELECT district_id, min(archived_at) AS since FROM gone WHERE is_unexplained GROUP BY district_id) AS earliest ON
        earliest.district_id = users.district_id
    WHERE users.first_seen_at >= earliest.since
),

-- E-mails of users who are gone that exactly one user has now.
own_emails AS (
    SELECT district_id, email
    FROM (SELECT district_id, lower(trim(email)) AS email FROM users)
    SEMI JOIN (SELECT district_id, email FROM gone WHERE is_unexplained AND NOT has_shared_email) AS former USING (district_id, email)
    GROUP BY district_id, email
    HAVING count(*) = 1
),

of_email AS MATERIALIZED (
    SELECT gone.district_id, gone.user_id AS former_user_id, arrived.user_id, list_has_any(gone.roles, arrived.roles) AS has_same_role
    FROM gone
    JOIN own_emails ON own_emails.district_id = gone.district_id AND own_emails.email = gone.email
    JOIN arrived ON arrived.district_id = gone.district_id AND arrived.email = gone.email
    WHERE gone.is_unexplained AND NOT gone.has_shared_email AND arrived.first_seen_at >= gone.archived_at
),

-- sis_ids of users who are gone that exactly one user has now in the role.
own_sis_ids AS (
    SELECT district_id, role, sis_id, min(user_id) AS user_id
    FROM user_roles
    SEMI JOIN (
        SELECT district_id, role, sis_id FROM gone_roles WHERE is_unexplained AND NOT has_shared_sis_id
    ) AS former USING (district_id, role, sis_id)
    GROUP BY district_id, role, sis_id
    HAVING count(*) = 1
),

of_sis_id AS (
    SELECT gone_roles.district_id, gone_roles.user_id AS former_user_id, arrived.user_id
    FROM gone_roles
    JOIN own_sis_ids ON
        own_sis_ids.district_id = gone_roles.district_id
        AND own_sis_ids.role = gone_roles.role
        AND own_sis_ids.sis_id = gone_roles.sis_id
    JOIN arrived ON arrived.district_id = own_sis_ids.district_id AND arrived.user_id = own_sis_ids.user_id
    WHERE gone_roles.is_unexplained AND NOT gone_roles.has_shared_sis_id AND arrived.first_seen_at >= gone_roles.archived_at
),

-- Names that exactly one user has of those who left in a role and sync, and exactly one of those who arrived in it.
left_with_name AS (
    FROM gone_roles
    WHERE is_of_last_sync AND last_name IS NOT NULL AND (first_name <> '' OR role = 'contact')
    QUALIFY count(*) OVER (PARTITION BY district_id, role, archived_at, last_name, first_name) = 1
),

arrived_with_name AS (
    SELECT
        arrived.district_id,
        arrived.user_id,
        roles.role,
        roles.sis_id,
        roles.school_ids,
        arrived.first_name,
        arrived.last_name,
        arrived.first_seen_at
    FROM arrived
    JOIN user_roles AS roles ON roles.district_id = arrived.district_id AND roles.user_id = arrived.user_id
    QUALIFY
        count(*) OVER (PARTITION BY arrived.district_id, roles.role, arrived.first_seen_at, arrived.last_name, arrived.first_name) = 1
),

of_name AS (
    SELECT
        former.district_id,
        former.user_id AS former_user_id,
        present.user_id,
        former.role,
        former.sis_id <> present.sis_id AS has_another_sis_id,
        list_has_any(former.school_ids, present.school_ids) AS has_same_school,
        of_email.user_id IS NOT NULL AS has_same_email
    FROM left_with_name AS former
    JOIN arrived_with_name AS present ON
        present.district_id = former.district_id
        AND present.role = former.role
        AND present.first_seen_at = former.archived_at
        AND present.last_name = former.last_name
        AND present.first_name = former.first_name
    LEFT JOIN of_email ON
        of_email.district_id = former.district_id
        AND of_email.former_user_id = former.user_id
        AND of_email.user_id = present.user_id
    WHERE former.is_unexplained
),

-- strength: 3 is strong, 2 medium, 1 weak
evidence AS MATERIALIZED (
    SELECT district_id, former_user_id, user_id, 'same_sis_id' AS reason, 3 AS strength FROM of_sis_id
    UNION ALL
    SELECT district_id, former_user_id, user_id, 'same_email', CASE WHEN has_same_role THEN 3 ELSE 2 END FROM of_email
    UNION ALL
    SELECT district_id, former_user_id, user_id, 'recreated_contact', CASE WHEN has_same_email THEN 3 ELSE 2 END
    FROM of_name
    WHERE role = 'contact'
    UNION ALL
    SELECT district_id, former_user_id, user_id, 'changed_sis_id', CASE WHEN has_same_school THEN 2 ELSE 1 END
    FROM of_name
    WHERE role IN ('staff', 'student', 'teacher') AND has_another_sis_id
),

pairs AS (
    SELECT
        evidence.district_id,
        evidence.former_user_id,
        evidence.user_id,
        evidence.reason,
        evidence.strength,
        gone.roles AS former_roles,
        arrived.roles,
        gone.archived_at AS former_last_seen_at,
        arrived.first_seen_at,
        -- as a difference of numbers, because the days of an interval depend on the session's time zone
        (epoch_us(arrived.first_seen_at) - epoch_us(gone.archived_at)) // 86400000000 AS days_between
    FROM evidence
    JOIN gone ON gone.district_id = evidence.district_id AND gone.user_id = evidence.former_user_id
    JOIN arrived ON arrived.district_id = evidence.district_id AND arrived.user_id = evidence.user_id
)

SELECT
    district_id,
    former_user_id,
    user_id,
    arg_max(
        reason,
        10 * strength
        - list_position(['same_sis_id', 'returned_after_absence', 'same_email', 'recreated_contact', 'changed_sis_id'], reason)
    ) AS reason,
    list_sort(list(DISTINCT reason)) AS reasons,
    ['weak', 'medium', 'strong'][max(strength)] AS strength,
    any_value(former_roles) AS former_roles,
    any_value(roles) AS roles,
    any_value(former_last_seen_at) AS former_last_seen_at,
    any_value(first_seen_at) AS first_seen_at,
    any_value(days_between) AS days_between
FROM (
    FROM pairs
    UNION ALL
    SELECT * REPLACE ('returned_after_absence' AS reason)
    FROM pairs
    WHERE days_between >= 300 AND reason IN ('same_email', 'same_sis_id')
)
GROUP BY district_id, former_user_id, user_id;
