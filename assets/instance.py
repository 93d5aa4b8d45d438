"""Which Dagster instance is used: the one of DAGSTER_HOME, else one beside the warehouse."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import sqlalchemy as sa
from sqlalchemy import event

from assets import settings


class InstanceError(Exception):
    """Dagster cannot store what it is told; the message is a sentence that says where and why."""


@contextmanager
def opened() -> Iterator[dg.DagsterInstance]:
    """The instance that the UI also uses; made if there is none yet.

    Raises:
        SettingsError: a setting cannot be used.
        InstanceError: Dagster could not store what it was told, while the block ran.
    """
    values = settings.load()
    home = (values.dagster_home or values.clever_warehouse_dir / "dagster").absolute()
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copyfile(Path(__file__).with_name("dagster.yaml"), home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    if not event.contains(sa.Engine, "connect", _without_waiting_for_the_disk):
        event.listen(sa.Engine, "connect", _without_waiting_for_the_disk)
    try:
        with dg.DagsterInstance.get() as instance:
            yield instance
    except sa.exc.DBAPIError as error:
        message = (
            f"Dagster cannot store its runs in {home} ({error.orig}): make room there if the disk is full. What is published is "
            "whole; run the same again."
        )
        raise InstanceError(message) from None


def _without_waiting_for_the_disk(connection: object, _record: object) -> None:
    """Let Dagster's SQLite go on before an event is on disk; its write-ahead log stays whole if this process dies.

    Dagster stores every event in two transactions of their own, and with hundreds of districts the waits add up to minutes.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = NORMAL")
