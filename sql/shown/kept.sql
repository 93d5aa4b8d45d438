-- How many people a published file has, and when a sync last changed something in it.
SELECT
    (SELECT count(*) FROM users),
    (SELECT strftime(max(finished_at AT TIME ZONE 'UTC'), '%Y-%m-%d %H:%M:%S UTC') FROM sync.runs WHERE outcome = 'applied');
