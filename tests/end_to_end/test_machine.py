"""The product on machines as they are: what an env file, a file system, a user or another process may do to a command."""

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.conftest import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Begin, Trial
    from tests.end_to_end.conftest import Terminal


@pytest.fixture
def two(begin: "Begin") -> "Iterator[Trial]":
    with begin(districts=2, users=20) as trial:
        yield trial


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


def test_a_district_is_understood_in_capitals_and_with_blanks(terminal: "Terminal", two: "Trial") -> None:
    one, other = two.districts
    limits = json.dumps({f" {one.upper()}": {"hold_min_records": 1, "max_archived_percent": 0}})
    more = {"CLEVER_DISTRICT_LIMITS": limits, "CLEVER_DUCKDB_MEMORY_LIMIT": "1g"}
    ended = terminal.run("sync", "--district", f" {one.upper()} ", "--district", one, on=two, given=more)
    assert (ended.code, ended.err) == (0, "")
    assert two.rows("SELECT DISTINCT district_id FROM users") == [(one,)]

    two.sandbox.remove(two.person("contact"))
    held = terminal.run("sync", on=two, given=more)
    assert held.code == 1
    digest = two.value("SELECT digest FROM sync.holds")
    preview = terminal.run("sync", "--preview", "--district", one.upper(), on=two, given=more)
    assert f"District {one} would be held: " in preview.out
    approved = terminal.run("approve", f"{one.upper()} ", "--digest", digest, "--reason", "a test", on=two)
    assert (approved.code, approved.err) == (0, "")
    assert two.wrong(other) == two.wrong(one) == []


PROXY = "is not the address of a proxy: write http://host:port or socks5://host:port, with special characters of a user name or "


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
