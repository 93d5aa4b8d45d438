-- Whether each term is in progress today, the date in the session's time zone; a date that Clever did not send is no limit. NULL if
-- Clever sent neither date, or one that cannot be read, which is in extra. The relation that views of sections share.
SELECT
    district_id,
    term_id,
    name,
    CASE
        WHEN
            coalesce(start_date, end_date) IS NOT NULL
            AND coalesce(json_extract(extra, '$.start_date'), json_extract(extra, '$.end_date')) IS NULL
            THEN coalesce(start_date, current_date) <= current_date AND current_date <= coalesce(end_date, current_date)
    END AS is_in_progress
FROM terms
