"""Every command, query, program and setting that a document shows is run as it stands."""

import csv
import re
import shlex
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from assets.settings import Settings
from pipelines.warehouse.extensions import load_extension
from tests.lakes import postgres

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial
    from tests.end_to_end.conftest import Terminal

pytestmark = pytest.mark.xdist_group("shown")  # the commands are run once, not in every process
CHECKOUT = Path(__file__).resolve().parents[2]
GENERATED = {"docs/options.md", "docs/data-map.md"}
"""Documents that show nothing to run: help texts and tables."""
DOCUMENTS = [
    name
    for name in (
        *("README.md", "CONTRIBUTING.md", "SECURITY.md", "sql/README.md"),
        *sorted(f"docs/{file.name}" for file in (CHECKOUT / "docs").glob("*.md")),
    )
    if name not in GENERATED
]
ELSEWHERE = {
    "clever-warehouse rekey": "tests/assets/cli/test_rekey.py",
    "clever-warehouse rekey --new-key": "tests/assets/cli/test_rekey.py",
    "clever-warehouse rekey --decrypt": "tests/assets/cli/test_rekey.py",
    "clever-warehouse sandbox --districts 3 --nights 3 --hold contact --fail 1 --rollover": "tests/end_to_end/test_rehearsal.py",
    "clever-warehouse purge --user 5e1234567890123456789012": "tests/assets/cli/test_purge.py",
    "clever-warehouse purge --district 60dd05805c85d78458000000": "tests/assets/cli/test_purge.py",
}
"""Commands that other tests run, because they need a second process at their side, or a warehouse that is made for them."""
NOTHING_TO_RUN = {
    "README.md": ["district                  outcome"],  # test_documents.py compares it with what the demo shows
    "docs/architecture.md": ["assets/       Dagster only", "Clever\n"],
    "docs/deployment.md": ["load_from:\n"],  # test_compose.py loads such a location
    "docs/kubernetes.md": ["dagster-user-deployments:\n"],  # the page says that it was not tried
    "docs/other-tools.md": ["roster:\n", "SELECT students.district_id"],  # tests/sql/test_dbt.py runs dbt with both
}
"""How blocks begin that show neither a command nor a query, by document."""
QUERY = re.compile(r"(?:SELECT|FROM|CREATE|ATTACH|COPY|WITH)\b")


@dataclass(frozen=True)
class Block:
    """An indented or fenced block of a document."""

    document: str
    text: str

    @property
    def kind(self) -> str:
        """What is done with it."""
        if any(self.text.lstrip().startswith(begin) for begin in NOTHING_TO_RUN.get(self.document, ())):
            return "nothing"
        if re.match(r"CLEVER_\w+=", self.text):
            return "setting"
        if self.text.startswith("import "):
            return "program"
        return "query" if QUERY.match(self.text) else "command"

    def __str__(self) -> str:
        return f"{self.document}: {self.text.splitlines()[0][:60]}"


def blocks(name: str) -> Iterator[Block]:
    """Return the blocks of a document, in their order."""
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    pattern = (
        r"^(?P<margin> *)```\w*\n(?P<fenced>.*?)^(?P=margin)```|(?:(?<=\n\n)|(?<=\A))(?P<indented>(?:^ {4}[^\n]*\n)+)"
    )
    for found in re.finditer(pattern, text, re.MULTILINE | re.DOTALL):
        block = dedent(found["fenced"] or found["indented"]).strip("\n")
        if not re.match(r" *(?:- |\d+\. )", found["indented"] or ""):  # an item of a list in a list
            yield Block(name, block)


SHOWN = [block for name in DOCUMENTS for block in blocks(name)]


def of(kind: str) -> list[Block]:
    return [block for block in SHOWN if block.kind == kind]


def lines(name: str) -> list[str]:
    """Return the commands of a document, in the order in which it shows them."""
    return [line for block in of("command") if block.document == name for line in block.text.splitlines()]


COMMANDS = list(dict.fromkeys(line for block in of("command") for line in block.text.splitlines()))


