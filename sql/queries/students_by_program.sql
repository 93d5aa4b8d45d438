-- How many students are in each program (English learners, Section 504, special education, meals, gifted), and of how many is it not known?
-- A status that was not sent is not N: the district may not share it, or the SIS does not send it.
SELECT
    district_id,
    program.name AS program,
    coalesce(program.status, 'not sent') AS status,
    count(*) AS students
FROM (
    SELECT
        district_id,
        unnest([
            {'name': 'English learner', 'status': ell_status},
            {'name': 'Section 504', 'status': section_504_status},
            {'name': 'individualized education program', 'status': iep_status},
            {'name': 'free or reduced lunch', 'status': frl_status},
            {'name': 'gifted', 'status': gifted_status},
            {'name': 'disability', 'status': disability_status}
        ]) AS program
    FROM students
)
GROUP BY ALL
ORDER BY ALL;
