-- Every district that Clever's token list ever showed.
SELECT district_id FROM sync.districts;
