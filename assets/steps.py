"""Run the body of a step: stop on a signal, fail for good, or let Dagster retry."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from assets import processes
from assets.names import DistrictNames
from assets.progress_lines import ProgressLines, is_warning
from assets.settings import SettingsError
from pipelines import interruption
from pipelines.clever import CleverError
from pipelines.interruption import Interrupted
from pipelines.progress import Event, Report, silent
from pipelines.warehouse import DamagedError, StatementError, Warehouse, WarehouseError

RETRY_DELAY_SECONDS = 5
"""Seconds before a step is tried again."""


@contextmanager
def running(
    context: dg.OpExecutionContext | dg.AssetExecutionContext, warehouse: Warehouse, *, retries: int = 0
) -> Iterator[None]:
    """Run the body of a step.

    A signal (Terminate in the UI sends one too) stops it where nothing is half done, and the run ends as canceled. A retry
    policy of Dagster would try an interrupted step again, and one that fails for want of a setting; here only what may go
    well the next time is tried again.
    """
    try:
        with interruption.deferred(), processes.alive(warehouse.runs, context.run.run_id):
            yield
    except Interrupted as interrupted:
        context.log.warning(str(interrupted))
        run = context.instance.get_run_by_id(context.run.run_id)
        if run is not None and run.status is dg.DagsterRunStatus.STARTED:  # stopped by a signal, not by the UI
            context.instance.report_run_canceling(run, str(interrupted))
        raise dg.DagsterExecutionInterruptedError(str(interrupted)) from None
    except (dg.Failure, dg.DagsterError):
        raise
    except (SettingsError, CleverError, WarehouseError) as error:
        if isinstance(error, StatementError | DamagedError) and context.retry_number < retries:
            raise dg.RetryRequested(retries, RETRY_DELAY_SECONDS) from error
        raise dg.Failure(str(error), allow_retries=False) from None
    except Exception as error:
        if context.retry_number < retries:
            raise dg.RetryRequested(retries, RETRY_DELAY_SECONDS) from error
        raise


def reporting(
    context: dg.OpExecutionContext | dg.AssetExecutionContext, warehouse: Warehouse, progress: Report = silent
) -> Report:
    """A function that writes the lines of events to the log of the run, and passes the events on to a terminal that runs it."""
    lines = ProgressLines(DistrictNames(warehouse))

    def report(event: Event) -> None:
        line = lines.line(event)
        if line is not None:
            (context.log.warning if is_warning(event) else context.log.info)(line)
        progress(event)

    return report
