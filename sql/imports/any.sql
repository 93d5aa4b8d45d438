-- Whether migration CSVs or API v2.1 tell links that API v3 has not shown.
SELECT count(*) > 0 FROM sync.told_links;
