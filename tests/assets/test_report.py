"""The report of a sync that Dagster runs: it is of exactly what was published, and a sync goes on without it."""

from typing import TYPE_CHECKING

from pipelines.operations import report

if TYPE_CHECKING:
    from tests.assets.conftest import Deployment


def test_every_sync_writes_the_report_and_succeeds_if_it_cannot(deployment: "Deployment") -> None:
    place = report.place(deployment.trial.warehouse)
    assert deployment.run().success
    finished = deployment.trial.value("SELECT strftime(max(finished_at), '%Y-%m-%d %H:%M UTC') FROM sync.runs")
    assert f"As published {finished}" in place.read_text(encoding="utf-8")
    place.unlink()
    place.mkdir()
    result = deployment.run()
    assert result.success
    messages = [entry.user_message for entry in deployment.dagster.all_logs(result.run_id)]
    assert [each for each in messages if "was not written" in each] == [
        f"The report {place} was not written (Is a directory). The data is published."
    ]
