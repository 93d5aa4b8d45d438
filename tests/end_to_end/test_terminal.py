import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from rich.cells import cell_len

from pipelines.sandbox import ForeignRecord, Html, Slow, Status
from pipelines.sandbox.faults import Effect
from pipelines.sync import Limits, LimitsByDistrict
from tests.end_to_end.conftest import Ended

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial
    from tests.end_to_end.conftest import Terminal

CREDENTIALS = {"CLEVER_CLIENT_ID": "sandbox", "CLEVER_CLIENT_SECRET": "sandbox"}
NO_CREDENTIALS = {"CLEVER_CLIENT_ID": "", "CLEVER_CLIENT_SECRET": "", "CLEVER_DISTRICT_TOKENS": ""}

OLDER_FILE = Path(__file__).parents[1] / "pipelines" / "warehouse" / "older" / "version_0.zip"
"""A file that an older version of clever-warehouse published."""

NO_HOST = "must be https:// and a host name, without a path, such as https://api.clever.com."


@pytest.fixture
def three(begin: "Begin") -> "Iterator[Trial]":
    with begin(districts=3, users=30) as trial:
        yield trial


def outcomes(out: str) -> dict[str, str]:
    return dict(re.findall(r"^ ?([0-9a-f]{24})  (applied|unchanged|held|failed|disconnected)", out, re.MULTILINE))


@pytest.mark.variants(3)
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (NO_CREDENTIALS, "No Clever credentials: set CLEVER_CLIENT_ID and CLEVER_CLIENT_SECRET"),
        ({**NO_CREDENTIALS, "CLEVER_CLIENT_ID": "half"}, "CLEVER_CLIENT_SECRET is missing"),
        ({"CLEVER_API_VERSION": "v9.9"}, "CLEVER_API_VERSION cannot be used: Input should be 'v3.0' or 'v3.1'."),
        ({"CLEVER_MAX_ARCHIVED_PERCENT": "a lot"}, "CLEVER_MAX_ARCHIVED_PERCENT cannot be used: "),
        ({"CLEVER_MAX_CHANGED_PERCENT": "101"}, "CLEVER_MAX_CHANGED_PERCENT cannot be used: "),
        ({"CLEVER_API_URL": "api.clever.com"}, f"CLEVER_API_URL cannot be used: {NO_HOST}"),
        ({"CLEVER_API_URL": "https://[bad"}, f"CLEVER_API_URL cannot be used: {NO_HOST}"),
        ({"CLEVER_OAUTH_URL": "ftp://x"}, f"CLEVER_OAUTH_URL cannot be used: {NO_HOST}"),
        ({"CLEVER_OAUTH_URL": "https://clever.com/oauth"}, f"CLEVER_OAUTH_URL cannot be used: {NO_HOST}"),
        (
            {"CLEVER_DISTRICT_TOKENS": "good,two words"},
            "CLEVER_DISTRICT_TOKENS cannot be used: district token number 2",
        ),
        ({"CLEVER_CLIENT_ID": "i:d"}, "CLEVER_CLIENT_ID cannot be used: the client id must not contain a colon."),
        ({"CLEVER_DISTRICT_LIMITS": "10 percent"}, "CLEVER_DISTRICT_LIMITS cannot be used: must be JSON such as {"),
        (
            {"CLEVER_DISTRICT_LIMITS": "[]"},
            "CLEVER_DISTRICT_LIMITS cannot be used: Input should be a valid dictionary.",
        ),
        ({"CLEVER_SYNC_TIME": "25:00"}, "CLEVER_SYNC_TIME cannot be used: must be a time of day such as 02:00."),
        ({"CLEVER_SYNC_TIMEZONE": "Mars"}, "CLEVER_SYNC_TIMEZONE cannot be used: must be a time zone such as"),
    ],
    ids=lambda given: given if isinstance(given, str) else "-".join(given),
)
def test_a_setting_that_cannot_be_used_ends_in_one_sentence_and_code_2(
    terminal: "Terminal", settings: dict[str, str], sentence: str
) -> None:
    ended = terminal.run("sync", given={**CREDENTIALS, **settings})
    assert ended.code == 2
    assert sentence in ended.err
    assert ended.err.count("\n") == 1
    assert ended.out == ""
    assert list(terminal.folder.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [("sync",), ("sync", "--preview"), ("sync", "--mode", "events"), ("sync", "--json"), ("verify-legacy",)],
    ids=" ".join,
)
def test_another_clever_host_ends_in_one_sentence_and_code_2(
    terminal: "Terminal", trial: "Trial", arguments: tuple[str, ...]
) -> None:
    trial.sync()
    trial.come_from("clever.example.org")
    content, requests = trial.warehouse.published.read_bytes(), len(trial.sandbox.requests)
    ended = terminal.run(*arguments, on=trial)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "The districts of this warehouse come from clever.example.org, and CLEVER_API_URL leads to localhost, so nothing was read or "
        "changed: set CLEVER_WAREHOUSE_DIR to another folder for localhost, or CLEVER_HOST_CHANGE=accept if these are the same "
        "districts.\n"
    )
    assert trial.warehouse.published.read_bytes() == content
    assert len(trial.sandbox.requests) == requests
    assert not (trial.folder / "dagster").exists() or not list((trial.folder / "dagster").rglob("*.db"))


