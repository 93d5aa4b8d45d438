"""What do the analysts' views, and the rules about schools, cost over a large roster? `python -m tests.benchmark.views` measures it.

A warehouse file is filled with people, sections and memberships by DuckDB alone, and its tables are written as Parquet files, too. Then
each view is written to a table in turns with the same query over the Parquet files.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from string import Template

import duckdb
from rich.console import Console
from rich.table import Table

from pipelines.warehouse import schema
from pipelines.warehouse.checks import checks
from pipelines.warehouse.statements import definition
from pipelines.warehouse.store import STORAGE

MAX_TIMES_PARQUET = 2
"""Target of a view: seconds, as times those of the same query over Parquet files."""

VIEWS = ("student_roster", "section_rosters", "student_contacts", "staff_directory", "enrollment_by_grade")

READ = (
    "users",
    "students",
    "teachers",
    "staff",
    "district_admins",
    "contacts",
    "contact_students",
    "schools",
    "courses",
    "terms",
    "sections",
    "section_students",
    "section_teachers",
)
"""The tables that the views read."""

PEOPLE_PER_SCHOOL = 600
"""People of a district for each of its schools, as in the sandbox."""

SECTIONS_PER_SCHOOL = 180
SECTIONS_PER_STUDENT = 10

FILLED = """
CREATE TEMP MACRO id_of(kind, number) AS printf('%02xdd0580', kind) || 'ba6f48d8db' || printf('%06x', number);
CREATE TEMP MACRO pick(number, salt, size) AS (hash(number, salt) % size)::BIGINT;
CREATE TEMP TABLE people AS
SELECT
    number,
    id_of(16, number) AS user_id,
    CASE
        WHEN pick(number, 1, 100) < 62 THEN 'student' WHEN pick(number, 1, 100) < 70 THEN 'teacher'
        WHEN pick(number, 1, 100) < 73 THEN 'staff' ELSE 'contact'
    END AS role,
    pick(number, 2, $schools) AS school
FROM range($people) AS numbers (number);

INSERT INTO users BY NAME SELECT
    user_id, 'district' AS district_id, 'First' || number % 5000 AS first_name, 'Last' || pick(number, 3, 20000) AS last_name,
    user_id || '@district.example' AS email, [role] AS roles, now() AS first_seen_at, now() AS valid_from, 'created' AS change
FROM people ORDER BY user_id;

INSERT INTO students BY NAME SELECT
    user_id, 'district' AS district_id, user_id AS legacy_id, id_of(1, school) AS school_id,
    CASE WHEN number % 20 = 0 THEN [id_of(1, school), id_of(1, $schools - 1)] ELSE [id_of(1, school)] END AS school_ids,
    number::VARCHAR AS sis_id, (1 + pick(number, 4, 12))::VARCHAR AS grade, now() AS first_seen_at, now() AS valid_from, 'created' AS change
FROM people WHERE role = 'student' ORDER BY user_id;

INSERT INTO teachers BY NAME SELECT
    user_id, 'district' AS district_id, id_of(1, school) AS school_id, [id_of(1, school)] AS school_ids, number::VARCHAR AS sis_id,
    'Teacher' AS title, now() AS first_seen_at, now() AS valid_from, 'created' AS change
FROM people WHERE role = 'teacher' ORDER BY user_id;

INSERT INTO staff BY NAME SELECT
    user_id, 'district' AS district_id, [id_of(1, school)] AS school_ids, number::VARCHAR AS staff_id, [] AS staff_roles,
    'Clerk' AS title, now() AS first_seen_at, now() AS valid_from, 'created' AS change
FROM people WHERE role = 'staff' ORDER BY user_id;

INSERT INTO contacts BY NAME SELECT
    user_id, 'district' AS district_id, '+1 555 0100' AS phone, 'Cell' AS phone_type, now() AS first_seen_at, now() AS valid_from,
    'created' AS change
FROM people WHERE role = 'contact' ORDER BY user_id;

