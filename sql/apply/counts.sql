-- How many people of each district of the batch are new, changed, gone or back: whoever changes in a role alone is changed.
SELECT
    batch.district_id,
    count(*) FILTER (people.change = 'created') AS added,
    count(*) FILTER (people.change = 'updated') AS updated,
    count(*) FILTER (people.change = 'archived') AS archived,
    count(*) FILTER (people.change = 'restored') AS restored,
    count(people.change) > 0 AS changed
FROM batch
LEFT JOIN (
    SELECT district_id, user_id, change FROM users_difference
    UNION ALL
    SELECT DISTINCT district_id, user_id, 'updated'
    FROM user_roles_difference
    ANTI JOIN (FROM users_difference WHERE change <> 'touched') AS told USING (district_id, user_id)
    WHERE change <> 'touched'
) AS people USING (district_id)
GROUP BY batch.district_id;
