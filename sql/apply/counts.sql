-- How many people of each district of the batch are new, changed, gone or back.
SELECT
    batch.district_id,
    count(*) FILTER (people.change = 'created') AS added,
    count(*) FILTER (people.change = 'updated') AS updated,
    count(*) FILTER (people.change = 'archived') AS archived,
    count(*) FILTER (people.change = 'restored') AS restored,
    count(people.change) > 0 AS changed
FROM batch
LEFT JOIN (
    SELECT
        district_id,
        user_id,
        coalesce(max(change) FILTER (row_of = 'users' AND change <> 'touched'), max('updated') FILTER (change <> 'touched'), 'touched') AS change
    FROM (
        SELECT district_id, user_id, change, 'users' AS row_of FROM users_difference
        UNION ALL
        SELECT district_id, user_id, change, 'user_roles' FROM user_roles_difference
    )
    GROUP BY district_id, user_id
) AS people USING (district_id)
GROUP BY batch.district_id;
