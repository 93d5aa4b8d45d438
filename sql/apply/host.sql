-- Which Clever host the districts of this warehouse come from; no row if no sync has recorded one.
SELECT host FROM sync.clever_hosts ORDER BY sequence DESC LIMIT 1;
