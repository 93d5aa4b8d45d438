-- Every district that Clever's token list ever showed, and whether it was connected at the last sync.
SELECT district_id, connected FROM sync.districts;
