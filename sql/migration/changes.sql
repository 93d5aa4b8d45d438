-- How many links the crosswalk lacks, and how many it has whose role or district is known only now.
SELECT
    count(*) FILTER (verdict IN ('new', 'contradicting') AND NOT is_known),
    count(*) FILTER (
        is_known AND verdict <> 'repeated' AND (legacy_id, user_id) IN (
            SELECT (links.legacy_id, links.user_id)
            FROM legacy_id_crosswalk AS links
            JOIN judged_links AS judged USING (legacy_id, user_id)
            WHERE
                (links.role = 'unknown' AND judged.role <> 'unknown')
                OR (links.district_id = 'unknown' AND judged.district_id <> 'unknown')
        )
    )
FROM judged_links;
