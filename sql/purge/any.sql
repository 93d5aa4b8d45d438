-- Whether anybody was purged or blocked.
SELECT (SELECT count(*) FROM sync.purges) + (SELECT count(*) FROM sync.blocked) > 0;