@dataclass
class Desk:
    """A folder with what the documents take for granted: a warehouse in data/, and an application's accounts."""

    trial: "Trial"
    terminal: "Terminal"
    ended: set[str] = field(default_factory=set)
    """The commands that were run."""

    @property
    def folder(self) -> Path:
        return self.terminal.folder

    def run(
        self,
        shown: str,
        *more: str,
        code: int = 0,
        instead: Mapping[str, str] | None = None,
        given: Mapping[str, str] | None = None,
    ) -> str:
        """Run a command as a document shows it, with words instead of its placeholders, and return what it writes."""
        assert shown in COMMANDS, f"no document shows {shown}"
        self.ended.add(shown)
        command, _, program = shown.rpartition("&& ")[2].replace(".venv/bin/", "").partition(" | ")
        words = [(instead or {}).get(word, word) for word in shlex.split(command, comments=True)]
        assert words.pop(0) == "clever-warehouse"
        ended = self.terminal.run(*words, *more, on=self.trial, given={"CLEVER_WAREHOUSE_DIR": "data", **(given or {})})
        assert ended.code == code, (shown, ended.out, ended.err)
        if not program:
            return ended.out
        done = subprocess.run(shlex.split(program), input=ended.out, capture_output=True, text=True, check=True)
        return done.stdout

    def held(self) -> list[str]:
        """Return the digests of the snapshots that wait."""
        return self.run(HELD).split()[1::2]

    def hold(self, district: int, share: float) -> None:
        """Let a share of the students of a district leave, which is held."""
        district_id = self.trial.districts[district]
        students = self.trial.sandbox.roster(district_id).ids("student")
        for user_id in students[: round(share * len(students))]:
            self.trial.sandbox.remove(user_id)


HELD = """clever-warehouse status --json | jq -r '.districts[] | select(.hold_digest) | .district_id + " " + .hold_digest'"""


