-- How many people a published file has, and when a sync last changed something in it.
SELECT
    (SELECT count(*) FROM users),
    (SELECT max(finished_at) FROM sync.runs WHERE outcome = 'applied');
