"""How long does it take at the least? All six lists over HTTP, split into records, one scan by DuckDB, no safety.

The narrow floor writes two tables with a few columns each. The wide floor writes every column of every table of people: all
fields that the specification of API v3.1 has. Nothing is verified, compared or kept of earlier loads.
"""

import http.client
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import msgspec

STREAMS = ("", "&role=student", "&role=teacher", "&role=staff", "&role=district_admin", "&role=contact")

NARROW = """
SET preserve_insertion_order = false;

CREATE TEMP TABLE read AS
SELECT * FROM read_json($files, format = 'newline_delimited', columns = {
    id: 'VARCHAR', district: 'VARCHAR', email: 'VARCHAR', created: 'TIMESTAMPTZ', last_modified: 'TIMESTAMPTZ',
    name: 'STRUCT("first" VARCHAR, middle VARCHAR, "last" VARCHAR)',
    roles: 'STRUCT(
        student STRUCT(legacy_id VARCHAR, sis_id VARCHAR, school VARCHAR, schools VARCHAR[]),
        teacher STRUCT(legacy_id VARCHAR, sis_id VARCHAR, title VARCHAR, school VARCHAR, schools VARCHAR[]),
        staff STRUCT(legacy_id VARCHAR, staff_id VARCHAR, title VARCHAR, schools VARCHAR[]),
        district_admin STRUCT(legacy_id VARCHAR, title VARCHAR),
        contact STRUCT(legacy_id VARCHAR, sis_id VARCHAR)
    )'
});

CREATE TABLE users AS
SELECT id AS user_id, district AS district_id, email, name.first, name.middle, name.last, created, last_modified FROM read;

CREATE TABLE user_roles AS
SELECT id AS user_id, 'student' AS role, unnest(roles.student) FROM read WHERE roles.student IS NOT NULL
UNION ALL BY NAME
SELECT id AS user_id, 'teacher' AS role, unnest(roles.teacher) FROM read WHERE roles.teacher IS NOT NULL
UNION ALL BY NAME
SELECT id AS user_id, 'staff' AS role, unnest(roles.staff) FROM read WHERE roles.staff IS NOT NULL
UNION ALL BY NAME
SELECT id AS user_id, 'district_admin' AS role, unnest(roles.district_admin) FROM read WHERE roles.district_admin IS NOT NULL
UNION ALL BY NAME
SELECT id AS user_id, 'contact' AS role, unnest(roles.contact) FROM read WHERE roles.contact IS NOT NULL;
"""
"""The tables of the narrow floor: the columns that results of earlier versions had."""

