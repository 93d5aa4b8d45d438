"""No one's data in a log: everything that Dagster keeps and the terminal shows is searched for the sandbox's people."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.sandbox import Altered, ForeignRecord, Html, RepeatedRecord, Status, WithoutId
from pipelines.sandbox.faults import Effect

if TYPE_CHECKING:
    from tests.conftest import Begin
    from tests.end_to_end.conftest import Terminal

SHORTEST = 5
"""Characters of a secret that is searched for; shorter ones are words of every log."""


def found(secrets: set[str], text: str) -> list[str]:
    """The secrets that stand in a text as whole words, as they are or as JSON writes them."""
    spelled = {each: {each, json.dumps(each)[1:-1]} for each in secrets if len(each) >= SHORTEST}
    return [
        each
        for each, ways in spelled.items()
        if any(way in text and re.search(rf"(?<!\w){re.escape(way)}(?!\w)", text) for way in ways)
    ]


def kept(home: Path) -> dict[str, str]:
    """Everything that Dagster keeps, by file."""
    return {
        file.relative_to(home).as_posix(): file.read_bytes().decode("utf-8", "ignore")
        for file in home.rglob("*")
        if file.is_file()
    }


def mistyped(page: dict[str, Any]) -> dict[str, Any]:
    """A page on which names and e-mails stand where times, lists and objects belong."""
    for item in page["data"]:
        record = item["data"]
        name, email = record["name"]["last"], record.get("email")
        record["created"], record["last_modified"], record["roles"] = name, email, [name]
    return page


def renamed(page: dict[str, Any]) -> dict[str, Any]:
    """A page on which a name takes the place of an id."""
    page["data"][0]["data"]["id"] = page["data"][0]["data"]["name"]["last"]
    return page


EFFECTS: tuple[Effect, ...] = (
    Status(401),
    Status(403),
    Html(),
    ForeignRecord(),
    RepeatedRecord(),
    WithoutId(),
    Altered(mistyped),
    Altered(renamed),
)


def test_the_search_finds_what_is_there() -> None:
    assert found({"Ødegård", "Lee", "ann@x.example"}, 'x "\\u00d8deg\\u00e5rd" Lee') == ["Ødegård"]
    assert found({"Stone"}, "Stonehenge") == []


@pytest.mark.search
def test_no_fault_brings_personal_data_into_what_dagster_keeps_or_the_terminal_shows(
    terminal: "Terminal", begin: "Begin", tmp_path: Path
) -> None:
    home = tmp_path / "dagster"
    with begin(districts=len(EFFECTS) + 1, users=25) as trial:
        secrets = trial.sandbox.secrets()
        assert len(secrets) > 200
        for district, effect in zip(trial.districts, EFFECTS, strict=False):
            trial.sandbox.inject(effect, district=district, stream="users")
        faulty = terminal.run("sync", on=trial, DAGSTER_HOME=str(home))
        assert faulty.code == 1
        assert faulty.out.count("  failed") >= len(EFFECTS) - 1, faulty.out
        trial.sandbox.heal()
        mended = terminal.run("sync", on=trial, DAGSTER_HOME=str(home))
        assert mended.code == 0, mended.out
        status = terminal.run("status", on=trial, DAGSTER_HOME=str(home))
        said = "".join(ended.out + ended.err for ended in (faulty, mended, status))
        assert found(secrets, said) == []
        files = kept(home)
        assert any(name.endswith(".db") for name in files)
        assert {name: seen for name, text in files.items() if (seen := found(secrets, text))} == {}
