-- How many rows of each migration CSV there are with each verdict.
SELECT file, verdict, count(*) FROM verdicts GROUP BY ALL ORDER BY ALL;
