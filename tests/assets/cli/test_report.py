"""The command `clever-warehouse report`: one page, beside the published file or where the operator wants it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from typer.testing import Result

if TYPE_CHECKING:
    from tests.conftest import Trial

Run = Callable[..., Result]


def test_report_is_written_next_to_the_published_file_or_where_output_says(run: Run, trial: "Trial") -> None:
    trial.sync()
    done = run("report")
    assert (done.exit_code, done.stdout) == (0, f"Wrote {trial.folder / 'report.html'}.\n")
    for _ in range(2):  # an earlier report is replaced
        done = run("report", "--output", "mine.html")
        assert (done.exit_code, done.stdout) == (0, "Wrote mine.html.\n")
    assert Path("mine.html").read_text().startswith("<!doctype html>")
    assert [file.name for file in Path().iterdir()] == ["mine.html"]


def test_report_does_not_replace_a_file_that_is_no_report(run: Run, trial: "Trial") -> None:
    trial.sync()
    before = trial.warehouse.published.read_bytes()
    done = run("report", "--output", str(trial.warehouse.published))
    assert done.exit_code == 2
    assert "exists and is not a report, so it was not replaced" in done.stderr
    assert trial.warehouse.published.read_bytes() == before


def test_report_without_a_published_file_or_a_folder_to_write_to_ends_in_a_sentence(run: Run, trial: "Trial") -> None:
    done = run("report")
    assert done.exit_code == 1
    assert "run `clever-warehouse sync` first" in done.stderr
    trial.sync()
    done = run("report", "--output", "nowhere/report.html")
    assert done.exit_code == 1
    assert "No such file or directory" in done.stderr
    assert "Traceback" not in done.output
