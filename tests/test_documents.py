"""What the documents claim: generated files are current, and what they list is what there is."""

import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import duckdb
import pytest
import typer
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pydantic import SecretStr

from assets.cli import reference
from assets.cli.commands import NEEDS_ATTENTION, WRONG_USAGE, command
from assets.cli.sync import HELD
from assets.settings import Settings
from pipelines.interruption import SIGNALS, Interrupted
from pipelines.progress import silent
from pipelines.records import CATALOG
from pipelines.warehouse import dictionary, machine_clock, schema, tables
from pipelines.warehouse.diagram import diagram

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LONGEST_README = 150
"""Lines, so that a newcomer reads all of it."""
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
DOCUMENTS = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "sql/README.md",
    *(f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md")),
)
SVG = "{http://www.w3.org/2000/svg}"
SQL = sorted((ROOT / "sql").rglob("*.sql"))
COMMANDS = typer.main.get_command(command).commands  # type: ignore[attr-defined]


def section(heading: str) -> str:
    """Return what stands below a heading of the README."""
    return README.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def page(name: str) -> str:
    """Return a page of the documentation."""
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def table(text: str) -> list[list[str]]:
    """Return the cells of every row of the tables in a text, headings left out."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row] for row in rows]
    rulers = [number for number, row in enumerate(cells) if set("".join(row)) <= set("-")]
    return [row for number, row in enumerate(cells) if number not in rulers and number + 1 not in rulers]


def shown(default: object) -> str:
    """Return a default as the README shows it."""
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default in (None, (), {}, ""):
        return "-"
    return f"`{default:g}`" if isinstance(default, int | float) else f"`{default}`"


def test_the_generated_files_are_current() -> None:
    assert dictionary.outdated() == [], "run `make docs`"
    assert page("options") == reference.options(), "run `make docs`"


def test_the_dictionary_names_every_relation_column_macro_and_question() -> None:
    text = dictionary.dictionary()
    for relation in tables.metadata.tables.values():
        (found,) = re.findall(
            rf"^### {re.escape(tables.relation_name(relation))}\n(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL
        )
        assert re.findall(r"^\| `(\w+)` \|", found, re.MULTILINE) == [column.name for column in relation.columns]
    for file in (ROOT / "sql" / "macros").glob("*.sql"):
        assert f"`{file.stem}(" in text
    for file in (ROOT / "sql" / "queries").glob("*.sql"):
        assert f"(queries/{file.name})" in text


def dictionary_section(heading: str) -> str:
    """Return what the dictionary has below a heading."""
    return dictionary.dictionary().split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_the_diagram_has_every_table_with_its_key_and_every_reference() -> None:
    picture = ET.fromstring(diagram(tables.assets()))
    drawn = {box.get("id"): [text.text for text in box.iter(f"{SVG}text")] for box in picture.iter(f"{SVG}g")}
    assert drawn.keys() == {each.name for each in tables.assets()}
    for each in tables.assets():
        keys = {column.name for column in each.columns if tables.is_key(column)} - {"district_id"}
        assert keys <= set(drawn[each.name]), each.name
    references = {(line.get("data-from"), line.get("data-to")) for line in picture.iter(f"{SVG}path")}
    assert references == {
        (f"{each.name}.{column}", target)
        for each in tables.assets()
        for column, target in tables.references(each).items()
    }
    assert {("contact_students.student_id", "students"), ("students.user_id", "users")} <= references


def test_lines_of_the_diagram_fork_where_several_rows_may_refer_to_one() -> None:
    picture = ET.fromstring(diagram(tables.assets()))
    forks = {line.get("data-from"): line.get("d", "").count("M") - 1 for line in picture.iter(f"{SVG}path")}
    assert forks["students.user_id"] == 0
    assert forks["students.school_id"] == 1
    assert forks["students.school_ids"] == 2


def test_the_dictionary_lists_the_documented_values_of_every_field_that_has_them() -> None:
    listed = {(row[0].strip("`"), row[1].strip("`")): row[2] for row in table(dictionary_section("Documented values"))}
    assert listed.keys() == {(table.name, field.column) for _, table, field in CATALOG.fields() if field.values}
    assert listed["contacts", "phone_type"] == "Cell, Home, Work, Other"
    assert listed["students", "home_language_code"] == "the 152 values of `home_languages.code`"
    assert listed["students", "disability_code"].startswith("in upper or lower case: aut, db, ")


def test_the_dictionary_explains_every_kind_of_drift() -> None:
    kinds = [row[0] for row in table(dictionary_section("Kinds of drift"))]
    assert kinds == [*tables.DRIFT_KINDS, *tables.CHANGE_KINDS]
    assert all(kind in (tables.drift.columns["kind"].comment or "") for kind in kinds)


def test_the_dictionary_says_of_every_stream_what_no_table_keeps() -> None:
    assert re.findall(
        r"^- `(\w+)`: (.*)$", dictionary_section("What Clever sends and no table keeps"), re.MULTILINE
    ) == [
        (
            stream.name,
            "`district_contact.district`"
            if stream.name == "districts"
            else "none. Every documented field has a column.",
        )
        for stream in CATALOG.record_streams
    ]


def test_the_dictionary_shows_the_tier_and_the_clever_field_of_a_column() -> None:
    (found,) = re.findall(r"^### students\n(.*?)(?=^##)", dictionary.dictionary(), re.MULTILINE | re.DOTALL)
    rows = {row[0]: row[1:5] for row in table(found)}
    assert rows["`dob`"] == ["DATE", "", "sensitive", "roles.student.dob"]
    assert rows["`user_id`"] == ["VARCHAR", "key", "internal", "id"]


def test_the_types_and_comments_of_the_dictionary_are_those_of_duckdb() -> None:
    connection = duckdb.connect()
    schema.ensure(connection, machine_clock, silent)
    there = {
        (schema_name, relation, column): (type_.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"), comment)
        for schema_name, relation, column, type_, comment in connection.execute(
            "SELECT schema_name, table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    }
    connection.close()
    assert there == {
        (relation.schema or "main", relation.name, column.name): (tables.column_type(column), column.comment)
        for relation in tables.metadata.tables.values()
        for column in relation.columns
    }


def test_the_schema_file_makes_a_warehouse_in_an_empty_database() -> None:
    connection = duckdb.connect()
    connection.execute((ROOT / "sql" / "schema.sql").read_text(encoding="utf-8"))
    made = connection.execute("SELECT count(*) FROM duckdb_columns() WHERE NOT internal").fetchone()
    connection.close()
    assert made == (sum(len(relation.columns) for relation in tables.metadata.tables.values()),)


@pytest.mark.parametrize("file", SQL, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_sql_file_begins_with_a_line_that_says_what_it_is(file: Path) -> None:
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    assert re.match(r"-- [A-Z].* .* ", first)
    assert first.endswith("?") or file.parent.name != "queries"


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    for name in DOCUMENTS:
        text = (ROOT / name).read_text(encoding="utf-8")
        named = set(re.findall(r"(?:`|^    |^\$ )make ([a-z-]+)", text, re.MULTILINE))
        assert named <= targets, name
    assert {"demo", "test"} <= set(re.findall(r"^    make ([a-z]+)$", README, re.MULTILINE))


def test_the_page_of_commands_lists_those_that_there_are() -> None:
    listed = [
        found[1] for row in table(page("commands")) if (found := re.match(r"`clever-warehouse ([a-z-]+)", row[0]))
    ]
    assert listed == list(COMMANDS)


def test_the_page_of_commands_lists_every_exit_code() -> None:
    listed = [code for row in table(page("commands")) for code in re.findall(r"^[\d, ]+$", row[0])]
    assert [int(code) for codes in listed for code in codes.split(",")] == [
        *(0, NEEDS_ATTENTION, WRONG_USAGE, HELD),
        *(Interrupted(number, "").exit_code for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)),
    ]
    assert set(SIGNALS) == {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def test_every_command_and_option_that_a_document_names_exists() -> None:
    for name in DOCUMENTS:
        text = (ROOT / name).read_text(encoding="utf-8")
        for words in re.findall(r"(?:`|^    |^\$ )clever-warehouse ([^`\n]+)", text, re.MULTILINE):
            called, *rest = words.split()
            if called.startswith("-"):
                continue
            options = {option for parameter in COMMANDS[called].params for option in parameter.opts} | {"--help"}
            assert {word.split("=")[0] for word in rest if word.startswith("--")} <= options, words


def test_the_page_of_settings_lists_those_that_there_are_with_their_defaults() -> None:
    listed = [(row[0].strip("`"), row[2]) for row in table(page("settings"))]
    assert listed == [(name.upper(), shown(field.default)) for name, field in Settings.model_fields.items()]


def test_the_example_of_a_settings_file_shows_every_setting_commented_out_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    settings = [line.removeprefix("#").split("=", 1) for line in lines if re.match(r"#[A-Z_]+=", line)]
    assert [(name, f"`{value}`" if value else "-") for name, value in settings] == [
        (name.upper(), shown(field.default)) for name, field in Settings.model_fields.items()
    ]
    assert all(line.startswith("#") or not line for line in lines)


def test_the_page_of_tables_lists_every_relation_of_the_roster_and_none_that_does_not_exist() -> None:
    listed = {name for row in table(page("tables")) for name in re.findall(r"`([\w.]+)`", row[0])}
    with_history = {each.name for each in tables.with_history()}
    declared = {tables.relation_name(relation) for relation in tables.metadata.tables.values()}
    listed |= {f"{name}_history" for name in listed & with_history}
    listed |= {f"clever_warehouse_{name}_versions" for name in listed & with_history}
    assert {name for name in declared if "." not in name} <= listed <= declared


def test_the_page_of_tables_lists_the_macros_that_there_are() -> None:
    listed = re.findall(r"`(\w+\([^`]*\))`", page("tables"))
    of_tables = [f"{each.name}_as_of(instant)" for each in tables.with_history()]
    assert sorted({*listed, *of_tables}) == sorted(f"{macro.name}({macro.parameters})" for macro in dictionary.macros())


def test_every_test_that_the_guarantees_name_exists() -> None:
    named = re.findall(r"`(tests/[\w/.]+\.py)::(\w+)`", page("guarantees"))
    assert named
    for file, test in named:
        assert re.search(rf"^(?:async )?def {test}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), (
            file,
            test,
        )


def test_every_message_that_a_page_quotes_as_a_symptom_is_in_the_code() -> None:
    files = [file for package in ("assets", "pipelines") for file in (ROOT / package).rglob("*.py")]
    code = re.sub(r'"\s*\n\s*f?"', "", "\n".join(file.read_text(encoding="utf-8") for file in files))
    quoted = [text for row in table(page("troubleshooting")) for text in re.findall(r"`([A-Za-z][^`]* [^`]*)`", row[0])]
    assert quoted
    assert [text for text in quoted if text not in code] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", (ROOT / name).read_text(encoding="utf-8")):
        if not link.startswith("https://"):
            file, _, heading = link.partition("#")
            target = (ROOT / name).parent / file if file else ROOT / name
            assert target.exists(), link
            assert not heading or heading in headings(target), link


def headings(document: Path) -> set[str]:
    """Return the headings of a document as links name them."""
    found = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_every_folder_of_tests_is_described_with_its_command() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = {row[0].strip("`").rstrip("/"): row[1:] for row in table(text) if row[0].startswith("`tests/")}
    folders = {f"tests/{each.name}" for each in (ROOT / "tests").iterdir() if any(each.glob("**/*.py"))}
    assert rows.keys() == folders | {"tests/test_*.py"}
    for folder, (_, listed) in rows.items():
        assert listed.strip("`") in {f".venv/bin/pytest {folder}", "make bench", "-"}


def test_every_decision_has_its_context_and_its_trade_off() -> None:
    found = page("decisions").split("\n## ")[1:]
    assert [re.match(r"(\d+)\. [A-Z]", each)[1] for each in found] == [str(number + 1) for number in range(len(found))]  # type: ignore[index]
    for each in found:
        assert re.findall(r"^\*\*([^*]+)\*\*", each, re.MULTILINE) == ["Context.", "Decision.", "Trade-off."], each


def test_readme_is_short_and_leads_to_every_page() -> None:
    assert len(README.splitlines()) < LONGEST_README
    linked = {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", README)}
    pages = {name for name in DOCUMENTS if name.startswith("docs/")}
    assert pages <= linked


FEW_CLICKS = 3
SOUGHT = {
    "add a field": "CONTRIBUTING.md#add-a-field",
    "add a record type": "CONTRIBUTING.md#add-a-record-type",
    "what a hold is": "docs/holds.md#holds-when-too-much-changes",
    "approve a hold": "docs/holds.md#approve-or-reject-a-hold",
    "why a run failed": "docs/troubleshooting.md#why-did-a-run-fail",
    "where a legacy ID went": "docs/legacy-ids.md#where-did-a-legacy-id-go",
    "migrate an application": "docs/legacy-ids.md#migrate-an-applications-legacy-ids",
    "open the file in pandas": "docs/other-tools.md#python-and-pandas",
    "open the file in dbt": "docs/other-tools.md#dbt",
    "open the file in a BI tool": "docs/other-tools.md#bi-tools",
    "count students on a day": "docs/tables.md#count-students-on-a-day",
    "deploy on one machine": "docs/deployment.md#on-one-machine",
    "deploy on many machines": "docs/deployment.md#on-many-machines",
    "upgrade": "docs/upgrading.md#upgrade",
    "back up": "docs/backup.md#back-up-and-restore",
    "delete a child": "docs/privacy.md#remove-a-person-or-a-district",
    "what is assumed about Clever": "docs/assumptions.md#what-it-assumes-about-clever",
    "how fast it is": "docs/performance.md#how-fast-it-is",
    "how it is tested": "CONTRIBUTING.md#which-test-for-which-change",
}
"""What a reader looks for, and where it is."""


def test_a_reader_of_the_readme_finds_everything_in_a_few_clicks() -> None:
    clicks = {"README.md": 0}
    for name in (waiting := ["README.md"]):
        if clicks[name] < FEW_CLICKS:
            for link in re.findall(r"\]\(([^)\s#]+\.md)", (ROOT / name).read_text(encoding="utf-8")):
                found = ((ROOT / name).parent / link).resolve().relative_to(ROOT).as_posix()
                if found not in clicks:
                    clicks[found] = clicks[name] + 1
                    waiting.append(found)
    places = {f"{name}#{heading}" for name in clicks for heading in headings(ROOT / name)}
    assert {what: place for what, place in SOUGHT.items() if place not in places} == {}


def test_no_document_names_a_path_of_a_machine() -> None:
    for name in DOCUMENTS:
        assert not re.search(r"(?<![\w.])/(?:home|root|tmp|work|Users)/", (ROOT / name).read_text(encoding="utf-8")), (
            name
        )


def test_the_demo_shows_what_the_readme_shows(tmp_path: Path) -> None:
    block = section("Try it").split("```text\n")[1].split("```")[0]
    demo: list[str | Path] = [Path(sys.executable).with_name("clever-warehouse"), "demo", "--dir", tmp_path]
    env = {**os.environ, "DAGSTER_HOME": str(tmp_path / "dagster"), "COLUMNS": "200"}
    said = subprocess.run(demo, cwd=tmp_path, env=env, capture_output=True, text=True, check=True).stdout

    def lines(text: str) -> list[list[str]]:
        return [line.split() for line in text.splitlines() if line.strip()]

    there = lines(said)
    assert [line for line in lines(block) if line not in there] == []


def test_dagster_reads_the_workspace_file() -> None:
    """Dagster passes workspace.yaml over as soon as pyproject.toml has a section of its own."""
    assert {"dagster", "dg"}.isdisjoint(PROJECT["tool"])
    (loaded,) = yaml.safe_load((ROOT / "workspace.yaml").read_text(encoding="utf-8"))["load_from"]
    assert loaded["python_module"]["module_name"] == "assets.definitions"
    assert loaded["python_module"]["working_directory"] == "."


def test_the_lock_names_no_address_and_pins_every_dependency_with_a_hash() -> None:
    assert "://" not in LOCK
    assert not re.search(r"^\s*(?:-i|--index-url|--extra-index-url|--find-links)\b", LOCK, re.MULTILINE)
    pinned = dict(
        re.findall(r"^([a-z0-9.-]+)(?:\[[^\]]*\])?==(\S+)(?: ; [^\\\n]+)? \\\n    --hash=sha256:", LOCK, re.MULTILINE)
    )
    project = PROJECT["project"]
    optional = [line for lines in project["optional-dependencies"].values() for line in lines]
    wanted_ones = [Requirement(line) for line in [*project["dependencies"], *optional]]
    assert {each.name for each in wanted_ones} > {project["name"]}  # the extra `dev` names the others by it
    for wanted in (each for each in wanted_ones if each.name != project["name"]):
        assert pinned[canonicalize_name(wanted.name)] in wanted.specifier, wanted.name
