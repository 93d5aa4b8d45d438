"""What dbt makes of a warehouse: sql/sources.yml is tried with dbt itself, in an environment of its own, as docs/other-tools.md says."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import yaml

from pipelines.encryption import Key
from pipelines.warehouse import dbt_sources, tables
from pipelines.warehouse.database import copy_database, is_encrypted
from pipelines.warehouse.store import STORAGE

if TYPE_CHECKING:
    from tests.sql.conftest import Past

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).with_name("dbt") / "requirements.lock"


def with_dbt(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that runs dbt."""
    marked: Callable[..., None] = pytest.mark.search(pytest.mark.xdist_group("dbt")(test))
    return marked


def declared() -> dict[tuple[str, str], dict[str, Any]]:
    """Return each table of sql/sources.yml by source and name."""
    read = yaml.safe_load((ROOT / "sql" / "sources.yml").read_text(encoding="utf-8"))
    return {(source["name"], table["name"]): table for source in read["sources"] for table in source["tables"]}


def of_page(before: str, page: str = "other-tools", heading: str = "\n## dbt\n") -> str:
    """Return the indented block of a page that follows a text below a heading."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8").split(heading)[1]
    block = re.search(rf"{re.escape(before)}(?s:.*?)\n\n((?:    [^\n]*\n)+)", text)
    assert block
    return dedent(block[1])


@dataclass
class Project:
    """A dbt project that follows docs/other-tools.md, in a folder of its own."""

    folder: Path
    dbt: Path

    @property
    def warehouse(self) -> Path:
        """The file that the project attaches."""
        return self.folder / "data" / "warehouse.duckdb"

    def run(self, *arguments: str, **variables: str) -> int:
        """Run dbt, with further variables of the environment; it must not meet an error, whatever its tests find."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DBT_"))}
        env |= variables
        done = subprocess.run(
            [self.dbt, *arguments], cwd=self.folder, env=env, capture_output=True, text=True, check=False
        )
        assert "Encountered an error" not in done.stdout, done.stdout
        return done.returncode

    def results(self, file: str = "run_results") -> list[dict[str, Any]]:
        """Return what the last command found."""
        return list(json.loads((self.folder / "target" / f"{file}.json").read_text())["results"])

    def found(self, status: str) -> set[str]:
        """Return the tests that ended with a status, each by its name."""
        return {result["unique_id"].split(".")[2] for result in self.results() if result["status"] == status}


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return dbt, installed with the packages of tests/sql/dbt/requirements.lock."""
    folder = tmp_path_factory.mktemp("dbt")
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", REQUIREMENTS],
        check=False,
        capture_output=True,
        text=True,
    )
    assert installed.returncode == 0, installed.stderr
    return folder / "bin" / "dbt"


@pytest.fixture
def project(past: "Past", dbt: Path, tmp_path: Path) -> Project:
    """Return a dbt project on a copy of a synced warehouse."""
    made = Project(tmp_path, dbt)
    made.warehouse.parent.mkdir()
    shutil.copy(past.warehouse.published, made.warehouse)
    made.warehouse.chmod(0o600)
    (tmp_path / "dbt_project.yml").write_text(
        "name: roster\nversion: 1.0.0\nprofile: roster\nflags:\n  send_anonymous_usage_stats: false\n"
    )
    (tmp_path / "profiles.yml").write_text(of_page("`profiles.yml`"))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "students_by_grade.sql").write_text(of_page("`models/students_by_grade.sql`"))
    shutil.copy(ROOT / "sql" / "sources.yml", tmp_path / "models")
    return made


def test_the_sources_are_the_published_relations_with_their_columns() -> None:
    assert {name: [column["name"] for column in table["columns"]] for name, table in declared().items()} == {
        (dbt_sources.SOURCES[relation.schema or "main"][0], relation.name): [each.name for each in relation.columns]
        for relation in tables.published()
    }
    assert not any(name.startswith(("past_", "clever_warehouse_")) for _, name in declared())


def test_every_source_and_column_is_described_and_has_its_type_and_tier() -> None:
    for name, table in declared().items():
        assert table["description"], name
        for column in table["columns"]:
            assert column["description"], (name, column["name"])
            assert column["data_type"], (name, column["name"])
    columns = {column["name"]: column for column in declared()["clever", "students"]["columns"]}
    assert columns["dob"]["data_type"] == "DATE"
    assert columns["dob"]["config"] == {"meta": {"tier": "sensitive"}}
    assert columns["school_ids"]["data_type"] == "VARCHAR[]"


def test_every_table_with_history_has_a_unique_key_also_over_its_versions() -> None:
    for relation in tables.with_history():
        key = ", ".join(relation.info["row_key"])
        tests = {suffix: declared()["clever", f"{relation.name}{suffix}"] for suffix in ("", "_history")}
        if len(relation.info["row_key"]) > 1:
            assert {"unique": {"arguments": {"column_name": f"({key})"}}} in tests[""]["data_tests"]
        else:
            assert ["not_null", "unique"] in [each.get("data_tests") for each in tests[""]["columns"]]
        assert {"unique": {"arguments": {"column_name": f"({key}, valid_from)"}}} in tests["_history"]["data_tests"]


def test_documented_values_and_references_are_warnings() -> None:
    columns = {column["name"]: column.get("data_tests") for column in declared()["clever", "students"]["columns"]}
    warning = {"severity": "warn"}
    assert columns["gender"] == [
        {"accepted_values": {"arguments": {"values": ["M", "F", "X"]}, "config": warning}},
    ]
    assert columns["school_id"] == [
        {
            "relationships": {
                "arguments": {"to": "source('clever', 'schools')", "field": "school_id"},
                "config": warning,
            }
        },
    ]
    assert columns["grade"] == [
        {"relationships": {"arguments": {"to": "source('clever', 'grades')", "field": "grade"}, "config": warning}},
    ]
    (code,) = columns["disability_code"]
    assert code["accepted_values"]["arguments"]["column_name"] == "lower(disability_code)"
    assert columns["school_ids"] == ["not_null"]


@with_dbt
def test_dbt_reads_the_sources_without_a_warning(project: Project) -> None:
    assert project.run("--warn-error", "parse") == 0


@with_dbt
def test_a_synced_warehouse_passes_all_tests_and_dangling_references_are_warnings(project: Project) -> None:
    assert project.run("test", "--select", "source:*") == 0
    assert len(project.results()) == sum(
        len(each.get("data_tests", [])) for table in declared().values() for each in [table, *table["columns"]]
    )
    assert {result["status"] for result in project.results()} == {"pass", "warn"}
    assert project.found("warn") == {
        # A student of a school that is not shared, and a contact of a student who left.
        "source_relationships_clever_students_school_id__school_id__source_clever_schools_",
        "source_relationships_clever_user_roles_school_id__school_id__source_clever_schools_",
        "source_relationships_clever_contact_students_student_id__user_id__source_clever_students_",
        "source_relationships_clever_sections_course_id__course_id__source_clever_courses_",
        "source_relationships_clever_sections_term_id__term_id__source_clever_terms_",
        "source_relationships_clever_section_teachers_teacher_id__user_id__source_clever_teachers_",
    }


@with_dbt
def test_repeated_keys_fail_and_undocumented_values_are_warnings(project: Project) -> None:
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute("INSERT INTO users FROM users LIMIT 1")
        connection.execute(
            "INSERT INTO contact_students (contact_id, district_id, first_seen_at, valid_from, change) "
            "SELECT 'c', 'd', now(), now(), 'created' FROM range(2)"
        )
        connection.execute("UPDATE students SET gender = 'Q', grade = '99', disability_code = 'AUT'")
    assert (
        project.run(
            "test", "--select", "source:clever.users", "source:clever.students", "source:clever.contact_students"
        )
        == 1
    )
    assert project.found("fail") == {
        "source_unique_clever_users__district_id_user_id_",
        "source_unique_clever_contact_students__district_id_contact_id_student_id_relationship_type_",
    }
    assert {
        "source_accepted_values_clever_students_gender__M__F__X",
        "source_relationships_clever_students_grade__grade__source_clever_grades_",
    } <= project.found("warn")
    assert not any("disability_code" in name for name in project.found("warn"))


@with_dbt
def test_a_model_of_the_sources_has_the_rows_of_the_warehouse(project: Project) -> None:
    assert project.run("run") == 0
    columns = "district_id, grade, students"
    with duckdb.connect(str(project.folder / "analytics.duckdb")) as connection:
        connection.execute(f"ATTACH '{project.warehouse}' AS warehouse (READ_ONLY)")
        counted = connection.execute(f"SELECT {columns} FROM students_by_grade ORDER BY ALL").fetchall()
        expected = "SELECT district_id, grade, count(*) FROM warehouse.students GROUP BY ALL ORDER BY ALL"
        assert counted == connection.execute(expected).fetchall()
    assert len(counted) > 2


@with_dbt
def test_freshness_is_that_of_the_connected_district_that_waits_longest(project: Project) -> None:
    assert project.run("source", "freshness") == 0
    (fresh,) = project.results("sources")
    assert fresh["status"] == "pass"
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute("INSERT INTO sync.districts VALUES ('left', false, now(), now(), NULL)")
    project.run("source", "freshness")
    assert project.results("sources")[0]["status"] == "pass"
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute("INSERT INTO sync.districts VALUES ('new', true, now(), now(), NULL)")
    project.run("source", "freshness")
    assert project.results("sources")[0]["status"] == "warn"


@with_dbt
def test_the_attached_file_may_have_another_name(project: Project) -> None:
    profile = project.folder / "profiles.yml"
    profile.write_text(
        profile.read_text().replace("read_only: true", "read_only: true\n          alias: roster_of_clever")
    )
    assert project.run("run", "--vars", "clever_warehouse: roster_of_clever") == 0


@with_dbt
def test_an_encrypted_file_is_attached_with_the_key_which_no_log_has(project: Project) -> None:
    key = Key(b"k" * 32)
    plain = project.warehouse.rename(project.folder / "plain.duckdb")
    copy_database(plain, project.warehouse, None, key, STORAGE, {})
    plain.unlink()
    assert is_encrypted(project.warehouse)
    profile = project.folder / "profiles.yml"
    written = yaml.safe_load(profile.read_text())
    written["roster"]["outputs"]["dev"] |= yaml.safe_load(
        of_page("With dbt-duckdb", "privacy", "\n### Open an encrypted file\n")
    )
    profile.write_text(yaml.safe_dump(written))
    assert project.run("run", "--debug", DBT_ENV_SECRET_WAREHOUSE_KEY=key.for_duckdb) == 0
    logs = [
        file for file in project.folder.rglob("*") if file.is_file() and key.for_duckdb.encode() in file.read_bytes()
    ]
    assert logs == []
