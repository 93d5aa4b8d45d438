-- No text in the record is cut in the middle of a character (U+FFFD replaces an unpaired surrogate).
-- severity: warning
SELECT district_id, user_id AS record_id
FROM sync.repaired_records;
