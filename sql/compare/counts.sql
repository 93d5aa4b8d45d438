-- How many people of each district of the batch are new, changed, gone or back: people who change in a role alone are changed.
SELECT
    batch.district_id,
    count(*) FILTER (people.change = 'created') AS added,
    count(*) FILTER (people.change = 'updated') AS updated,
    count(*) FILTER (people.change = 'archived') AS archived,
    count(*) FILTER (people.change = 'restored') AS restored,
    coalesce(bool_or(people.change IS NOT NULL), false) OR district_id IN (SELECT district_id FROM changed_districts) AS changed
FROM batch
LEFT JOIN (
    SELECT district_id, user_id, change FROM users_difference WHERE change <> 'refreshed'
    UNION ALL
    SELECT DISTINCT district_id, user_id, 'updated'
    FROM (
        SELECT district_id, user_id FROM user_roles_difference WHERE change <> 'refreshed'
        UNION ALL
        SELECT district_id, user_id FROM detail_differences
    )
    ANTI JOIN (FROM users_difference WHERE change <> 'refreshed') AS reported USING (district_id, user_id)
) AS people USING (district_id)
GROUP BY batch.district_id;
