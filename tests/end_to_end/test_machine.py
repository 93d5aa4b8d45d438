"""The product on machines as they are: what an env file, a file system, a user or another process may do to a command."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.conftest import BIN, CHECKOUT, Ended, serving_ui, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.conftest import Begin, Trial
    from tests.end_to_end.conftest import Terminal


@pytest.fixture
def two(begin: "Begin") -> "Iterator[Trial]":
    with begin(districts=2, users=20) as trial:
        yield trial


@pytest.mark.variants(2)
@pytest.mark.parametrize("command", [("sync",), ("status",), ("holds",), ("resolve", "5" * 24)])
def test_an_env_file_that_cannot_be_read_ends_in_one_sentence_and_code_2(
    terminal: "Terminal", command: tuple[str, ...]
) -> None:
    file = terminal.folder / ".env"
    file.write_bytes("CLEVER_CLIENT_ID=id\n".encode("utf-16"))
    ended = terminal.run(*command)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"{file} is not UTF-8 text (it looks like UTF-16, which PowerShell writes with >): save it again with the encoding UTF-8.\n"
    )
    assert list(terminal.folder.iterdir()) == [file]


def test_paths_as_an_env_file_leaves_them_lead_to_the_folder_that_is_meant(terminal: "Terminal", two: "Trial") -> None:
    given = settings(two) | {"CLEVER_WAREHOUSE_DIR": '"~/roster"\r', "DAGSTER_HOME": "'~/dagster home'\r"}
    ended = terminal.run("sync", given=given, HOME=str(two.folder))
    assert ended.code == 0, ended.err
    assert sorted(each.name for each in two.folder.iterdir()) == ["dagster home", "roster"]
    assert (two.folder / "roster" / "warehouse.duckdb").is_file()
    assert (two.folder / "dagster home" / "history").is_dir()
    assert list(terminal.folder.iterdir()) == []


@pytest.mark.variants(1)
@pytest.mark.parametrize("command", ["sync", "status"])
def test_a_mistyped_setting_is_reported_with_the_closest_name_and_without_its_value(
    terminal: "Terminal", two: "Trial", command: str
) -> None:
    (terminal.folder / ".env").write_text("CLEVER_DUCKDB_MEMROY_LIMIT=424242\n")
    more = {"CLEVER_MAX_ARCHVED_PERCENT": "434343", "CLEVER_SPEC_DIR": "x", "CLEVER_WAREHOUSE_SERVICE_HOST": "x"}
    ended = terminal.run(command, on=two, given=more)
    assert ended.code == (0 if command == "sync" else 1)
    assert ended.err.splitlines()[:2] == [
        "CLEVER_DUCKDB_MEMROY_LIMIT is not a setting and has no effect. Did you mean CLEVER_DUCKDB_MEMORY_LIMIT?",
        "CLEVER_MAX_ARCHVED_PERCENT is not a setting and has no effect. Did you mean CLEVER_MAX_ARCHIVED_PERCENT?",
    ]
    assert ended.err.count("not a setting") == 2
    assert "424242" not in ended.err + ended.out
    assert "434343" not in ended.err + ended.out


def test_dagster_loads_with_a_setting_that_cannot_be_used_and_says_which(terminal: "Terminal") -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-m", "assets.definitions"],
        cwd=terminal.folder,
        env=settings() | {"CLEVER_SYNC_TIME": "quarter past two", "CLEVER_MAX_ARCHVED_PERCENT": "5"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, said
    assert "CLEVER_SYNC_TIME cannot be used: must be a time of day such as 02:00." in said
    assert "Did you mean CLEVER_MAX_ARCHIVED_PERCENT?" in said
    assert "Traceback" not in said


@pytest.mark.search
def test_a_district_is_understood_in_capitals_and_with_blanks(terminal: "Terminal", two: "Trial") -> None:
    one, other = two.districts
    mistyped = "60dd" * 6
    limits = json.dumps({f" {one.upper()}": {"hold_min_records": 1, "max_archived_percent": 0}, mistyped: {}})
    more = {"CLEVER_DISTRICT_LIMITS": limits, "CLEVER_DUCKDB_MEMORY_LIMIT": "1g"}
    ended = terminal.run("sync", "--district", f" {one.upper()} ", "--district", one, on=two, given=more)
    assert (ended.code, ended.err) == (0, "")
    assert two.rows("SELECT DISTINCT district_id FROM users") == [(one,)]
    assert f"CLEVER_DISTRICT_LIMITS names district {mistyped}, which is not connected: " in ended.out
    assert ended.out.count("CLEVER_DISTRICT_LIMITS") == 1

    two.sandbox.remove(two.person("contact"))
    held = terminal.run("sync", on=two, given=more)
    assert held.code == 3
    digest = two.value("SELECT digest FROM sync.holds")
    preview = terminal.run("sync", "--preview", "--district", one.upper(), on=two, given=more)
    assert f"District {one} would be held: " in preview.out
    approved = terminal.run("approve", f"{one.upper()} ", "--digest", digest, "--reason", "a test", on=two)
    assert (approved.code, approved.err) == (0, "")
    assert two.wrong(other) == two.wrong(one) == []


PROXY = "is not the address of a proxy: write http://host:port or socks5://host:port, with special characters of a user name or "


@pytest.mark.variants(1)
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"HTTPS_PROXY": "http//proxy.example"}, f"HTTPS_PROXY {PROXY}password as %XX."),
        ({"ALL_PROXY": "http://user:pass-word-9@proxy.example:port"}, f"ALL_PROXY {PROXY}password as %XX."),
        (
            {"SSL_CERT_FILE": "/nowhere/ca.pem"},
            (
                "SSL_CERT_FILE leads to /nowhere/ca.pem, which cannot be read (No such file or directory): set it to the file that holds "
                "your company's CA certificates, or remove it to trust the usual ones."
            ),
        ),
    ],
)
@pytest.mark.parametrize("command", ["sync", "verify-legacy"])
def test_a_proxy_or_certificate_that_cannot_be_used_ends_in_one_sentence_and_code_2(
    terminal: "Terminal", command: str, given: dict[str, str], sentence: str
) -> None:
    ended = terminal.run(command, given=given | {"CLEVER_DISTRICT_TOKENS": "a-token"})
    assert (ended.code, ended.out, ended.err) == (2, "", f"{sentence}\n")


@pytest.fixture
def foreign(tmp_path: "Path") -> "Path":
    """Return a folder of another project's packages, which have the names of ours."""
    folder = tmp_path / "foreign"
    for name in ("assets", "pipelines", "sql"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("raise ImportError('the package of another project')\n")
    return folder


@pytest.mark.search
def test_packages_of_another_project_on_the_path_do_not_hide_ours(
    terminal: "Terminal", two: "Trial", foreign: "Path"
) -> None:
    ended = subprocess.run(
        [BIN / "clever-warehouse", "sync"],
        cwd=terminal.folder,
        env=settings(two) | {"PYTHONPATH": f"{foreign}{os.pathsep}{CHECKOUT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert two.wrong() == []


@pytest.mark.parametrize("program", ["from assets.cli.commands import main; main()", "import assets.definitions"])
def test_on_a_system_that_is_not_supported_the_start_ends_in_one_sentence(terminal: "Terminal", program: str) -> None:
    windows = "import sys; sys.platform = 'win32'; sys.modules['fcntl'] = None; sys.argv = ['x', 'status']; "
    ended = subprocess.run(
        [sys.executable, "-c", windows + program],
        cwd=terminal.folder,
        env=settings(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "clever-warehouse runs on Linux, macOS and the Windows Subsystem for Linux (WSL), not on win32. On Windows, run it inside WSL.\n"
    )


READS_ALL = "+dac_read_search"
"""The interpreter may be in the home folder of root."""
AS_ANOTHER_USER = [
    "setpriv",
    "--reuid=12345",
    "--regid=12345",
    "--clear-groups",
    f"--inh-caps={READS_ALL}",
    f"--ambient-caps={READS_ALL}",
]


@pytest.fixture
def theirs(two: "Trial") -> "Iterator[Trial]":
    """Return a trial in a folder that this user owns and reaches; pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, 12345, 12345)
        yield replace(two, folder=Path(folder))


@pytest.fixture
def stranger(terminal: "Terminal") -> "Callable[..., Ended]":
    """Return a function that runs a command under a user ID that no account has, without HOME."""
    if subprocess.run([*AS_ANOTHER_USER, "true"], check=False, capture_output=True).returncode:
        pytest.skip("running under another user ID needs root and setpriv")

    def run(*arguments: str, given: "Mapping[str, str]", **more: str) -> "Ended":
        env = {
            name: value for name, value in given.items() if name not in {"HOME", "USER", "LOGNAME", "LNAME", "USERNAME"}
        }
        done = subprocess.run(
            [*AS_ANOTHER_USER, BIN / "clever-warehouse", *arguments],
            cwd=terminal.folder,
            env=env | more,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


@pytest.mark.search
def test_a_user_id_without_an_account_syncs_and_decides(stranger: "Callable[..., Ended]", theirs: "Trial") -> None:
    one, other = theirs.districts
    given = settings(theirs) | {"CLEVER_HOLD_MIN_RECORDS": "1", "CLEVER_MAX_ARCHIVED_PERCENT": "0"}
    first = stranger("sync", given=given)
    assert (first.code, first.err) == (0, ""), first.out
    for district in (one, other):
        theirs.sandbox.remove(theirs.sandbox.roster(district).ids("contact")[0])
    assert stranger("sync", given=given).code == 3
    digests: dict[str, str] = dict(theirs.rows("SELECT district_id, digest FROM sync.holds"))
    approved = stranger("approve", one, "--digest", digests[one], "--reason", "a test", given=given)
    assert (approved.code, approved.err) == (0, "")
    rejected = stranger("reject", other, "--digest", digests[other], "--reason", "a test", given=given, USER="nightly")
    assert (rejected.code, rejected.err) == (0, "")
    decided = "SELECT district_id, decided_by FROM sync.holds ORDER BY ALL"
    assert theirs.rows(decided) == [(one, "uid 12345"), (other, "nightly")]


@pytest.mark.parametrize("setting", ["CLEVER_WAREHOUSE_DIR", "DAGSTER_HOME"])
def test_a_folder_that_may_not_be_written_to_is_named_with_its_setting(
    stranger: "Callable[..., Ended]", theirs: "Trial", setting: str
) -> None:
    closed = theirs.folder / "closed"
    closed.mkdir(mode=0o755)
    ended = stranger("sync", given=settings(theirs) | {setting: str(closed)})
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert str(closed) in ended.err
    assert f"set {setting} to a folder" in ended.err
    assert list(closed.iterdir()) == []


@pytest.mark.parametrize(
    ("setting", "check"), [("CLEVER_WAREHOUSE_DIR", "warehouse folder"), ("DAGSTER_HOME", "Dagster instance")]
)
def test_doctor_finds_a_folder_that_may_not_be_written_to(
    stranger: "Callable[..., Ended]", theirs: "Trial", setting: str, check: str
) -> None:
    closed = theirs.folder / "closed"
    closed.mkdir(mode=0o755)
    ended = stranger("doctor", "--json", given=settings(theirs) | {setting: str(closed / "below")})
    assert ended.code == 1
    checks = {each["check"]: each for each in json.loads(ended.out)["checks"]}
    assert checks[check]["result"] == "fail"
    assert f"{closed} may not be written to" in checks[check]["found"]
    assert checks[check]["fix"].startswith(f"Set {setting} to a folder that the user who runs this may write to")
    assert list(closed.iterdir()) == []


@pytest.mark.search
@pytest.mark.parametrize("from_file", ["everything", "what the environment contradicts"])
def test_the_ui_and_the_terminal_share_settings_and_instance_wherever_they_are_set(
    terminal: "Terminal", two: "Trial", tmp_path: "Path", from_file: str
) -> None:
    """Dagster itself lets .env win over the environment, and keeps its runs elsewhere if DAGSTER_HOME is not set."""
    one, other = two.districts
    meant = settings(two) | {"CLEVER_WAREHOUSE_DIR": "roster", "DAGSTER_HOME": "'dagster home'"}
    lines = {name: value for name, value in meant.items() if name.startswith(("CLEVER_", "DAGSTER_"))}
    given = {name: value for name, value in meant.items() if name not in lines}
    if from_file == "what the environment contradicts":
        lines, given = dict.fromkeys(lines, "wrong") | {"CLEVER_API_URL": "https://wrong"}, meant
    (terminal.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in lines.items()))

    assert terminal.run("sync", "--district", one, given=given).code == 0
    home = terminal.folder / "dagster home"
    with serving_ui(two, home, cwd=terminal.folder, env=given) as ui:
        runs = ui.ask("{runsOrError {... on Runs {results {status}}}}")["runsOrError"]["results"]
        assert [run["status"] for run in runs] == ["SUCCESS"]
        assert ui.launch(config={"ops": {"sync_roster": {"config": {"districts": [other.upper()]}}}}) == "SUCCESS"
    roster = replace(two, folder=terminal.folder / "roster")
    assert roster.wrong() == []
    assert sorted(each.name for each in terminal.folder.iterdir()) == [
        ".env",
        "dagster home",
        home.name + ".log",
        "roster",
    ]


@pytest.mark.search
def test_a_dagster_dev_that_was_started_another_way_says_how_it_differs(terminal: "Terminal") -> None:
    (terminal.folder / ".env").write_text("CLEVER_CLIENT_ID=id\n")
    ended = subprocess.run(
        [sys.executable, "-c", "import assets.definitions"],
        cwd=terminal.folder,
        # As `dagster dev` starts what loads the definitions.
        env=settings() | {"DAGSTER_IS_DEV_CLI": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    advice = "Start the UI with `make ui` or `clever-warehouse ui`, so that both use the same."
    home = terminal.folder / "data" / "dagster"
    assert ended.stderr.splitlines() == [
        f"DAGSTER_HOME is not set, so this UI keeps its runs in a temporary folder, and clever-warehouse in {home}. {advice}",
        f"`dagster dev` lets .env win over the environment, and clever-warehouse does the opposite. {advice}",
    ]


@pytest.mark.search
def test_a_database_of_dagster_that_another_program_locks_is_called_locked(terminal: "Terminal", two: "Trial") -> None:
    assert terminal.run("sync", on=two).code == 0
    with closing(sqlite3.connect(two.folder / "dagster" / "history" / "runs.db", isolation_level=None)) as browser:
        browser.execute("BEGIN EXCLUSIVE")
        ended = terminal.run("sync", on=two)
    said = ended.out + ended.err
    assert ended.code == 1
    assert f"Dagster cannot store its runs in {two.folder / 'dagster'} (database is locked). Close the program" in said
    assert "disk" not in said
    assert terminal.run("sync", on=two).code == 0
    assert two.wrong() == []