@pytest.fixture(scope="module")
def desk(begin: "Begin", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return a desk at which every command has been run once."""
    from tests.end_to_end.conftest import Terminal  # noqa: PLC0415 - pytest imports it first

    if shutil.which("jq") is None:
        pytest.skip("jq is not installed.")
    with begin(districts=4, users=80) as trial:
        desk = Desk(trial, Terminal(tmp_path_factory.mktemp("desk")))
        _run_all(desk)
        yield desk


def _run_all(desk: Desk) -> None:
    folder, trial = desk.folder, desk.trial
    links = trial.sandbox.truth().crosswalk
    with zipfile.ZipFile(folder / "clever.zip", "w") as archive:
        archive.writestr(
            "roles.csv", "\n".join(["role_id,user_id", *(f"{each.legacy_id},{each.user_id}" for each in links)])
        )
    for name, ids in (
        ("accounts.csv", [link.legacy_id for link in links]),
        ("migrated.csv", sorted({link.user_id for link in links})),
    ):
        with (folder / name).open("w", newline="") as file:
            csv.writer(file).writerows([["account", "clever_id"], *enumerate(ids)])

    for line in lines("docs/legacy-ids.md"):
        desk.run(line)
    (folder / "backups").mkdir()
    for line in lines("docs/backup.md"):
        desk.run(line, instead={"/mnt/backups": "backups"})
    for line in (*lines("docs/other-tools.md"), "clever-warehouse deidentify", "clever-warehouse holds"):
        desk.run(line)
    for line in lines("docs/getting-started.md"):
        if "clever-warehouse" in line:
            desk.run(line, "--users", "40")

    for district, share in enumerate((0.5, 0.5, 0.4, 0.15)):
        desk.hold(district, share)
    nightly, *_ = lines("docs/deployment.md")
    desk.run(nightly, code=3, given={"CLEVER_HOLD_MIN_RECORDS": "1"})
    reject, one, alike, _ = desk.held()
    desk.run('clever-warehouse reject DIGEST --reason "why"', instead={"DIGEST": reject})
    desk.run('clever-warehouse approve DIGEST --reason "why"', instead={"DIGEST": one})
    desk.run(
        'clever-warehouse approve --all-like DIGEST --reason "the new school year"', "--yes", instead={"DIGEST": alike}
    )
    desk.run('clever-warehouse approve --all --only student --max-archived 20 --reason "graduates"', "--yes")
    assert desk.held() == []

    trial.sandbox.refuse(trial.districts[1], "users")
    desk.run(nightly, code=1)
    (failed,) = lines("docs/many-districts.md")
    assert desk.run(failed).startswith(f"{trial.districts[1]} District {trial.districts[1]}, stream users: ")


def test_every_command_that_a_document_shows_ends_well(desk: Desk) -> None:
    others = {line for line in COMMANDS if line in ELSEWHERE or re.match(r"(?:make|duckdb|pip) ", line)}
    # What opens an encrypted file is run by tests/sql/test_encrypted_readers.py and tests/sql/test_dbt.py.
    opening = {line for line in lines("docs/privacy.md") if not line.startswith("clever-warehouse ")}
    # Those of the containers are run by test_compose.py; those of Kubernetes were not tried, as their page says.
    containers = {*lines("docs/deployment.md")[1:], *lines("docs/kubernetes.md")}
    left = set(COMMANDS) - others - opening - containers - desk.ended - set(lines("docs/lake.md"))
    assert left == set(), "let _run_all run it"


def test_commands_and_query_of_the_page_of_lakes_run(desk: Desk, tmp_path: Path) -> None:
    _install, listed, restored, maintain, into_lake, into_file = lines("docs/lake.md")
    with postgres() as server:
        catalog = f"ducklake:postgres:{server.database()}"
        lake = {"CLEVER_WAREHOUSE": catalog, "CLEVER_LAKE_DATA": str(tmp_path / "lake")}
        shown, place = shlex.split(into_lake)[3::2]
        desk.run(into_lake, instead={shown: catalog, place: lake["CLEVER_LAKE_DATA"]})
        desk.run(listed, given=lake)
        desk.run(restored, "--yes", code=2, given=lake)  # there is no such state
        desk.run(maintain, given=lake)
        desk.run(into_file, given={**lake, "CLEVER_WAREHOUSE_DIR": str(tmp_path / "back")})
        (query,) = [block for block in of("query") if block.document == "docs/lake.md"]
        with duckdb.connect() as connection:
            for extension in ("postgres_scanner", "ducklake"):
                load_extension(connection, extension, "This test", "lake")
            found = re.sub("'ducklake:postgres:[^']*'", f"'{catalog}'", query.text)
            answers = [connection.execute(each).fetchall() for each in duckdb.extract_statements(found)]
    assert all(answers[2:])


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("pip ")])
def test_extra_that_a_document_installs_is_one_of_the_project(command: str) -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (extra,) = re.findall(r"clever-warehouse\[(\w+)\]", command)
    assert extra in project["optional-dependencies"]


@pytest.mark.parametrize("command", ELSEWHERE)
def test_command_that_another_test_runs_is_run_there_with_its_options(command: str) -> None:
    assert command in COMMANDS
    options = {word for word in command.split() if word.startswith("--")}
    assert options <= set(re.findall(r'"(--[a-z-]+)"', (CHECKOUT / ELSEWHERE[command]).read_text(encoding="utf-8")))


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make ")])
def test_target_that_a_document_shows_is_one_of_the_makefile(command: str) -> None:
    done = subprocess.run([*command.split(), "--dry-run"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("duckdb ")])
def test_query_file_that_a_document_names_answers(desk: Desk, command: str) -> None:
    _, *words = command.split()
    assert words[0] == "-readonly"
    database = desk.folder / words[1].replace("data/demo/", "data/")
    with duckdb.connect(str(database), read_only=True) as connection:
        if words[2:]:
            assert words[2] == "<"
            connection.execute((CHECKOUT / words[3]).read_text(encoding="utf-8")).fetchall()


@pytest.mark.parametrize("block", [block for block in of("query") if block.document != "docs/lake.md"], ids=str)
def test_query_that_a_document_shows_answers(desk: Desk, block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.folder)
    is_reduced = re.search("treated_columns|k_anonymity", block.text)
    file = "data/warehouse_deidentified.duckdb" if is_reduced else "data/warehouse.duckdb"
    with duckdb.connect() if "ATTACH" in block.text else duckdb.connect(file, read_only=True) as connection:
        connection.execute("CREATE TEMP TABLE app_users AS FROM 'accounts.csv'")
        for statement in duckdb.extract_statements(block.text):
            connection.execute(statement).fetchall()


@pytest.mark.parametrize("name", sorted({block.document for block in of("program")}))
def test_python_that_a_document_shows_runs(desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.folder)
    (desk.folder / "data" / "demo").mkdir(exist_ok=True)
    shutil.copy(desk.folder / "data" / "warehouse.duckdb", desk.folder / "data" / "demo" / "warehouse.duckdb")
    names: dict[str, Any] = {}
    for block in of("program"):
        if block.document == name:
            exec(block.text, names)
    if "warehouse" in names:
        names["warehouse"].close()
    if "engine" in names:
        names["engine"].dispose()


@pytest.mark.parametrize("block", of("setting"), ids=str)
def test_setting_that_a_document_shows_can_be_used(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    found = dict(line.split("=", 1) for line in block.text.splitlines())
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    used = Settings()
    for name in [name.lower() for name in found if name.startswith("CLEVER_")]:
        assert getattr(used, name) != Settings.model_fields[name].default


def test_every_block_that_shows_nothing_to_run_is_there() -> None:
    listed = [(name, begin) for name, begins in NOTHING_TO_RUN.items() for begin in begins]
    assert len(listed) == len(of("nothing"))
