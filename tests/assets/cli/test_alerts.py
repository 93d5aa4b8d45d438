"""The command alerts, as an operator uses it: what it shows, and how a test of the addresses ends."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from typer.testing import Result

from pipelines.sandbox import Status
from tests import services

if TYPE_CHECKING:
    from tests.conftest import Trial

Run = Callable[..., Result]


def test_alerts_shows_the_addresses_and_what_needs_attention(
    run: Run, trial: "Trial", monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.sync()
    trial.sandbox.inject(Status(403), district=trial.districts[0])
    trial.sync()
    result = run("alerts")
    assert result.exit_code == 0
    assert "CLEVER_ALERTS names no address" in result.output
    assert "The latest sync of " in result.output
    monkeypatch.setenv("CLEVER_ALERTS", "json://localhost/secret slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ")
    result = run("alerts")
    assert "Address 1 (JSON).\nAddress 2 (Slack).\n" in result.output
    document = json.loads(run("alerts", "--json").stdout)
    assert document["addresses"] == ["Address 1 (JSON)", "Address 2 (Slack)"]
    assert any(text.startswith("The latest sync of ") for text in document["needs_attention"])
    assert document["unreadable"] is None
    assert "secret" not in f"{result.output} {document}"


def test_a_test_message_reaches_every_address_and_a_refusal_needs_attention(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with services.webhook() as good, services.webhook() as bad:
        bad.status = 404
        monkeypatch.setenv("CLEVER_ALERTS", good.json_url)
        assert run("alerts", "--test").exit_code == 0
        monkeypatch.setenv("CLEVER_ALERTS", f"{bad.json_url} {good.json_url}")
        result = run("alerts", "--test")
    assert result.exit_code == 1
    assert result.output == (
        "Address 1 (JSON) did not accept the message (HTTP status 404).\nAddress 2 (JSON) accepted the message.\n"
    )
    assert [text.partition("\n")[0] for text in good.texts] == ["clever-warehouse: test"] * 2


def test_a_test_needs_addresses_that_can_be_used(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("alerts", "--test")
    assert (result.exit_code, "CLEVER_ALERTS names no address. Fix: " in result.output) == (2, True)
    monkeypatch.setenv("CLEVER_ALERTS", "json://localhost/one,nonsense://secret")
    result = run("alerts", "--test")
    assert (result.exit_code, "address 2 of 2 is not an address" in result.output) == (2, True)
    assert "secret" not in result.output


def test_file_that_cannot_be_read_is_no_sign_that_all_is_well(run: Run, trial: "Trial") -> None:
    trial.sync()
    trial.warehouse.published.write_bytes(b"no database")
    result = run("alerts")
    assert "cannot be opened" in result.output
    assert "Nothing needs attention." not in result.output
    assert json.loads(run("alerts", "--json").stdout)["unreadable"]