INSERT INTO user_roles BY NAME
SELECT user_id, 'student' AS role, district_id, legacy_id, sis_id, school_id, school_ids, first_seen_at, valid_from, change FROM students
UNION ALL BY NAME
SELECT user_id, 'teacher' AS role, district_id, sis_id, title, school_id, school_ids, first_seen_at, valid_from, change FROM teachers
UNION ALL BY NAME
SELECT user_id, 'staff' AS role, district_id, staff_id AS sis_id, title, school_ids, first_seen_at, valid_from, change FROM staff
UNION ALL BY NAME
SELECT user_id, 'contact' AS role, district_id, [] AS school_ids, first_seen_at, valid_from, change FROM contacts
ORDER BY user_id;

INSERT INTO contact_students BY NAME SELECT
    parents.user_id AS contact_id, 'district' AS district_id, chosen.user_id AS student_id, 'Parent' AS relationship,
    now() AS first_seen_at, now() AS valid_from, 'created' AS change
FROM (
    SELECT user_id, unnest([pick(number, 10, $people), pick(number, 11, $people)]) AS number FROM people WHERE role = 'contact'
) AS parents
JOIN people AS chosen ON chosen.number = parents.number AND chosen.role = 'student'
ORDER BY contact_id, student_id;

INSERT INTO schools BY NAME SELECT
    id_of(1, number) AS school_id, 'district' AS district_id, 'School ' || number AS name, number::VARCHAR AS sis_id, '1' AS low_grade,
    '12' AS high_grade, now() AS first_seen_at, now() AS valid_from, 'created' AS change
FROM range($schools) AS numbers (number);

INSERT INTO terms BY NAME SELECT
    id_of(2, number) AS term_id, 'district' AS district_id, 'Quarter ' || number AS name,
    current_date - 120 + number::INTEGER * 90 AS start_date, current_date - 40 + number::INTEGER * 90 AS end_date,
    now() AS first_seen_at, now() AS valid_from, 'created' AS change
FROM range(4) AS numbers (number);

INSERT INTO courses BY NAME SELECT
    id_of(3, number) AS course_id, 'district' AS district_id, 'Course ' || number AS name, number::VARCHAR AS number,
    now() AS first_seen_at, now() AS valid_from, 'created' AS change
FROM range(12 * $schools) AS numbers (number);