WIDE = """
SET preserve_insertion_order = false;

CREATE TEMP MACRO to_date(text) AS
CASE WHEN text LIKE '%/%' THEN strptime(text, '%m/%d/%Y')::DATE ELSE try_cast(text[:10] AS DATE) END;

CREATE TEMP TABLE read AS
SELECT * FROM read_json($files, format = 'newline_delimited', columns = {
    id: 'VARCHAR', district: 'VARCHAR', email: 'VARCHAR', created: 'TIMESTAMPTZ', last_modified: 'TIMESTAMPTZ',
    name: 'STRUCT("first" VARCHAR, middle VARCHAR, "last" VARCHAR)',
    lms_status: 'STRUCT(synced_in_lms BOOLEAN)',
    roles: 'STRUCT(
        student STRUCT(
            legacy_id VARCHAR, school VARCHAR, schools VARCHAR[], sis_id VARCHAR, student_number VARCHAR, state_id VARCHAR,
            credentials STRUCT(district_username VARCHAR), grade VARCHAR, graduation_year VARCHAR, dob VARCHAR, gender VARCHAR,
            race VARCHAR, hispanic_ethnicity VARCHAR, ell_status VARCHAR, home_language VARCHAR, home_language_code VARCHAR,
            frl_status VARCHAR, iep_status VARCHAR, gifted_status VARCHAR, section_504_status VARCHAR,
            disability STRUCT(disability_status VARCHAR, disability_type VARCHAR, disability_code VARCHAR),
            preferred_name STRUCT("first" VARCHAR, middle VARCHAR, "last" VARCHAR),
            location STRUCT(address VARCHAR, city VARCHAR, state VARCHAR, zip VARCHAR, lat VARCHAR, lon VARCHAR),
            created TIMESTAMPTZ, last_modified TIMESTAMPTZ, ext JSON,
            enrollments STRUCT(school VARCHAR, start_date VARCHAR, end_date VARCHAR)[]
        ),
        teacher STRUCT(
            legacy_id VARCHAR, school VARCHAR, schools VARCHAR[], sis_id VARCHAR, teacher_number VARCHAR, state_id VARCHAR,
            title VARCHAR, credentials STRUCT(district_username VARCHAR), district VARCHAR,
            name STRUCT("first" VARCHAR, middle VARCHAR, "last" VARCHAR),
            created TIMESTAMPTZ, last_modified TIMESTAMPTZ, ext JSON
        ),
        staff STRUCT(
            legacy_id VARCHAR, schools VARCHAR[], staff_id VARCHAR, department VARCHAR, title VARCHAR, roles VARCHAR[],
            credentials STRUCT(district_username VARCHAR), ext JSON
        ),
        district_admin STRUCT(legacy_id VARCHAR, title VARCHAR),
        contact STRUCT(
            legacy_id VARCHAR, sis_id VARCHAR, phone VARCHAR, phone_type VARCHAR,
            student_relationships STRUCT(student VARCHAR, relationship VARCHAR, type VARCHAR)[]
        )
    )'
});

CREATE TABLE users AS
SELECT
    district AS district_id, id AS user_id, email, name.first AS first_name, name.middle AS middle_name, name.last AS last_name,
    CASE WHEN roles.contact IS NOT NULL THEN ['contact'] ELSE [] END
    || CASE WHEN roles.district_admin IS NOT NULL THEN ['district_admin'] ELSE [] END
    || CASE WHEN roles.staff IS NOT NULL THEN ['staff'] ELSE [] END
    || CASE WHEN roles.student IS NOT NULL THEN ['student'] ELSE [] END
    || CASE WHEN roles.teacher IS NOT NULL THEN ['teacher'] ELSE [] END AS roles,
    lms_status.synced_in_lms, created AS created_at, last_modified AS last_modified_at
FROM read;

CREATE TABLE students AS
SELECT
    district_id, user_id, legacy_id, school AS school_id, schools AS school_ids, sis_id, student_number, state_id,
    credentials.district_username, grade, graduation_year,
    to_date(dob) AS dob,
    gender, race, hispanic_ethnicity, ell_status, home_language, home_language_code, frl_status, iep_status, gifted_status,
    section_504_status, disability.disability_status, disability.disability_type, disability.disability_code,
    preferred_name.first AS preferred_first_name, preferred_name.middle AS preferred_middle_name,
    preferred_name.last AS preferred_last_name, location.address AS location_address, location.city AS location_city,
    location.state AS location_state, location.zip AS location_zip, location.lat AS location_lat, location.lon AS location_lon,
    created AS role_created_at, last_modified AS role_last_modified_at, ext
FROM (SELECT district AS district_id, id AS user_id, unnest(roles.student) FROM read WHERE roles.student IS NOT NULL);

CREATE TABLE student_enrollments AS
SELECT
    district_id, student_id, item.school AS school_id, to_date(item.start_date) AS start_date, to_date(item.end_date) AS end_date
FROM (SELECT district AS district_id, id AS student_id, unnest(roles.student.enrollments) AS item FROM read);

CREATE TABLE teachers AS
SELECT
    district_id, user_id, legacy_id, school AS school_id, schools AS school_ids, sis_id, teacher_number, state_id, title,
    credentials.district_username, district AS role_district_id, name.first AS role_first_name, name.middle AS role_middle_name,
    name.last AS role_last_name, created AS role_created_at, last_modified AS role_last_modified_at, ext
FROM (SELECT district AS district_id, id AS user_id, unnest(roles.teacher) FROM read WHERE roles.teacher IS NOT NULL);

CREATE TABLE staff AS
SELECT
    district_id, user_id, legacy_id, schools AS school_ids, staff_id, department, title, roles AS staff_roles,
    credentials.district_username, ext
FROM (SELECT district AS district_id, id AS user_id, unnest(roles.staff) FROM read WHERE roles.staff IS NOT NULL);

CREATE TABLE district_admins AS
SELECT district AS district_id, id AS user_id, unnest(roles.district_admin) FROM read WHERE roles.district_admin IS NOT NULL;

CREATE TABLE contacts AS
SELECT
    district AS district_id, id AS user_id, roles.contact.legacy_id, roles.contact.sis_id, roles.contact.phone,
    roles.contact.phone_type
FROM read WHERE roles.contact IS NOT NULL;

CREATE TABLE contact_students AS
SELECT district_id, contact_id, item.student AS student_id, item.relationship, item.type
FROM (SELECT district AS district_id, id AS contact_id, unnest(roles.contact.student_relationships) AS item FROM read);

CREATE TABLE user_roles AS
SELECT district_id, user_id, 'student' AS role, legacy_id, sis_id, school_id, school_ids FROM students
UNION ALL BY NAME
SELECT district_id, user_id, 'teacher' AS role, legacy_id, sis_id, title, school_id, school_ids FROM teachers
UNION ALL BY NAME
SELECT district_id, user_id, 'staff' AS role, legacy_id, staff_id, title, school_ids FROM staff
UNION ALL BY NAME
SELECT district_id, user_id, 'district_admin' AS role, legacy_id, title FROM district_admins
UNION ALL BY NAME
SELECT district_id, user_id, 'contact' AS role, legacy_id, sis_id FROM contacts;
"""
"""The tables of the wide floor: all columns of users, of the roles, and of their lists, as API v3.1 documents them."""


