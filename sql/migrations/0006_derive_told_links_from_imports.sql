-- Links that only a migration CSV or API v2.1 tells come from sync.told_links, and have no end: API v3 has never shown them.
CREATE TABLE IF NOT EXISTS sync.imports (
    import_id VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    imported_at TIMESTAMP WITH TIME ZONE NOT NULL,
    source VARCHAR NOT NULL,
    is_of_one_district BOOLEAN NOT NULL,
    first_district_id VARCHAR,
    last_district_id VARCHAR,
    links BIGINT NOT NULL,
    taken_back_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (import_id, file)
);

CREATE TABLE IF NOT EXISTS sync.told_links (
    import_id VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    legacy_id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    role VARCHAR,
    district_id VARCHAR
);

INSERT INTO sync.imports BY NAME
SELECT
    'before imports were numbered: ' || source AS import_id,
    source AS file,
    min(first_seen_at) AS imported_at,
    source,
    false AS is_of_one_district,
    count(*) AS links
FROM legacy_id_crosswalk
WHERE source IN ('migration_csv', 'v2.1')
GROUP BY source;

INSERT INTO sync.told_links BY NAME
SELECT
    'before imports were numbered: ' || source AS import_id,
    source AS file,
    legacy_id,
    user_id,
    nullif(role, 'unknown') AS role,
    nullif(district_id, 'unknown') AS district_id
FROM legacy_id_crosswalk
WHERE source IN ('migration_csv', 'v2.1');

UPDATE legacy_id_crosswalk SET ended_at = NULL, end_reason = NULL WHERE source IN ('migration_csv', 'v2.1');
