"""What the tests of the commands stand on: a way to run clever-warehouse on the warehouse of a trial."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from assets.cli.commands import command

if TYPE_CHECKING:
    from tests.conftest import Trial


@pytest.fixture
def run(trial: "Trial", monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Run clever-warehouse in a folder of its own, with the settings of the trial."""
    for name, value in {
        "CLEVER_API_URL": trial.url,
        "CLEVER_OAUTH_URL": trial.url,
        "CLEVER_CLIENT_ID": "sandbox",
        "CLEVER_CLIENT_SECRET": "sandbox",
        "CLEVER_WAREHOUSE_DIR": str(trial.folder),
        # A command sets it for Dagster; in this process it would stay for the next test.
        "DAGSTER_HOME": "",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def running(*arguments: str) -> Result:
        return CliRunner().invoke(command, list(arguments))

    return running
