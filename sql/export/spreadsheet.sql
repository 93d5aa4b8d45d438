-- How a text is written to a CSV file for a spreadsheet, so that opening the file neither changes the text nor runs it as a formula.

-- A line break within a cell ends the row for some readers.
CREATE OR REPLACE TEMP MACRO on_one_line(value) AS
regexp_replace(value, '\s*[\r\n\t\v\f\x{85}\x{2028}\x{2029}]+\s*', ' ', 'g');

-- Whether a spreadsheet may read a line as a number, time, date or truth value: 00123, 5e12, 8 a, 1-2, SEPT2, true. A false alarm does
-- no harm: the cell shows the same text. In a formula, a text has at most 255 characters.
CREATE OR REPLACE TEMP MACRO is_converted(line) AS
length(line) <= 255
AND (
    regexp_full_match(line, '[\s\d.,:;/%$€£¥()+\-aempAEMP]*\d[\s\d.,:;/%$€£¥()+\-aempAEMP]*')
    OR regexp_full_match(line, '[\s\d.,/-]*(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[\s.,/-]*\d[\s\d.,/-]*', 'i')
    OR regexp_full_match(line, '\d[\s\d.,/-]*(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?', 'i')
    OR regexp_full_match(line, '\s*(true|false)\s*', 'i')
);

-- A line that would be converted becomes the text that a formula gives: ="00123". A line that would be a formula itself begins with an
-- apostrophe, also where = + - @ follow invisible characters or have their wide form.
CREATE OR REPLACE TEMP MACRO line_for_spreadsheet(line) AS
CASE
    WHEN is_converted(line) THEN '="' || line || '"'
    WHEN regexp_matches(line, '^[\s\p{Z}\p{C}]*[=+\-@＝＋－＠]') THEN '''' || line
    ELSE line
END;

CREATE OR REPLACE TEMP MACRO text_for_spreadsheet(value) AS line_for_spreadsheet(on_one_line(value));
