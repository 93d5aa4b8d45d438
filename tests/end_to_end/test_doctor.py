"""`clever-warehouse doctor` as a person runs it: in a narrow terminal, with its exit codes."""

import re
from typing import TYPE_CHECKING

from pipelines.sandbox import IgnoredRole, Status

if TYPE_CHECKING:
    from tests.conftest import Trial
    from tests.end_to_end.conftest import Terminal


def test_every_line_fits_into_80_columns_and_says_what_to_do(terminal: "Terminal", trial: "Trial") -> None:
    well = terminal.run("doctor", on=trial, COLUMNS="80")
    assert (well.code, well.err) == (0, "")
    trial.sandbox.inject(IgnoredRole(), stream="users", role="staff")
    trial.sandbox.inject(Status(403), version="v3.1")
    ill = terminal.run("doctor", on=trial, COLUMNS="80")
    assert (ill.code, ill.err) == (1, "")
    tables = [line for ended in (well, ill) for line in ended.out.splitlines() if line.startswith(" ")]
    assert max(len(line) for line in tables) <= 80
    assert "…" not in ill.out
    assert re.search(r"^ fail +role filters +The filter shows users", ill.out, re.MULTILINE)
    assert re.search(r"^ +Fix: Check that no proxy changes", ill.out, re.MULTILINE)
    assert re.search(r"^ warning +other API version +API v3\.1 cannot be read", ill.out, re.MULTILINE)
    assert re.search(r"^Checks: failed 1, warnings 1, passed \d+, not checked \d+\. ", ill.out, re.MULTILINE)
    assert list(terminal.folder.iterdir()) == []
    assert list(trial.folder.iterdir()) == []


def test_doctor_without_credentials_ends_with_code_2(terminal: "Terminal") -> None:
    ended = terminal.run("doctor")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("No Clever credentials: ")