class _Item(msgspec.Struct, gc=False):
    data: msgspec.Raw


class _Link(msgspec.Struct, gc=False):
    rel: str
    uri: str


class _Page(msgspec.Struct, gc=False):
    data: list[_Item]
    links: list[_Link]


def pages(address: str, token: str, stream: str) -> Iterator[bytes]:
    """The records of each page of a stream, one a line."""
    connection = http.client.HTTPConnection(address)
    target: str | None = f"/v3.0/users?limit=10000{stream}"
    while target is not None:
        connection.request("GET", target, headers={"Authorization": f"Bearer {token}"})
        page = msgspec.json.decode(connection.getresponse().read(), type=_Page)
        yield b"\n".join(item.data for item in page.data)
        target = next((link.uri for link in page.links if link.rel == "next"), None)
    connection.close()


def load(url: str, tokens: list[str], folder: Path, how: str) -> None:
    """Load everybody into folder/roster.duckdb, ``narrow`` or ``wide``; of the role views nothing is kept."""
    files: list[str] = []

    def read(number: int, token: str, stream: str) -> None:
        for page, lines in enumerate(pages(urlsplit(url).netloc, token, stream)):
            if not stream:
                file = folder / f"{number:05d}-{page:05d}.ndjson"
                file.write_bytes(lines)
                files.append(str(file))

    with ThreadPoolExecutor(len(STREAMS)) as readers:
        for task in [readers.submit(read, *one, stream) for one in enumerate(tokens) for stream in STREAMS]:
            task.result()
    with duckdb.connect(str(folder / "roster.duckdb")) as connection:
        connection.execute((WIDE if how == "wide" else NARROW).replace("$files", str(files)))


if __name__ == "__main__":
    load(sys.argv[1], sys.argv[2].split(","), Path(sys.argv[3]), sys.argv[4])
