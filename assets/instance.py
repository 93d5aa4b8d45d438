"""Which Dagster instance is used: the one of DAGSTER_HOME, else one beside the warehouse."""

import hashlib
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

EARLIER_SETTINGS = frozenset(
    {
        "478cf06c8dcfed60159ef89595c45183cd27aec005f7ef9a6cc8ba207d9834b5",
        "99ba48fe05cf475cd59fe17321c12da19b486b727bfbc5d90b418c9a8dc2aa83",
        "64dc587a99c73d8f18c647fc03411882ac8a1ec62c5ab6ff9fe156d141baf333",
    }
)
"""SHA-256 of each dagster.yaml that earlier versions shipped; one that nobody edited is replaced by the present one."""


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
    if _lacks_our_settings(home / "dagster.yaml"):
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


def _lacks_our_settings(file: Path) -> bool:
    """Whether there is no dagster.yaml, or that of an earlier version, as it was shipped."""
    return not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() in EARLIER_SETTINGS


def _without_waiting_for_the_disk(connection: object, _record: object) -> None:
    """Let Dagster's SQLite go on before an event is on disk; its write-ahead log stays whole if this process dies.

    Dagster stores every event in two transactions of their own, and with hundreds of districts the waits add up to minutes.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = NORMAL")