def test_another_clever_host_that_is_accepted_is_recorded(terminal: "Terminal", trial: "Trial") -> None:
    trial.sync()
    trial.come_from("clever.example.org")
    ended = terminal.run("sync", on=trial, CLEVER_HOST_CHANGE="accept")
    assert ended.code == 0
    assert "come from clever.example.org, and localhost is accepted in its place" in ended.out
    assert trial.warehouse.clever_host() == "localhost"
    assert terminal.run("sync", on=trial).code == 0


@pytest.mark.parametrize("arguments", [("sync", "--nonsense"), ("nonsense",), ("sandbox", "--users", "none")])
def test_an_option_that_does_not_exist_ends_with_code_2(terminal: "Terminal", arguments: tuple[str, ...]) -> None:
    ended = terminal.run(*arguments)
    assert ended.code == 2
    assert "Error: " in ended.err


def test_version_and_short_help_are_answered_by_every_command(terminal: "Terminal") -> None:
    assert re.fullmatch(r"clever-warehouse \d+\.\d+\.\d+\n", terminal.run("--version").out)
    for arguments in (("-h",), ("status", "-h"), ("import-migration", "-h")):
        ended = terminal.run(*arguments)
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.startswith("Usage: clever-warehouse")


def test_a_sync_in_which_all_is_well_ends_with_code_0_and_one_row_per_district(
    terminal: "Terminal", three: "Trial"
) -> None:
    ended = terminal.run("sync", on=three)
    assert (ended.code, ended.err) == (0, "")
    assert outcomes(ended.out) == dict.fromkeys(three.districts, "applied")
    assert re.search(
        r"^ ?district +outcome +people +added +updated +archived +restored +name *$", ended.out, re.MULTILINE
    )
    assert re.search(r"^3 districts in [\d,]+\.\d seconds\.$", ended.out, re.MULTILINE)
    assert three.wrong() == []
    teachers = len(three.sandbox.truth().ids("teacher"))
    assert re.search(
        r"^ ?role or type +before +added +updated +archived +restored +unchanged *$", ended.out, re.MULTILINE
    )
    assert re.search(rf"^ ?teacher +0 +{teachers} +0 +0 +0 +0 *$", ended.out, re.MULTILINE)

    again = terminal.run("sync", on=three)
    assert again.code == 0
    assert outcomes(again.out) == dict.fromkeys(three.districts, "unchanged")
    assert re.search(rf"^ ?teacher +{teachers} +0 +0 +0 +0 +{teachers} *$", again.out, re.MULTILINE)

    status = terminal.run("status", on=three)
    assert status.code == 0
    for district in three.districts:
        students = len(three.sandbox.truth(district).ids("student"))
        assert re.search(rf"^ ?{district} .* yes +{students} .*unchanged", status.out, re.MULTILINE), status.out


