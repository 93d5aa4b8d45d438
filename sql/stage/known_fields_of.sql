-- The text of a macro that tells which of the unseen fields a record has, as the bits of two words.
SELECT
    'CREATE OR REPLACE TEMP MACRO known_fields_of(id, district, email, created, last_modified, "name", roles) AS ['
    || string_agg(coalesce(bits, '0::UBIGINT'), ', ' ORDER BY word)
    || ']'
FROM (
    SELECT
        word,
        string_agg(
            -- "roles"."student"."enrollments"[1]."school"
            format(
                '(("{}" IS NOT NULL)::UBIGINT << {})', replace(replace(place[3:], '.', '"."'), '[0]"', '"[1]'), unseen_fields.bit
            ),
            ' | '
        ) AS bits
    FROM (SELECT DISTINCT word FROM known_fields)
    LEFT JOIN unseen_fields USING (word)
    GROUP BY word
);
