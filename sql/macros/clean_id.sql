-- The Clever ID that a text holds, as people and spreadsheets write it: in capitals, between quotes, behind an apostrophe, as ="...",
-- as ObjectId("..."), with blanks or invisible characters. Of a text that holds no ID: itself in lower case, without blanks around it.
CREATE OR REPLACE MACRO clean_id(written) AS (
    CASE
        WHEN regexp_full_match(written, '[0-9a-f]{24}') THEN written
        ELSE coalesce(
            nullif(
                regexp_extract(
                    regexp_replace(lower(written), '[\p{Z}\p{C}\p{M}\x{115F}\x{1160}\x{2800}\x{3164}\x{FFA0}]+', '', 'g'),
                    '^[^0-9a-z]*(?:objectid|oid)?[^0-9a-z]*([0-9a-f]{24})[^0-9a-z]*$',
                    1
                ),
                ''
            ),
            regexp_replace(lower(written), '^[\p{Z}\p{C}]+|[\p{Z}\p{C}]+$', '', 'g')
        )
    END
);
