-- What only a lake has.
CREATE SCHEMA IF NOT EXISTS delivery;

CREATE TABLE IF NOT EXISTS delivery.commits (
    scope VARCHAR,
    commit_id VARCHAR,
    sync_id VARCHAR,
    committed_at TIMESTAMPTZ
);