REASONS: tuple[tuple[Effect, str], ...] = (
    (Status(403), "answered 403. The app needs Secure Sync access"),
    (Status(404), "answered 404. The app needs Secure Sync access"),
    (Status(401), "answered 401. The district may have disconnected the app"),
    (Html(), "answered 200 with text/html instead of JSON."),
    (ForeignRecord(), "was read 3 times and no read could be verified"),
)


def test_districts_that_fail_end_with_code_1_each_with_its_reason_and_the_others_published(
    terminal: "Terminal", begin: "Begin"
) -> None:
    with begin(districts=len(REASONS) + 2, users=20) as trial:
        first, *bad, last = trial.districts
        for district, (effect, _) in zip(bad, REASONS, strict=True):
            trial.sandbox.inject(effect, district=district, stream="users")
        ended = terminal.run("sync", on=trial)
        assert ended.code == 1
        assert outcomes(ended.out) == {first: "applied", **dict.fromkeys(bad, "failed"), last: "applied"}
        assert "5 of 7 districts were not updated. All others are published." in ended.err
        for district, (_, sentence) in zip(bad, REASONS, strict=True):
            (reason,) = [line for line in ended.err.splitlines() if district in line and sentence in line]
            assert reason.startswith(f"District {district}")
        assert trial.wrong(first) == trial.wrong(last) == []


@pytest.mark.search
def test_a_district_without_secure_sync_says_whom_to_ask(terminal: "Terminal", begin: "Begin") -> None:
    with begin(districts=1, users=20) as trial:
        without = trial.sandbox.add_district(20, secure_sync=False)
        ended = terminal.run("sync", on=trial)
        assert ended.code == 1
        assert outcomes(ended.out) == {trial.districts[0]: "applied", without: "failed"}
        assert "the district must share these records: contact the district" in ended.err


@pytest.mark.search
def test_a_wrong_secret_ends_with_code_1_and_the_reason(terminal: "Terminal", three: "Trial") -> None:
    ended = terminal.run("sync", on=three, CLEVER_CLIENT_SECRET="wrong-secret-of-ours")
    assert ended.code == 1
    assert "answered 401. Check CLEVER_CLIENT_ID and CLEVER_CLIENT_SECRET" in ended.err
    assert "0 of 0" not in ended.err
    assert "wrong-secret-of-ours" not in ended.out + ended.err


@pytest.mark.search
def test_a_token_that_no_one_knows_ends_with_code_1_and_the_reason(terminal: "Terminal", three: "Trial") -> None:
    tokens = {**NO_CREDENTIALS, "CLEVER_DISTRICT_TOKENS": f"{three.sandbox.districts[three.districts[0]]},forgotten"}
    ended = terminal.run("sync", on=three, given=tokens)
    assert ended.code == 1
    assert outcomes(ended.out) == {three.districts[0]: "applied"}
    assert "District token number 2" in ended.err
    assert "forgotten" not in ended.out + ended.err


@pytest.mark.search
def test_a_host_that_cannot_be_reached_ends_with_code_1_and_nothing_lost(terminal: "Terminal", three: "Trial") -> None:
    three.sync()
    nobody = "http://127.0.0.1:9"
    ended = terminal.run("sync", on=three, CLEVER_API_URL=nobody, CLEVER_OAUTH_URL=nobody)
    assert ended.code == 1
    assert "127.0.0.1:9 cannot be reached" in ended.err
    assert three.wrong() == []


