-- Every ID that a user in Clever has or had: the links whose legacy ID and whose v3 ID both lead to that user.
CREATE OR REPLACE VIEW identity_chains AS
SELECT
    user_id,
    user_id AS former_user_id,
    district_id,
    role,
    legacy_id,
    is_current,
    first_seen_at,
    last_seen_at,
    ended_at,
    end_reason
FROM legacy_id_crosswalk
WHERE is_current
UNION ALL
SELECT
    unnest(list_intersect(
        coalesce(of_user.user_ids, [of_user.user_id]),
        coalesce(of_legacy_id.user_ids, [of_legacy_id.user_id])
    )) AS user_id,
    links.user_id AS former_user_id,
    links.district_id,
    links.role,
    links.legacy_id,
    false AS is_current,
    links.first_seen_at,
    links.last_seen_at,
    links.ended_at,
    links.end_reason
FROM (FROM legacy_id_crosswalk WHERE NOT is_current AND source <> 'held') AS links
JOIN (FROM ($heir_of_every_id) WHERE is_living) AS of_user ON of_user.id = links.user_id
JOIN (FROM ($heir_of_every_id) WHERE is_living) AS of_legacy_id ON of_legacy_id.id = links.legacy_id;
