-- Which streams Clever refused as a whole in the latest read of some districts, each with the names of its streams, joined by commas.
UPDATE sync.districts
SET not_shared = list_filter(string_split(latest.streams, ','), lambda stream: stream <> '')
FROM (SELECT unnest(getvariable('read')) AS district_id, unnest(getvariable('refused')) AS streams) AS latest
WHERE districts.district_id = latest.district_id;
