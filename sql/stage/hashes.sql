-- Which records of some landed pages the district had in the last sync, and which it had not.
CREATE OR REPLACE TEMP TABLE hashes AS
SELECT pages.district_id, found.filename, found.line_start, found.line, known.line IS NOT NULL AS is_known
FROM read_csv(
    getvariable('files'), header = false, auto_detect = false, delim = ',', columns = {line_start: 'BIGINT', line: 'UBIGINT'}, filename = true
) AS found
JOIN staging.pages AS pages USING (filename)
LEFT JOIN (FROM sync.lines WHERE stream = getvariable('stream')) AS known ON
    known.district_id = pages.district_id AND known.line = found.line;

INSERT INTO staging.lines
SELECT getvariable('stream'), district_id, line FROM hashes WHERE is_known;
