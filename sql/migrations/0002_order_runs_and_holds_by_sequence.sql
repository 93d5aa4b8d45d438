-- In which order syncs were published: a number in sync.runs and sync.holds, which no clock decides. Runs of earlier versions
-- are numbered 0 and below, by the order of their rows, and nothing is taken as unchanged since one of them. sync.runs keeps no
-- index: that of a year of 500 districts is as large as the rows.
CREATE TEMP TABLE numbered AS
SELECT sync_id, row_number() OVER (ORDER BY min(rowid) DESC) AS number FROM sync.runs GROUP BY sync_id;

CREATE TEMP TABLE runs AS
SELECT runs.*, 1 - numbered.number AS sequence FROM sync.runs AS runs JOIN numbered USING (sync_id);

DROP TABLE sync.runs;

CREATE TABLE sync.runs (
    sync_id VARCHAR NOT NULL,
    district_id VARCHAR NOT NULL,
    sequence BIGINT NOT NULL,
    mode VARCHAR NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL,
    outcome VARCHAR NOT NULL,
    error VARCHAR,
    added BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    archived BIGINT NOT NULL,
    restored BIGINT NOT NULL,
    digest VARCHAR,
    by_role JSON
);

INSERT INTO sync.runs BY NAME FROM temp.runs ORDER BY sequence, district_id;

CREATE TEMP TABLE holds AS
SELECT holds.*, coalesce(runs.sequence, 0) AS sequence
FROM sync.holds AS holds
LEFT JOIN temp.runs AS runs ON runs.district_id = holds.district_id AND runs.finished_at = holds.held_at;

DROP TABLE sync.holds;

CREATE TABLE sync.holds (
    district_id VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    held_at TIMESTAMPTZ NOT NULL,
    sequence BIGINT NOT NULL,
    sync_id VARCHAR NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    state VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    by_role JSON NOT NULL,
    decided_at TIMESTAMPTZ,
    decided_by VARCHAR,
    reason VARCHAR,
    applied_at TIMESTAMPTZ,
    PRIMARY KEY (district_id, digest, held_at)
);

INSERT INTO sync.holds BY NAME FROM temp.holds ORDER BY sequence;

DROP TABLE temp.numbered;

DROP TABLE temp.runs;

DROP TABLE temp.holds;

-- What ended before it began was written while the clock was ahead: it lasted no time that is known.
UPDATE past.past_users SET valid_from = valid_to WHERE valid_from > valid_to;

UPDATE past.past_user_roles SET valid_from = valid_to WHERE valid_from > valid_to;

UPDATE legacy_id_crosswalk SET last_seen_at = ended_at - INTERVAL 1 MICROSECOND WHERE last_seen_at > ended_at;

UPDATE legacy_id_crosswalk SET first_seen_at = last_seen_at WHERE first_seen_at > last_seen_at;
