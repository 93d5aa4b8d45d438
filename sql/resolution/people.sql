-- To how many users several IDs of the list lead, and how many IDs these are.
SELECT count(*), coalesce(sum(ids), 0)
FROM (SELECT user_id, any_value(ids_of_the_person) AS ids FROM answers WHERE ids_of_the_person > 1 GROUP BY user_id);
