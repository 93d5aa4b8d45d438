-- The databases of Dagster and of the lake's catalog, each with an owner of its own; PostgreSQL's image runs this once, when it has no data.
\getenv dagster_password DAGSTER_POSTGRES_PASSWORD
\getenv lake_password LAKE_POSTGRES_PASSWORD
CREATE ROLE dagster LOGIN PASSWORD :'dagster_password';
CREATE ROLE lake LOGIN PASSWORD :'lake_password';
CREATE DATABASE dagster OWNER dagster;
CREATE DATABASE lake OWNER lake;
REVOKE CONNECT ON DATABASE dagster FROM PUBLIC;
REVOKE CONNECT ON DATABASE lake FROM PUBLIC;
