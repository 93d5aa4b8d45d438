-- What differs among the holders of each role, by district: a person's change counts in every role the person keeps, and a change in the
-- table of a role in that role. Only what a district had shown before counts toward a hold.
WITH held AS (
    SELECT district_id, role, count(*) AS before
    FROM user_roles
    WHERE district_id IN (SELECT district_id FROM batch)
    GROUP BY district_id, role
),

-- What changes in user_roles changes in the table of the role as well, where it is known whether it counts.
own AS (
    SELECT
        roles.district_id,
        roles.role,
        roles.user_id,
        roles.change,
        roles.change <> 'updated' OR coalesce(details.is_counted, roles.is_counted) AS is_counted
    FROM user_roles_difference AS roles
    LEFT JOIN (FROM detail_differences WHERE change = 'updated' AND NOT is_list) AS details USING (district_id, role, user_id)
    WHERE roles.change <> 'refreshed'
),

others AS (
    SELECT district_id, role, user_id, bool_or(is_counted) AS is_counted
    FROM (
        SELECT people.district_id, kept.role, kept.user_id, people.is_counted
        FROM users_difference AS people
        JOIN user_roles AS kept USING (district_id, user_id)
        WHERE people.change = 'updated'
        UNION ALL
        SELECT district_id, role, user_id, is_counted FROM detail_differences
    )
    GROUP BY district_id, role, user_id
),

changes AS (
    SELECT own.district_id, own.role, own.user_id, own.change, own.is_counted OR coalesce(others.is_counted, false) AS is_counted
    FROM own
    LEFT JOIN others USING (district_id, role, user_id)
    UNION ALL
    SELECT district_id, role, user_id, 'updated', is_counted
    FROM others
    ANTI JOIN own USING (district_id, role, user_id)
),

counted AS (
    SELECT
        district_id,
        role,
        count(*) FILTER (change = 'created') AS added,
        count(*) FILTER (change = 'updated') AS updated,
        count(*) FILTER (change = 'archived') AS archived,
        count(*) FILTER (change = 'restored') AS restored,
        count(*) FILTER (change = 'updated' AND is_counted) AS limited
    FROM changes
    GROUP BY district_id, role
)

SELECT
    district_id,
    role,
    coalesce(before, 0),
    coalesce(added, 0),
    coalesce(updated, 0),
    coalesce(archived, 0),
    coalesce(restored, 0),
    coalesce(limited, 0)
FROM held
FULL JOIN counted USING (district_id, role)
ORDER BY district_id, role;