@pytest.mark.search
def test_a_login_page_instead_of_clever_ends_with_code_1(terminal: "Terminal", three: "Trial") -> None:
    assert terminal.run("sync", on=three).code == 0
    three.sandbox.inject(Html(), stream="tokens")
    ended = terminal.run("sync", on=three)
    assert ended.code == 1
    assert outcomes(ended.out) == dict.fromkeys(three.districts, "failed")
    assert ended.err.count("Token list /oauth/tokens: ") == 1
    assert "were not updated" not in ended.err
    assert "answered 200 with text/html instead of JSON. Check that the address is Clever's" in ended.err


@pytest.mark.search
def test_any_choice_of_districts_can_be_synced(terminal: "Terminal", three: "Trial") -> None:
    first, _, last = three.districts
    ended = terminal.run("sync", "--district", first, "--district", last, on=three)
    assert ended.code == 0
    assert outcomes(ended.out) == {first: "applied", last: "applied"}
    assert three.rows("SELECT DISTINCT district_id FROM users ORDER BY ALL") == [(first,), (last,)]


def test_a_district_that_clever_never_showed_ends_with_code_1(terminal: "Terminal", three: "Trial") -> None:
    known, unknown = three.districts[0], "f" * 24
    ended = terminal.run("sync", "--district", known, "--district", unknown, on=three)
    assert ended.code == 1
    assert outcomes(ended.out) == {known: "applied"}
    assert f"District {unknown} is not connected to this app." in ended.err


@pytest.mark.search
def test_a_disconnected_district_fails_only_a_sync_of_its_own_and_keeps_its_data(
    terminal: "Terminal", three: "Trial"
) -> None:
    three.sync()
    gone, *others = three.districts
    three.sandbox.disconnect(gone)
    ended = terminal.run("sync", on=three)
    assert ended.code == 0
    assert outcomes(ended.out) == {gone: "disconnected", **dict.fromkeys(others, "unchanged")}
    with_another = terminal.run("sync", "--district", gone, "--district", others[0], on=three)
    assert (with_another.code, outcomes(with_another.out)) == (0, {gone: "disconnected", others[0]: "unchanged"})
    asked_for = terminal.run("sync", "--district", gone, on=three)
    assert (asked_for.code, outcomes(asked_for.out)) == (1, {gone: "disconnected"})
    assert "None of the selected districts is connected to this app, so nothing was synced" in asked_for.err
    assert three.value("SELECT count(*) FROM users WHERE district_id = ?", gone) == 30
    assert re.search(rf"^ ?{gone} .* no +\d+ ", terminal.run("status", on=three).out, re.MULTILINE)


@pytest.mark.search
def test_a_preview_shows_what_would_change_and_publishes_nothing(terminal: "Terminal", three: "Trial") -> None:
    first, second, third = three.districts
    empty = terminal.run("sync", "--preview", on=three)
    assert (empty.code, empty.err) == (0, "")
    assert f"District {first}: would be applied (30 added, 0 updated, 0 archived, 0 restored)." in empty.out
    assert not three.warehouse.published.exists()

    three.sync()
    before = three.warehouse.published.stat().st_ino, three.warehouse.published.read_bytes()
    three.sandbox.remove(three.person("contact"))
    for student in three.sandbox.roster(second).ids("student"):
        three.sandbox.remove(student)
    ended = terminal.run("sync", "--preview", on=three, CLEVER_HOLD_MIN_RECORDS="5")
    assert (ended.code, ended.err) == (3, "")
    contacts = len(three.sandbox.truth(first).ids("contact"))
    row = rf"^ ?{first}  would be applied +contact +{contacts + 1} +0 +0 +1 +0 +{contacts} *$"
    assert re.search(row, ended.out, re.MULTILINE), ended.out
    assert (
        f"District {first}: would be applied (0 added, 0 updated, 1 archived, 0 restored). The archived " in ended.out
    )
    assert f"District {second} would be held: " in ended.out
    assert re.search(
        r"0 of the \d+ archived people continue under new IDs\. The published data is unchanged\.", ended.out
    )
    assert f"District {third}: unchanged." in ended.out
    assert "nothing was applied." in ended.out
    assert (three.warehouse.published.stat().st_ino, three.warehouse.published.read_bytes()) == before
    assert terminal.run("holds", on=three).out == "No holds.\n"

    synced = terminal.run("sync", on=three, CLEVER_HOLD_MIN_RECORDS="5")
    assert outcomes(synced.out) == {first: "applied", second: "held", third: "unchanged"}
    assert three.wrong(first) == three.wrong(third) == []


