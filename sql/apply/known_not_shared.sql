-- The streams that Clever refused as a whole in the latest read of each district.
SELECT district_id, not_shared FROM sync.districts WHERE len(not_shared) > 0;
