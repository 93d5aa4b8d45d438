"""What does Dagster itself cost? A job with nothing in it, run in this process as `clever-warehouse sync` runs its own.

It opens the instance of DAGSTER_HOME, which a sync has made: with its settings and its storage, and with the same events of
a run, a step and its end.
"""

import dagster as dg

QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}
"""Dagster's own lines do not reach the terminal, as in a sync."""


@dg.op
def nothing() -> None:
    """Do nothing."""


@dg.job
def empty() -> None:
    """Run a step that does nothing."""
    nothing()


if __name__ == "__main__":
    with dg.DagsterInstance.get() as instance:
        empty.execute_in_process(instance=instance, run_config=dg.RunConfig(loggers=QUIET))
