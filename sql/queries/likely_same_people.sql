-- Who is likely the same person as a user who is gone, although no ID leads from one to the other?
-- This is evidence for you to judge, not a link: compare the names, and ask the district before you merge accounts.
SELECT
    likely.district_id,
    likely.strength,
    likely.reasons,
    likely.former_user_id,
    former.last_name AS former_last_name,
    former.first_name AS former_first_name,
    likely.former_roles,
    likely.former_last_seen_at,
    likely.user_id,
    users.last_name,
    users.first_name,
    likely.roles,
    likely.first_seen_at,
    likely.days_between
FROM likely_same_person AS likely
JOIN users ON users.district_id = likely.district_id AND users.user_id = likely.user_id
JOIN users_history AS former ON
    former.district_id = likely.district_id
    AND former.user_id = likely.former_user_id
    AND former.change = 'archived'
    AND former.valid_to IS NULL
ORDER BY
    list_position(['strong', 'medium', 'weak'], likely.strength),
    likely.district_id,
    likely.former_user_id,
    likely.user_id;