def test_a_preview_says_which_district_clever_never_showed_and_which_is_disconnected(
    terminal: "Terminal", three: "Trial"
) -> None:
    three.sync()
    gone, here, _ = three.districts
    three.sandbox.disconnect(gone)
    unknown = "f" * 24
    asked = [word for district in (gone, here, unknown) for word in ("--district", district)]
    ended = terminal.run("sync", "--preview", *asked, on=three)
    assert ended.code == 1
    assert f"District {unknown} is not connected to this app." in ended.err
    assert f"District {gone} is disconnected: its data would stay unchanged." in ended.out
    assert f"District {here}: unchanged." in ended.out


@pytest.mark.search
def test_an_earlier_file_is_published_again_and_the_next_sync_resumes_from_it(
    terminal: "Terminal", three: "Trial"
) -> None:
    def listed() -> list[tuple[str, str]]:
        ended = terminal.run("rollback", "--list", on=three)
        assert (ended.code, ended.err) == (0, "")
        return re.findall(r"^ ?(\d{8}T\d{6}\.\d{6}Z) +(\d+) ", ended.out, re.MULTILINE)

    people = "SELECT count(*) FROM users"
    three.sync()
    for _ in range(2):
        three.sandbox.remove(three.person("contact"))
        three.sync()
    (newest, with_one_more), (oldest, with_all) = listed()
    assert (with_one_more, with_all) == ("89", "90")

    unknown = terminal.run("rollback", "--to", "yesterday", on=three)
    assert (unknown.code, unknown.out) == (2, "")
    assert (
        unknown.err
        == "No kept file is named yesterday. Run `clever-warehouse rollback --list` to see the kept files.\n"
    )
    assert three.value(people) == 88

    unasked = terminal.run("rollback", on=three)
    assert (unasked.code, unasked.out) == (2, "")
    assert unasked.err.endswith(f"To restore the file {newest} without a question, use --yes.\n")
    assert three.value(people) == 88

    back = terminal.run("rollback", "--yes", on=three)
    assert (back.code, back.err) == (0, "")
    assert f"Restored the file from {newest}. Everything learned by later syncs" in back.out
    assert three.value(people) == 89
    assert terminal.run("rollback", "--to", oldest, "--yes", on=three).code == 0
    assert three.value(people) == 90

    assert three.outcomes() == ["applied", "unchanged", "unchanged"]
    assert three.wrong() == []
    assert [people for _, people in listed()] == ["90", "89", "88"]


