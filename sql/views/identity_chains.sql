-- Every id that a person ever had: people joined by the legacy ids that went from one v3 id to another.
CREATE OR REPLACE VIEW identity_chains AS
WITH RECURSIVE steps AS (
    SELECT DISTINCT from_user_id, to_user_id
    FROM crosswalk_changes
    WHERE change IN ('merged', 'split', 'reassigned')
),

chains AS (
    SELECT user_id, user_id AS former_user_id FROM users
    UNION
    SELECT chains.user_id, steps.from_user_id
    FROM chains
    JOIN steps ON steps.to_user_id = chains.former_user_id
)

SELECT
    chains.user_id,
    chains.former_user_id,
    links.district_id,
    links.role,
    links.legacy_id,
    links.is_current,
    links.first_seen_at,
    links.last_seen_at,
    links.ended_at,
    links.end_reason
FROM chains
JOIN legacy_id_crosswalk AS links ON links.user_id = chains.former_user_id
WHERE links.source <> 'held';
