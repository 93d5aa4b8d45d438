-- What differs among the holders of each role, by district: a person's change counts in every role the person keeps.
WITH held AS (
    SELECT district_id, role, count(*) AS before
    FROM user_roles
    WHERE district_id IN (SELECT district_id FROM batch)
    GROUP BY district_id, role
),

changes AS (
    SELECT district_id, role, user_id, change
    FROM user_roles_difference
    WHERE change <> 'touched'
    UNION ALL
    SELECT people.district_id, kept.role, kept.user_id, 'updated'
    FROM users_difference AS people
    JOIN user_roles AS kept USING (district_id, user_id)
    ANTI JOIN user_roles_difference AS told ON
        told.district_id = kept.district_id AND told.user_id = kept.user_id AND told.role = kept.role AND told.change <> 'touched'
    WHERE people.change = 'updated'
),

counted AS (
    SELECT
        district_id,
        role,
        count(*) FILTER (change = 'created') AS added,
        count(*) FILTER (change = 'updated') AS updated,
        count(*) FILTER (change = 'archived') AS archived,
        count(*) FILTER (change = 'restored') AS restored
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
    coalesce(restored, 0)
FROM held
FULL JOIN counted USING (district_id, role)
ORDER BY district_id, role;
