"""Promise 9: no name, e-mail, birth date, phone or token in what a sync says, whatever goes wrong."""

import datetime as dt
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.clever import ClientCredentials, DistrictTokens
from pipelines.sandbox import (
    Altered,
    Dropped,
    ForeignRecord,
    Garbled,
    Html,
    RepeatedRecord,
    Status,
    Truncated,
    Withheld,
    WithoutId,
)
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from pipelines.sandbox.faults import Effect
    from pipelines.sync import SyncResult
    from tests.conftest import Begin, Trial

SHORTEST = 5
"""Shorter secrets are left out: a name of four letters is also a piece of some other word."""

WORDS_OF_OURS = {"Staff", "Teacher", "Student", "Contact", "Users"}
"""What our own sentences say, should someone bear it as a name."""


def _leaks(sandbox: Sandbox, secrets: set[str], said: str) -> list[str]:
    """Count the secrets in a text; a secret itself is never told."""
    telling = {each for each in secrets | sandbox.secrets() if len(each) >= SHORTEST} - WORDS_OF_OURS
    found = [each for each in telling if each in said and re.search(rf"(?<!\w){re.escape(each)}(?!\w)", said)]
    return [f"a secret of {len(each)} characters" for each in found]


def _said(trial: "Trial", result: "SyncResult", log: str) -> str:
    about = trial.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'sync' ORDER BY ALL")
    kept = [trial.rows(f"SELECT COLUMNS(*)::VARCHAR FROM sync.{name}") for (name,) in about]
    assert ("runs",) in about
    assert ("receipts",) in about
    told = [(outcome.error, outcome.unverified, outcome.exceeded, outcome.by_role) for outcome in result.outcomes]
    return "\n".join([repr(told), repr(result.failed_tokens), *map(repr, trial.events), repr(kept), log])


def _spoilt(envelope: dict[str, Any]) -> dict[str, Any]:
    """Put text where objects must be, in every record."""
    for item in envelope["data"]:
        record = item["data"]
        record["roles"] = [record["name"]]
    return envelope


def _many_shapes(envelope: dict[str, Any]) -> dict[str, Any]:
    for number, item in enumerate(envelope["data"]):
        record = item["data"]
        record["name"] = [record["name"], record["name"]["last"], 7, None][number % 4]
        record["roles"] = [record["roles"], record["name"]["last"], [record["email"]]][number % 3]
    return envelope


SAID_TO_FAIL: "dict[str, Effect]" = {
    "401": Status(401),
    "404": Status(404),
    "500": Status(500),
    "HTML": Html(),
    "broken JSON": Garbled(),
    "half a body": Truncated(),
    "no answer": Dropped(),
    "a record twice": RepeatedRecord(),
    "a foreign record": ForeignRecord(),
    "a record without id": WithoutId(),
    "a disagreement": Withheld(2),
    "wrong shapes": Altered(_spoilt),
    "many shapes": Altered(_many_shapes),
    "names for data": Altered(lambda envelope: {"data": [item["data"]["name"]["last"] for item in envelope["data"]]}),
    "data as text": Altered(lambda envelope: {"data": str(envelope["data"])}),
    "names for keys": Altered(
        lambda envelope: envelope | {item["data"]["name"]["last"]: item["data"]["email"] for item in envelope["data"]}
    ),
    "an e-mail in a link": Altered(
        lambda envelope: (
            envelope | {"links": [{"rel": "next", "uri": f"/v3.0/{envelope['data'][0]['data']['email']}?role=student"}]}
        )
    ),
    "an e-mail in a link elsewhere": Altered(
        lambda envelope: (
            envelope
            | {"links": [{"rel": "next", "uri": f"https://elsewhere.example/{envelope['data'][0]['data']['email']}"}]}
        )
    ),
    "a name as a date": Altered(
        lambda envelope: (
            envelope
            | {
                "data": [
                    {"data": item["data"] | {"created": item["data"]["name"]["last"]}} for item in envelope["data"]
                ]
            }
        )
    ),
}


@pytest.fixture(scope="module")
def shared(begin: "Begin") -> "Any":
    """Return a warehouse of two districts that was synced once."""
    with begin(districts=2, users=60) as made:
        made.sync()
        yield made


@pytest.mark.variants(3)
@pytest.mark.parametrize("effect", SAID_TO_FAIL.values(), ids=SAID_TO_FAIL.keys())
def test_nothing_that_is_said_about_a_fault_reports_a_person(
    shared: "Trial", effect: "Effect", caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox = shared.sandbox
    secrets = sandbox.secrets()
    sandbox.inject(effect, district=shared.districts[0], stream="users", role="none")
    sandbox.change_email(sandbox.roster(shared.districts[0]).ids("teacher")[0])
    result = shared.sync(*shared.districts)
    sandbox.heal()
    assert _leaks(sandbox, secrets, _said(shared, result, caplog.text)) == []


def test_nothing_that_is_said_in_good_days_reports_a_person(two: "Trial", caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = two.sandbox.secrets()
    teacher = two.person("teacher")
    two.sandbox.change(
        teacher, {"email": "unheard-of@example.org", "nick": "secretnick", "roles.teacher.badge": "secretbadge"}
    )
    for _ in range(3):
        result = two.sync()
        assert _leaks(two.sandbox, secrets | {"secretnick", "secretbadge"}, _said(two, result, caplog.text)) == []
        two.sandbox.advance(2)


def test_neither_secret_nor_token_is_said_when_clever_refuses_them(
    two: "Trial", caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    two.sync()
    tokens = list(two.sandbox.districts.values())
    two.credentials = ClientCredentials("the-id-of-the-app", "the-secret-of-the-app")
    result = two.sync(*two.districts)
    assert "the-secret-of-the-app" not in _said(two, result, caplog.text)
    for district_id in two.districts:
        two.sandbox.rotate_token(district_id)
    two.credentials = DistrictTokens(tokens)
    result = two.sync(*two.districts)
    said = _said(two, result, caplog.text)
    assert [number for number, token in enumerate(tokens) if token in said] == []


def test_a_leak_would_be_found(trial: "Trial") -> None:
    trial.sync()
    emails = [email for (email,) in trial.rows("SELECT email FROM users WHERE email IS NOT NULL")]
    assert _leaks(trial.sandbox, set(), f"user {emails[0]} is not known") != []
    assert _leaks(trial.sandbox, set(), f"at {dt.datetime.now(dt.UTC)} nothing happened") == []
