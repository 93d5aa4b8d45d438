"""What `clever-warehouse doctor` finds: nothing where all is well, and each assumption that is broken, with what to do."""

import ast
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import Result

from assets.cli import doctor as command
from pipelines.clever import RetryPolicy, assumptions
from pipelines.clever.network import CERTIFICATES
from pipelines.operations.doctor import APP, DISTRICT, MACHINE, ONCE, UNCHECKABLE
from pipelines.sandbox import (
    Altered,
    CappedPage,
    CutChain,
    ForeignRecord,
    Headers,
    Html,
    IgnoredRole,
    NullData,
    RepeatedRecord,
    Rewritten,
    Status,
    Withheld,
)
from pipelines.sandbox.faults import NO_ROLE
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

Run = Callable[..., Result]
Break = Callable[[Sandbox, str], object]

MOST_REQUESTS = 22
"""Requests for an app with one district."""


@pytest.fixture
def trial(begin: "Begin", monkeypatch: pytest.MonkeyPatch) -> "Iterator[Trial]":
    """Return a sandbox with one district that has events."""
    for name in (*CERTIFICATES, "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    with begin(rate_limit=1200) as made:
        made.sandbox.served("v3.0", "users")
        made.sandbox.advance(3)
        yield made


def examined(run: Run, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run the command, and return its JSON."""
    ended = run("doctor", "--json", *arguments)
    assert ended.exit_code == code, ended.output
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def complaints(found: dict[str, Any]) -> dict[str, str]:
    """Return the checks that are not passed, with their results."""
    return {each["check"]: each["result"] for each in found["checks"] if each["result"] != "pass"}


def fix_of(found: dict[str, Any], check: str) -> str:
    fix: str | None
    (fix,) = (each["fix"] for each in found["checks"] if each["check"] == check)
    return fix or ""


def everything_below(folder: Path) -> dict[str, tuple[int, int]]:
    """Return every file and folder, with its size and when it was changed."""
    return {str(file): (file.lstat().st_size, file.lstat().st_mtime_ns) for file in [folder, *folder.rglob("*")]}


def assumed() -> set[str]:
    """Name every assumption: the constants of the module, and the ways of working."""
    tree = ast.parse(Path(assumptions.__file__).read_text())
    constants = {
        node.target.id for node in tree.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return constants - {"WAYS_OF_WORKING"} | set(assumptions.WAYS_OF_WORKING)


def test_every_assumption_about_clever_is_checked_or_says_why_not() -> None:
    checked = [name for checks in (APP, ONCE, DISTRICT) for check in checks for name in check.assumptions]
    assert set(checked) | set(UNCHECKABLE) == assumed()
    assert set(checked).isdisjoint(UNCHECKABLE)


def test_all_checks_pass_in_a_handful_of_requests_and_nothing_is_written(
    run: Run, trial: "Trial", tmp_path: Path
) -> None:
    before = everything_below(trial.folder), everything_below(tmp_path)
    requests = len(trial.sandbox.requests)
    found = examined(run)
    assert complaints(found) == {}
    assert found["result"] == "pass"
    assert found["requests"] == len(trial.sandbox.requests) - requests <= MOST_REQUESTS
    assert found["districts"] == {"connected": 1, "examined": trial.districts}
    assert set(found["cannot_be_checked"]) == set(UNCHECKABLE)
    assert (everything_below(trial.folder), everything_below(tmp_path)) == before


def test_warehouse_that_is_there_is_left_as_it_is(run: Run, trial: "Trial") -> None:
    trial.sync()
    before = everything_below(trial.folder)
    assert complaints(examined(run)) == {}
    assert everything_below(trial.folder) == before


def _leading(prefix: str) -> Altered:
    """Next links with something before their path."""

    def change(page: Any) -> Any:
        page["links"] = [
            link | {"uri": prefix + link["uri"]} if link["rel"] == "next" else link for link in page["links"]
        ]
        return page

    return Altered(change)


def _records(change: Callable[[list[Any]], list[Any]]) -> Altered:
    return Altered(lambda page: page | {"data": change(page["data"])})


def _without(key: str) -> Altered:
    return Altered(lambda page: {name: value for name, value in page.items() if name != key})


def _tokens(change: Callable[[list[Any]], list[Any]]) -> Rewritten:
    def rewrite(body: bytes) -> bytes:
        page = json.loads(body)
        return json.dumps(page | {"data": change(page["data"])}).encode()

    return Rewritten(rewrite)


def _other_id(items: list[Any]) -> list[Any]:
    return [item | {"data": item["data"] | {"id": "0" * 24}} for item in items]


def _without_object(items: list[Any]) -> list[Any]:
    return [item | {"data": item["data"] | {"data": {}}} for item in items]


def _resets_in(seconds: float) -> Break:
    return lambda box, _: box.inject(Headers({"X-RateLimit-Reset": str(int(time.time() + seconds))}))


def _unpaid(box: Sandbox, district_id: str) -> None:
    box._districts[district_id].secure_sync = False


@dataclass(frozen=True)
class Broken:
    """One assumption that is broken."""

    how: Break
    complaints: dict[str, str]
    """The checks that must not pass, the first with the fix below."""
    fix: str

    @property
    def code(self) -> int:
        return 1 if "fail" in self.complaints.values() else 0


W, F, N = "warning", "fail", "not checked"
USERS: dict[str, Any] = {"stream": "users", "role": NO_ROLE}
NO_EVENTS = {"newest event": N, "later events": N}
NOTHING_READ = {
    "form of lists": N,
    "end of lists": N,
    "page size": N,
    "next links": N,
    "smaller pages": N,
    "empty pages": N,
    "order of IDs": N,
    "district of records": N,
    "role filters": N,
    "events": N,
    **NO_EVENTS,
    "other API version": N,
}
NO_USERS = {name: N for name in NOTHING_READ if name not in {"form of lists", "end of lists", "empty pages"}}

BROKEN = {
    "pages are smaller than asked for": Broken(
        lambda box, _: box.inject(CappedPage(10), **USERS), {"page size": W}, "Nothing needs to be done here."
    ),
    "large pages are refused": Broken(
        lambda box, _: box.inject(Status(413), times=1, **USERS), {"page size": W}, "Nothing needs to be done here."
    ),
    "next links lead to another host": Broken(
        lambda box, _: box.inject(_leading("https://clever.example"), **USERS),
        {"next links": F, "smaller pages": N},
        "The stream cannot be verified complete",
    ),
    "next links have no version": Broken(
        lambda box, _: box.inject(_leading("/api"), **USERS),
        {"next links": F, "smaller pages": N},
        "The stream cannot be verified complete",
    ),
    "next links are missing": Broken(
        lambda box, _: box.inject(CutChain(), **USERS), {"next links": F, "smaller pages": N}, "Do not sync."
    ),
    "a next link leads back": Broken(
        lambda box, _: box.inject(Altered(lambda page: page | {"links": _first_again(page)}), **USERS),
        {"next links": F, "smaller pages": W},
        "Do not sync.",
    ),
    "another limit changes more than the size": Broken(
        lambda box, _: box.inject(Withheld(), after=2, times=1, **USERS),
        {"smaller pages": W},
        "Syncs work unless Clever needs smaller pages.",
    ),
    "an empty page has a next link": Broken(
        lambda box, _: box.inject(_records(lambda _: []), stream="schools", times=1),
        {"empty pages": W},
        "Report it with `clever-warehouse doctor --bug-report`",
    ),
    "IDs are not in order": Broken(
        lambda box, _: box.inject(_records(lambda items: items[::-1]), **USERS), {"order of IDs": W}, "Report it"
    ),
    "an ID comes twice": Broken(
        lambda box, _: box.inject(RepeatedRecord(), times=1, **USERS),
        {"order of IDs": F},
        "Sync later.",
    ),
    "a record is another district's": Broken(
        lambda box, _: box.inject(ForeignRecord(), times=1, **USERS),
        {"district of records": F},
        "Check that the token is this district's.",
    ),
    "the role filter is ignored": Broken(
        lambda box, _: box.inject(IgnoredRole(), stream="users", role="teacher"),
        {"role filters": F},
        "Check that no proxy changes requests.",
    ),
    "a role view lacks a user": Broken(
        lambda box, _: box.inject(Withheld(), stream="users", role="contact"), {"role filters": F}, "Run this again"
    ),
    "rate limit headers are missing": Broken(
        lambda box, _: box.inject(Headers({"X-RateLimit-Remaining": None, "X-RateLimit-Reset": None})),
        {"rate limit headers": W, "rate limit window": N},
        "Check that no proxy removes headers",
    ),
    "fewer requests are allowed": Broken(
        lambda box, _: box.inject(Headers({"X-RateLimit-Limit": "600"})), {"rate limit": W}, "Report it"
    ),
    "the window is longer than a minute": Broken(_resets_in(75), {"rate limit window": W}, "Report it"),
    "the reset is far away": Broken(_resets_in(3600), {"rate limit window": W}, "Report it"),
    "events are not enabled": Broken(
        lambda box, district: box.disable_events(district), {"events": W, **NO_EVENTS}, "Ask Clever to enable events"
    ),
    "the newest event is another one": Broken(
        lambda box, _: box.inject(_records(_other_id), stream="events", times=1), {"newest event": F}, "Run this again"
    ),
    "later events are left out": Broken(
        lambda box, _: box.inject(Withheld(), stream="events", after=2),
        {"later events": F},
        "Do not use `--mode events`.",
    ),
    "events have no record": Broken(
        lambda box, _: box.inject(_records(_without_object), stream="events"),
        {"later events": F},
        "Do not use `--mode events`.",
    ),
    "API v3.1 is refused": Broken(
        lambda box, _: box.inject(Status(403), version="v3.1"),
        {"other API version": W},
        "Leave CLEVER_API_VERSION at v3.0",
    ),
    "the clock is wrong": Broken(
        lambda box, _: box.inject(Headers({"Date": "Sun, 06 Nov 1994 08:49:37 GMT"}), stream="tokens"),
        {"clock": W},
        "Synchronize the clock",
    ),
    "there is no Date": Broken(
        lambda box, _: box.inject(Headers({"Date": None})), {"clock": N, "rate limit window": N}, ""
    ),
    "the token has no scope": Broken(
        _unpaid,
        {
            "users": F,
            "scopes": W,
            "record types": W,
            **NOTHING_READ,
        },
        "The app needs Secure Sync access",
    ),
    "users are refused": Broken(
        lambda box, _: box.inject(Status(403), stream="users"), {"users": F, **NO_USERS}, "The app needs Secure Sync"
    ),
    "the token is refused": Broken(
        lambda box, district: box.inject(Status(401), district=district),
        {"token": F, "users": N, "record types": N, **NOTHING_READ},
        "The district may have disconnected the app",
    ),
    "a list is not shared": Broken(
        lambda box, district: box.refuse(district, "sections", 404),
        {"record types": W},
        "Have the district share them in its Clever dashboard, or leave them out of CLEVER_RECORDS.",
    ),
    "a list has another form": Broken(
        lambda box, _: box.inject(NullData(), stream="terms"),
        {"form of lists": F, "record types": F},
        "Check that CLEVER_API_URL is Clever's",
    ),
    "a list has no links": Broken(
        lambda box, _: box.inject(_without("links"), stream="terms"), {"end of lists": W}, "Compare the number of users"
    ),
    "no user is shared": Broken(
        lambda box, _: box.inject(_records(lambda _: []), stream="users"),
        {
            "users": W,
            "next links": N,
            "smaller pages": N,
            "order of IDs": N,
            "district of records": N,
            "role filters": N,
        },
        "Have the district share users",
    ),
    "too large a limit gets 400": Broken(
        lambda box, _: box.inject(Status(400), stream="schools", after=1), {"too large a limit": W}, "Syncs work"
    ),
    "API v2.1 is refused": Broken(
        lambda box, _: setattr(box, "v21_contacts_status", 403), {"API v2.1": W}, "Ask Clever whether the app may"
    ),
    "the token shows another district": Broken(
        lambda box, _: box.inject(_records(_other_id), stream="districts"), {"token": F}, "Check that the token"
    ),
    "the token list has other tokens": Broken(
        lambda box, _: box.inject(
            _tokens(lambda items: [*items, items[0] | {"owner": {"type": "school", "id": "x"}}]), stream="tokens"
        ),
        {"token list": W},
        "Report it",
    ),
    "a token cannot be used": Broken(
        lambda box, _: box.inject(
            _tokens(lambda items: [*items, items[0] | {"access_token": "", "owner": {"type": "district", "id": "x"}}]),
            stream="tokens",
        ),
        {"token list": F},
        "Check that the address is Clever's",
    ),
    "tokens have no date": Broken(
        lambda box, _: box.inject(_tokens(lambda items: [items[0] | {"created": None}]), stream="tokens"),
        {"tokens of a district": W},
        "Report it",
    ),
    "a district has two tokens": Broken(
        lambda box, _: box.inject(_tokens(lambda items: [*items, *items]), stream="tokens"),
        {"tokens of a district": W},
        "Revoke the older tokens",
    ),
    "two tokens have no date": Broken(
        lambda box, _: box.inject(_tokens(lambda items: [items[0] | {"created": "?"}] * 2), stream="tokens"),
        {"tokens of a district": F},
        "Revoke the older tokens",
    ),
    "the secret is wrong": Broken(
        lambda box, _: setattr(box, "client_secret", "another"),
        {"token list": F, "tokens of a district": N, "scopes": N, "named districts": N, "disk": N, "memory": N},
        "Check CLEVER_CLIENT_ID and CLEVER_CLIENT_SECRET",
    ),
    "no district is connected": Broken(
        lambda box, district: box.disconnect(district),
        {"token list": F, "tokens of a district": N, "scopes": N, "disk": N, "memory": N},
        "Have a district authorize the app",
    ),
    "a login page answers": Broken(
        lambda box, _: box.inject(Html(), stream="tokens"),
        {"token list": F, "tokens of a district": N, "scopes": N, "named districts": N, "disk": N, "memory": N},
        "no proxy or login page responds instead",
    ),
}


def _first_again(page: Any) -> list[Any]:
    """Links whose next one leads to the first users again."""
    return [
        link | {"uri": re.sub(r"&starting_after=\w+", "", link["uri"])} if link["rel"] == "next" else link
        for link in page["links"]
    ]


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_broken_assumption_is_found_with_what_to_do_and_nothing_else_complains(
    run: Run, trial: "Trial", broken: Broken
) -> None:
    broken.how(trial.sandbox, trial.districts[0])
    found = examined(run, code=broken.code)
    unread = {"disk": N, "memory": N} if broken.complaints.get("users") in {F, N} else {}
    assert complaints(found) == broken.complaints | unread
    assert broken.fix in fix_of(found, next(iter(broken.complaints)))


def test_every_check_of_clever_is_broken_by_a_test() -> None:
    names = {check.name for checks in (APP, ONCE, DISTRICT) for check in checks}
    elsewhere = {"Clever's hosts", "named districts"}
    complained = {
        name
        for broken in BROKEN.values()
        for name, result in broken.complaints.items()
        if result in {"warning", "fail"}
    }
    assert names - elsewhere == complained


def test_host_that_cannot_be_reached_fails_with_what_to_do(
    run: Run, monkeypatch: pytest.MonkeyPatch, trial: "Trial"
) -> None:
    monkeypatch.setenv("CLEVER_OAUTH_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(command, "RETRY_POLICY", RetryPolicy(first=0.01, cap=0.02, unreachable=0.1, tries=3))
    found = examined(run, code=1)
    assert complaints(found)["Clever's hosts"] == F
    assert fix_of(found, "Clever's hosts").startswith("Check CLEVER_API_URL and CLEVER_OAUTH_URL, the network")
    assert found["requests"] >= 3


def test_only_some_districts_are_examined_unless_they_are_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, trial: "Trial"
) -> None:
    for _ in range(4):
        trial.sandbox.add_district(users=10)
    *_, last = trial.districts
    found = examined(run)
    assert found["districts"] == {"connected": 5, "examined": trial.districts[:3]}
    assert "2 connected districts were not examined: name them by --district." in run("doctor").output
    assert examined(run, "--district", last.upper())["districts"]["examined"] == [last]
    unknown = "f" * 24
    found = examined(run, "--district", last, "--district", unknown, code=1)
    assert complaints(found) == {"named districts": F, "newest event": N, "later events": N}  # it is new
    monkeypatch.setenv("CLEVER_DISTRICT_LIMITS", json.dumps({unknown: {"max_archived_percent": 1}}))
    assert complaints(examined(run, "--district", last))["named districts"] == W


def test_district_tokens_and_the_other_version_are_examined_too(
    run: Run, monkeypatch: pytest.MonkeyPatch, trial: "Trial"
) -> None:
    monkeypatch.delenv("CLEVER_CLIENT_ID")
    monkeypatch.delenv("CLEVER_CLIENT_SECRET")
    monkeypatch.setenv("CLEVER_DISTRICT_TOKENS", trial.sandbox.districts[trial.districts[0]])
    monkeypatch.setenv("CLEVER_API_VERSION", "v3.1")
    monkeypatch.setenv("CLEVER_RECORDS", "users,terms")
    found = examined(run)
    assert complaints(found) == {"tokens of a district": N, "scopes": N}
    sentences = {each["check"]: each["found"] for each in found["checks"]}
    assert sentences["other API version"] == "API v3.0 can be read as well as v3.1."
    assert sentences["record types"] == "Shared: terms."


def test_number_of_people_is_counted_by_clever_where_the_first_page_is_not_all(run: Run, trial: "Trial") -> None:
    people = len(trial.sandbox.truth().users)
    trial.sandbox.inject(CappedPage(10), times=1, **USERS)
    sentences = {each["check"]: each["found"] for each in examined(run)["checks"]}
    assert sentences["users"] == f"{people} users."
    assert sentences["disk"].startswith(tuple("0123456789"))
    trial.sandbox.heal()
    trial.sandbox.inject(CappedPage(10), times=1, **USERS)
    trial.sandbox.inject(Status(400), after=1, times=1, **USERS)
    found = examined(run)
    sentences = {each["check"]: each["found"] for each in found["checks"]}
    assert sentences["users"] == "More than 10 users: how many cannot be known without reading them all."
    assert complaints(found) == {"page size": W, "disk": N, "memory": N}


@pytest.mark.parametrize(
    ("name", "value", "check", "fix"),
    [
        ("CLEVER_KEEP_PUBLISHD", "3", "settings", "Did you mean CLEVER_KEEP_PUBLISHED?"),
        ("CLEVER_DISTRICT_TOKENS", "", "settings", "Remove one of them."),
    ],
)
def test_setting_without_effect_is_a_warning(
    run: Run, monkeypatch: pytest.MonkeyPatch, trial: "Trial", name: str, value: str, check: str, fix: str
) -> None:
    monkeypatch.setenv(name, value or trial.sandbox.districts[trial.districts[0]])
    found = examined(run)
    assert complaints(found)[check] == W
    assert fix_of(found, check) == fix


def test_folder_that_cannot_hold_a_warehouse_fails(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CLEVER_WAREHOUSE_DIR", str(tmp_path / "file" / "data"))
    found = examined(run, code=1)
    assert complaints(found) == {"warehouse folder": F, "Dagster instance": F}
    assert fix_of(found, "warehouse folder").startswith("Set CLEVER_WAREHOUSE_DIR to a folder")


def test_published_file_that_cannot_be_read_and_a_state_that_others_can_read_are_found(
    run: Run, trial: "Trial"
) -> None:
    (trial.folder / "state").mkdir(mode=0o755)
    (trial.folder / "warehouse.duckdb").write_text("no database")
    found = examined(run, code=1)
    assert complaints(found) == {"privacy": W, "published file": F}
    assert "check that it is whole" in str(found["checks"])


def test_missing_credentials_end_with_code_2(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLEVER_CLIENT_SECRET")
    assert run("doctor").exit_code == 2
    assert run("doctor", "--json", "--bug-report").exit_code == 2


STRANGE: tuple[Any, ...] = (
    [],
    {},
    {"data": 5},
    {"data": [1, None, {"data": [2]}, {}], "links": 3},
    {"data": [{"data": {"id": {}, "roles": ["student"], "district": []}}], "links": [None, {"rel": "next", "uri": 7}]},
    {
        "data": [{"data": {"id": "x", "roles": {"staff": 1}}}],
        "links": [{"rel": "next", "uri": "\\\\"}],
        "count": "many",
    },
    {"data": [{"owner": "me", "scopes": "all", "created": 1}, {"owner": {"type": "district", "id": 4}}]},
)


@pytest.mark.parametrize("body", STRANGE, ids=repr)
@pytest.mark.parametrize("stream", ["tokens", None])
def test_no_response_is_too_strange_to_be_reported(run: Run, trial: "Trial", body: object, stream: str | None) -> None:
    trial.sandbox.inject(Rewritten(lambda _: json.dumps(body).encode()), stream=stream, after=0 if stream else 1)
    assert examined(run, code=1)["result"] == "fail"


def outputs(run: Run) -> str:
    """Return everything that the command can show."""
    return "".join(run("doctor", *arguments).output for arguments in ([], ["--json"], ["--bug-report"]))


def personal(secrets: set[str], text: str) -> list[str]:
    """Return the secrets that are in a text as whole words; short ones are words of every text."""
    return [each for each in secrets if len(each) >= 5 and re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text)]


def _names_as_ids(items: Sequence[Any]) -> list[Any]:
    return [item | {"data": item["data"] | {"id": item["data"]["name"]["last"]}} for item in items]


def test_no_output_has_anything_of_a_person_or_a_token(run: Run, trial: "Trial") -> None:
    secrets = trial.sandbox.secrets()
    assert len(secrets) > 50
    text = outputs(run)
    for effect in (_records(_names_as_ids), RepeatedRecord(), Status(403), _records(lambda items: items[::-1])):
        trial.sandbox.inject(effect, stream="users")
        text += outputs(run)
        trial.sandbox.heal()
    assert "role filters" in text
    assert personal(secrets, text) == []


def test_bug_report_has_no_ids_folders_or_values_of_settings(
    run: Run, monkeypatch: pytest.MonkeyPatch, trial: "Trial"
) -> None:
    monkeypatch.setenv("CLEVER_DISTRICT_LIMITS", json.dumps({"f" * 24: {"max_archived_percent": 1}}))
    text = run("doctor", "--bug-report").output
    assert not re.search(r"[0-9a-f]{24}", text)
    assert str(trial.folder) not in text
    assert str(trial.folder.parent) not in text
    assert "- pass: warehouse folder: $CLEVER_WAREHOUSE_DIR may be written to." in text
    assert "- pass: district 1, users: " in text
    assert "- warning: named districts: CLEVER_DISTRICT_LIMITS names districts that are not connected: <id>." in text
    assert re.search(r"clever-warehouse \d\S+, duckdb \d\S+, dagster \d\S+, httpx \d\S+, Python 3\.", text)
    assert all(f"- cannot be checked: {name}: " in text for name in UNCHECKABLE)
    assert "Settings that are set: CLEVER_API_URL, " in text


def test_every_check_of_the_machine_is_shown(run: Run) -> None:
    text = run("doctor").output
    assert all(check.name in text for check in MACHINE)


def test_another_clever_host_than_that_of_the_warehouse_is_a_failure(
    run: Run, trial: "Trial", monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.sync()
    check = "Clever host of the warehouse"
    assert complaints(examined(run)) == {}
    trial.come_from("clever.example.org")
    found = examined(run, code=1)
    assert complaints(found) == {check: "fail"}
    assert "CLEVER_HOST_CHANGE=accept" in fix_of(found, check)
    monkeypatch.setenv("CLEVER_HOST_CHANGE", "accept")
    assert complaints(examined(run)) == {check: "warning"}