def test_rollback_list_counts_what_each_step_undoes_and_status_shows_the_rollback(
    terminal: "Terminal", three: "Trial"
) -> None:
    def undone() -> list[list[int]]:
        """Return the syncs, decisions, imports, verifications and rollbacks that each kept file would undo."""
        ended = terminal.run("rollback", "--list", on=three)
        assert (ended.code, ended.err) == (0, "")
        rows = re.findall(r"^ ?\d{8}T\d{6}\.\d{6}Z +\d+ +\S+ \S+ UTC((?: +\d+){5}) *$", ended.out, re.MULTILINE)
        return [[int(count) for count in row.split()] for row in rows]

    first = three.districts[0]
    three.sync()
    three.sandbox.remove(three.person("contact"))
    three.sync()
    assert undone() == [[1, 0, 0, 0, 0]]
    assert "Rolled back" not in terminal.run("status", on=three).out

    (terminal.folder / "students.csv").write_text(f"role_id,user_id\n{'a' * 24},{'b' * 24}\n")
    for _ in range(2):  # the second one changes nothing
        assert terminal.run("import-migration", "students.csv", on=three).code == 0
    assert terminal.run("verify-legacy", "--district", first, on=three).code == 0
    for student in three.sandbox.roster(first).ids("student"):
        three.sandbox.remove(student)
    held = terminal.run("sync", on=three, CLEVER_HOLD_MIN_RECORDS="5")
    assert outcomes(held.out)[first] == "held"
    digest = three.value("SELECT digest FROM sync.holds WHERE state = 'held'")
    rejected = terminal.run("reject", first, "--digest", digest, "--reason", "synthetic", on=three)
    assert rejected.code == 0
    counts = undone()
    assert [0, 1, 0, 1, 0] in [[row[0], row[1], 0, row[3], row[4]] for row in counts], counts
    assert counts[-1] == [1, 1, 1, 1, 0]

    assert terminal.run("rollback", "--yes", on=three).code == 0
    status = terminal.run("status", on=three)
    sentence = (
        r"^Rolled back or restored on \d{4}-\d\d-\d\d \d\d:\d\d UTC to the file of \d{4}-\d\d-\d\d \d\d:\d\d UTC\. As-of queries "
        r"between these instants show the restored file's history, not what was published then\.$"
    )
    assert len(re.findall(sentence, status.out, re.MULTILINE)) == 1
    assert undone()[0][4] == 1


def test_rollback_list_shows_what_is_known_of_older_and_damaged_files(terminal: "Terminal", three: "Trial") -> None:
    three.sync(sync_id="of this version")
    three.warehouse.kept.mkdir()
    older, damaged = (three.warehouse.kept / f"2026010{day}T000000.000000Z.duckdb" for day in (2, 1))
    with zipfile.ZipFile(OLDER_FILE) as archive:
        older.write_bytes(archive.read("warehouse.duckdb"))
    damaged.write_bytes(b"damaged" * 10_000)
    ended = terminal.run("rollback", "--list", on=three)
    assert (ended.code, ended.err) == (0, "")
    assert re.search(rf"^ ?{older.stem} +\d+ +\S+ \S+ UTC +1 +0 +0 +0 +0 *$", ended.out, re.MULTILINE), ended.out
    assert re.search(rf"^ ?{damaged.stem} +cannot be read *$", ended.out, re.MULTILINE), ended.out

    refused = terminal.run("rollback", "--to", damaged.stem, "--yes", on=three)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(f"{damaged} is damaged or not a DuckDB file, so it was not restored.")
    content = older.read_bytes()
    restored = terminal.run("rollback", "--to", older.stem, "--yes", on=three)
    assert restored.code == 0
    assert "The rollback is not recorded in the restored file (another version" in restored.out
    assert three.warehouse.published.read_bytes() == content


@pytest.mark.variants(1)
@pytest.mark.parametrize(("arguments", "code"), [((), 1), (("--to", "yesterday"), 2), (("--list",), 0)])
def test_with_nothing_kept_there_is_nothing_to_roll_back_to(
    terminal: "Terminal", three: "Trial", arguments: tuple[str, ...], code: int
) -> None:
    three.sync()
    ended = terminal.run("rollback", *arguments, on=three)
    assert ended.code == code
    assert "kept" in (ended.err if code else ended.out)
    assert (ended.err + ended.out).count("\n") == 1
    assert three.wrong() == []


def test_status_before_the_first_sync_says_what_to_run(terminal: "Terminal", three: "Trial") -> None:
    ended = terminal.run("status", on=three)
    assert (ended.code, ended.out) == (1, "")
    assert "run `clever-warehouse sync` first" in ended.err


@pytest.mark.search
def test_output_that_is_no_terminal_is_plain_and_complete(terminal: "Terminal", three: "Trial") -> None:
    ended = terminal.run("sync", on=three, COLUMNS="40")
    for district in three.districts:
        assert district in ended.out
    assert "…" not in ended.out
    assert not re.search(r"[╭│─━]", ended.out)


