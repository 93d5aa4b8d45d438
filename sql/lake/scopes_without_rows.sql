-- The districts that a commit once wrote and that have no row any longer: a purge removed them.
SELECT scope
FROM delivery.commits
ANTI JOIN (SELECT unnest(?::VARCHAR[]) AS scope) AS of_tables USING (scope)
ANTI JOIN ($districts) AS listed ON listed.district_id = scope
