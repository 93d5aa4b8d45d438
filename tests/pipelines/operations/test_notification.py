"""Alerts reach e-mail, Slack, Teams and plain webhooks over real sockets, and no address is ever shown."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from apprise.plugins.slack import NotifySlack

from pipelines.operations import notification
from pipelines.operations.notification import Severity
from tests import services

TITLE, TEXT = "clever-warehouse: 2 alerts", "Elk & <b>Sons</b> is held.\nRun `clever-warehouse holds`."

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


@pytest.fixture
def webhook() -> Iterator[services.Webhook]:
    with services.webhook() as made:
        yield made


def deliver(url: str) -> notification.Refusal | None:
    (address,) = notification.addresses([url])
    return address.deliver(TITLE, TEXT, Severity.WARNING)


def test_a_webhook_receives_title_and_text_as_json(webhook: services.Webhook) -> None:
    assert deliver(webhook.json_url) is None
    ((path, sent),) = webhook.received
    assert path == "/secret-of-json"
    assert (sent["title"], sent["message"], sent["type"]) == (TITLE, TEXT, "warning")


def test_slack_receives_a_message_without_images_of_other_servers(
    webhook: services.Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Slack's host is fixed in the library.
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://127.0.0.1:{webhook.port}/services")
    assert deliver(SLACK) is None
    ((path, sent),) = webhook.received
    assert path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    assert "clever-warehouse holds" in json.dumps(sent)
    assert TITLE in json.dumps(sent)
    assert "http" not in json.dumps(sent)


def test_teams_receives_an_adaptive_card_over_tls_that_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    certificate = services.certificate(tmp_path)
    with services.webhook(certificate) as webhook:
        url = f"workflows://127.0.0.1:{webhook.port}/643e69f83c89/KODuebWbDGYF"
        assert deliver(url) is not None
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert deliver(url) is None
    ((path, sent),) = webhook.received
    assert path.startswith("/workflows/643e69f83c89/triggers/manual/paths/invoke?")
    (card,) = sent["attachments"]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    shown = [block["text"].replace("\\", "") for block in card["content"]["body"]]
    assert shown == [TITLE, TEXT]


def test_every_recipient_receives_an_e_mail_in_which_names_are_no_markup() -> None:
    with services.mail_server() as (port, received):
        assert (
            deliver(f"mailto://127.0.0.1:{port}?from=ops@example.org&to=a@example.org,b@example.org&format=html")
            is None
        )
    assert [(str(mail["To"]), str(mail["Subject"])) for mail in received] == [
        ("a@example.org", TITLE),
        ("b@example.org", TITLE),
    ]
    for mail in received:
        html = mail.get_body(("html",))
        assert html is not None
        assert "Elk &amp; &lt;b&gt;Sons&lt;/b&gt; is held." in html.get_content().replace("&nbsp;", " ")


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_refusal_has_the_status_and_nothing_of_the_address(
    webhook: services.Webhook, status: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    webhook.status = status
    (address,) = notification.addresses([webhook.json_url])
    refusal = address.deliver(TITLE, TEXT, Severity.WARNING)
    assert f"{address} {refusal}" == f"Address 1 (JSON) did not accept the message (HTTP status {status})"
    assert caplog.text + "".join(capfd.readouterr()) == ""
    assert "secret" not in repr(address)


def test_a_server_that_is_not_there_is_a_refusal_without_status() -> None:
    with services.webhook() as gone:
        pass
    assert str(deliver(gone.json_url)) == "did not accept the message"


@pytest.mark.parametrize("bad", ["nonsense", "foo://secret@bar", "slack://secret", "mailto://", "https:/secret"])
def test_a_bad_address_is_reported_by_its_position_without_its_content(
    bad: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(
        ValueError, match=r"^address 2 of 3 is not an address of a service that Apprise knows"
    ) as raised:
        notification.addresses([SLACK, bad, SLACK])
    assert bad not in str(raised.value)
    assert caplog.text + "".join(capfd.readouterr()) == ""


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("", []),
        (" , ", []),
        ("json://a/b", ["json://a/b"]),
        ("json://a/b,json://c", ["json://a/b", "json://c"]),
        ("json://a/b, json://c\n json://d,", ["json://a/b", "json://c", "json://d"]),
        ("mailto://h?to=a@b.org,c@d.org,json://e", ["mailto://h?to=a@b.org,c@d.org", "json://e"]),
        ("json://a nonsense", ["json://a", "nonsense"]),
    ],
)
def test_addresses_are_separated_by_blanks_or_commas(text: str, urls: list[str]) -> None:
    assert notification.split(text) == urls