def on_screen(terminal: "Terminal", three: "Trial", *arguments: str, typed: str = "") -> Ended:
    """Run a command in a pseudo-terminal of 80 columns, and return what it showed."""
    screen, behind = pty.openpty()
    fcntl.ioctl(behind, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = terminal.start(*arguments, on=three, stdout=behind, stderr=behind, stdin=behind)
    os.close(behind)
    os.write(screen, typed.encode())
    shown = b""
    try:
        while part := os.read(screen, 65536):
            shown += part
    except OSError:
        pass  # Linux tells the end of the other side so
    os.close(screen)
    return Ended(process.wait(30), shown.decode().replace("\r\n", "\n"), "")


@pytest.mark.search
def test_a_terminal_shows_progress_that_moves(terminal: "Terminal", three: "Trial") -> None:
    three.sandbox.inject(Slow(1), stream="users", role="contact", times=1)
    ended = on_screen(terminal, three, "sync")
    assert ended.code == 0
    assert "\x1b[" in ended.out
    assert re.search(r"Read \d of 3 districts", ended.out)
    assert "…" not in ended.out.rpartition("district ")[2]
    assert all(district in ended.out for district in three.districts)


def test_rollback_in_a_terminal_shows_what_it_replaces_and_asks(terminal: "Terminal", three: "Trial") -> None:
    three.sync()
    three.sandbox.remove(three.person("contact"))
    three.sync()
    (kept,) = three.warehouse.kept_files()
    refused = on_screen(terminal, three, "rollback", typed="n\n")
    assert refused.code == 2
    assert f"From: {three.warehouse.published}, published " in refused.out
    assert kept.stem in refused.out.partition("To:")[2]
    assert "Restore this file? [y/N]: " in refused.out
    assert three.value("SELECT count(*) FROM users") == 89
    assert on_screen(terminal, three, "rollback", typed="y\n").code == 0
    assert three.value("SELECT count(*) FROM users") == 90


def read_exports(process: "subprocess.Popen[str]") -> dict[str, str]:
    assert process.stdout is not None
    exports: dict[str, str] = {}
    for line in process.stdout:
        if found := re.fullmatch(r"export (\w+)=(.*)\n", line):
            exports[found[1]] = found[2]
        if "Ctrl-C" in line:
            break
    return exports


@pytest.mark.variants(1)
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_sandbox_shows_the_settings_to_use_and_stops_on_request(terminal: "Terminal", stop: signal.Signals) -> None:
    process = terminal.start(
        "sandbox",
        "--port",
        "0",
        "--users",
        "20",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell that started us in the background has switched Ctrl-C off.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        exports = read_exports(process)
        assert exports == {
            "CLEVER_API_URL": exports["CLEVER_API_URL"],
            "CLEVER_OAUTH_URL": exports["CLEVER_API_URL"],
            "CLEVER_CLIENT_ID": "sandbox",
            "CLEVER_CLIENT_SECRET": "sandbox",
            "CLEVER_DISTRICT_TOKENS": ",",
            "CLEVER_WAREHOUSE_DIR": str(terminal.folder / "data" / "sandbox"),
            "DAGSTER_HOME": str(terminal.folder / "data" / "sandbox" / "dagster"),
        }
        assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d+", exports["CLEVER_API_URL"])
        (terminal.folder / ".env").write_text("CLEVER_DISTRICT_TOKENS=token-of-a-real-district\n")
        ended = terminal.run("sync", given=exports)
        assert ended.code == 0
        assert [each.name for each in (terminal.folder / "data").iterdir()] == ["sandbox"]
        process.send_signal(stop)
        _, said = process.communicate(timeout=20)
        assert (process.returncode, said) == (0, "")
    finally:
        process.kill()


def test_a_port_that_is_taken_is_reported_in_one_sentence(terminal: "Terminal", three: "Trial") -> None:
    ended = terminal.run("sandbox", "--port", three.url.rpartition(":")[2], "--users", "5")
    assert ended.code == 1
    assert "Address already in use" in ended.err


@pytest.mark.search
def test_the_demo_shows_the_results_of_the_queries_that_it_names(terminal: "Terminal", tmp_path: "Path") -> None:
    ended = terminal.run("demo", "--users", "200", "--dir", str(tmp_path / "demo"))
    assert ended.code == 0
    assert list(outcomes(ended.out).values()) == ["applied", "applied"]
    counts = re.findall(r"^ ?[0-9a-f]{24} +(\w+) +(\d+) *$", ended.out, re.MULTILINE)
    assert {role for role, people in counts if int(people) > 0} == {
        "student",
        "teacher",
        "staff",
        "district_admin",
        "contact",
    }
    holds = re.findall(r"^ ?([0-9a-f]{24}) +(district_admin|staff|teacher) +([0-9a-f]{24})", ended.out, re.MULTILINE)
    assert len({user for user, _, _ in holds}) == 1
    assert len({role for _, role, _ in holds}) == len({legacy for _, _, legacy in holds}) == 3
    assert re.search(r"v3_user_id *\n ?[0-9a-f]{24} +[0-9a-f]{24}", ended.out)
    answers = {
        heading: lines.splitlines()
        for heading, lines in re.findall(r"^(.*) \(FROM (?:\w+)\):\n((?: .*\n)+)", ended.out, re.MULTILINE)
    }
    assert [(heading.split(",")[0], len(lines) - 1) for heading, lines in answers.items()] == [
        ("A class roster", 5),
        ("A contact list", 5),
        ("Headcount by grade", 8),
    ]
    assert max(cell_len(line.rstrip()) for lines in answers.values() for line in lines) <= 100
    with duckdb.connect(str(tmp_path / "demo" / "warehouse.duckdb"), read_only=True) as connection:
        lowest = (
            "SELECT grade, student_count FROM enrollment_by_grade WHERE school_name = ? AND grade_order IS NOT NULL"
        )
        _, first, *_ = answers["Headcount by grade, the lowest grades of one school"]
        school, grade, students, _ = re.split(r"  +", first.strip())
        counted = connection.execute(f"{lowest} ORDER BY grade_order LIMIT 1", [school]).fetchall()
    assert counted == [(grade, int(students))]


def test_a_shell_completes_districts_digests_and_kept_files_and_is_never_disturbed(
    terminal: "Terminal", three: "Trial"
) -> None:
    def completed(line: str, **more: str) -> list[str]:
        asked = {
            "_CLEVER_WAREHOUSE_COMPLETE": "complete_bash",
            "COMP_WORDS": f"clever-warehouse {line}",
            "COMP_CWORD": str(len(line.split())),
        }
        ended = terminal.run(on=three, given=asked | more)
        assert (ended.code, ended.err) == (0, "")
        return ended.out.split()

    assert completed("sync --district 6") == []
    three.sync()
    three.sandbox.remove(three.person("student"))
    three.sync()
    three.limits = LimitsByDistrict(Limits(max_archived_percent=0, min_records=1))
    three.sandbox.remove(three.person("student"))
    three.sync()
    digest = three.value("SELECT digest FROM sync.holds WHERE state = 'held'")
    (kept,) = three.warehouse.kept_files()
    assert completed("sync --district 6") == three.districts
    assert completed(f"approve {digest[:2]}") == [digest[:12]]
    assert completed("rollback --to 2") == [kept.stem]
    assert completed("sync --district 6", CLEVER_API_VERSION="v9.9") == []


def test_help_and_completion_do_not_wait_for_dagster() -> None:
    loaded = subprocess.run(
        [
            sys.executable,
            "-X",
            "importtime",
            "-c",
            "import assets.cli.commands, assets.settings, pipelines.warehouse.database",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert "dagster" not in re.findall(r"\| +(\w+)$", loaded, re.MULTILINE)