INSERT INTO sections BY NAME SELECT
    id_of(4, number) AS section_id, 'district' AS district_id, id_of(1, number // $sections_per_school) AS school_id,
    id_of(3, number % (12 * $schools)) AS course_id, id_of(2, number % 4) AS term_id, 'Section ' || number AS name,
    number::VARCHAR AS sis_id, (number % 8)::VARCHAR AS period, 'math' AS subject,
    now() AS first_seen_at, now() AS valid_from, 'created' AS change
FROM range($schools * $sections_per_school) AS numbers (number);

INSERT INTO section_teachers BY NAME SELECT
    sections.section_id, 'district' AS district_id, chosen.user_id AS teacher_id, time = 0 AS is_primary,
    now() AS first_seen_at, now() AS valid_from, 'created' AS change
FROM (SELECT row_number() OVER () AS number, section_id, school_id FROM sections) AS sections
CROSS JOIN range(2) AS times (time)
JOIN (
    SELECT
        school_id,
        user_id,
        row_number() OVER (PARTITION BY school_id ORDER BY user_id) - 1 AS place,
        count(*) OVER (PARTITION BY school_id) AS size
    FROM teachers
) AS chosen ON chosen.school_id = sections.school_id AND chosen.place = (sections.number + time) % chosen.size
WHERE time = 0 OR sections.number % 8 = 0 ORDER BY section_id, teacher_id;

UPDATE sections SET teacher_id = taught.teacher_id
FROM section_teachers AS taught WHERE taught.section_id = sections.section_id AND taught.is_primary;

INSERT INTO section_students BY NAME SELECT
    id_of(4, (school + (pick(number, 20 + time, 100) < 3)::BIGINT) % $schools * $sections_per_school
        + (pick(number, 5, $sections_per_school) + 17 * time) % $sections_per_school) AS section_id,
    'district' AS district_id, user_id AS student_id, now() AS first_seen_at, now() AS valid_from, 'created' AS change
FROM people CROSS JOIN range($sections_per_student) AS times (time)
WHERE role = 'student' ORDER BY section_id, student_id;
"""
"""A district with every kind of record, from numbers alone. Its rows are in the order in which a sync writes them."""

SLOWEST = 10
"""The rules that are shown."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def fill(file: Path, people: int) -> None:
    """Create a warehouse file with a district of so many people."""
    text = Template(FILLED).substitute(
        people=people,
        schools=max(2, people // PEOPLE_PER_SCHOOL),
        sections_per_school=SECTIONS_PER_SCHOOL,
        sections_per_student=SECTIONS_PER_STUDENT,
    )
    with closing(duckdb.connect(str(file), config={"storage_compatibility_version": STORAGE})) as connection:
        for statement in [*schema.definitions(), text]:
            connection.execute(statement)


def measure_views(file: Path, folder: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """Return for each view the processor seconds of writing it to a table, and those of the same query over Parquet files."""
    with closing(duckdb.connect()) as connection:
        connection.execute(f"ATTACH '{file}' AS warehouse (READ_ONLY)")
        for table in READ:
            connection.execute(f"COPY warehouse.{table} TO '{folder / table}.parquet'")
            connection.execute(f"CREATE VIEW {table} AS FROM '{folder / table}.parquet'")
        for view in VIEWS:
            connection.execute(definition(f"views/{view}"))
        sources = [f"{database}.{view}" for view in VIEWS for database in ("warehouse", "memory")]
        costs = {
            source: _least(connection, f"CREATE OR REPLACE TEMP TABLE written AS FROM {source}", rounds)
            for source in sources
        }
    return {view: (costs[f"warehouse.{view}"], costs[f"memory.{view}"]) for view in VIEWS}


def measure_rules(file: Path, rounds: int) -> dict[str, float]:
    """Return the processor seconds of each data-quality rule."""
    with closing(duckdb.connect(str(file), read_only=True)) as connection:
        return {check.name: _least(connection, f"SELECT count(*) FROM ({check.query})", rounds) for check in checks()}


def _least(connection: duckdb.DuckDBPyConnection, statement: str, rounds: int) -> float:
    """Return the fewest processor seconds of a statement: others that use the machine only add to them."""
    costs: list[float] = []
    for _ in range(rounds):
        begin = time.process_time()
        connection.execute(statement).fetchall()
        costs.append(time.process_time() - begin)
    return min(costs)


def main(arguments: Sequence[str]) -> int:
    """Measure, report, and return the exit code: 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.views", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--json", action="store_true", help="print the processor seconds of the views, and leave the rules out"
    )
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="clever-views-") as name:
        file = Path(name) / "warehouse.duckdb"
        fill(file, asked.people)
        views = measure_views(file, Path(name), asked.rounds)
        if asked.json:
            print(json.dumps(views))  # noqa: T201
            return 0
        rules = measure_rules(file, asked.rounds)
    table = Table(f"{asked.people:,} people", "processor s", "over Parquet", "times", "target")
    for view, (seconds, floor) in views.items():
        table.add_row(view, f"{seconds:.2f}", f"{floor:.2f}", f"{seconds / floor:.2f}", f"<= {MAX_TIMES_PARQUET}")
    out.print(table)
    table = Table("data-quality rule", "processor s")
    for rule, seconds in sorted(rules.items(), key=lambda each: -each[1])[:SLOWEST]:
        table.add_row(rule, f"{seconds:.2f}")
    table.add_row(f"all {len(rules)}", f"{sum(rules.values()):.2f}")
    out.print(table)
    return 1 if any(seconds > MAX_TIMES_PARQUET * floor for seconds, floor in views.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
