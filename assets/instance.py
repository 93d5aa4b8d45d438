"""Which Dagster instance is used: the one of DAGSTER_HOME, which a team may share, else one in the folder of the warehouse."""

import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import sqlalchemy as sa
from dagster._check import CheckError
from sqlalchemy import event

from assets import settings
from assets.storage import EventLog

OURS = Path(__file__).with_name("dagster.yaml")
"""Our settings of Dagster, for an instance in SQLite."""

EARLIER_SETTINGS = frozenset(
    {
        "478cf06c8dcfed60159ef89595c45183cd27aec005f7ef9a6cc8ba207d9834b5",
        "99ba48fe05cf475cd59fe17321c12da19b486b727bfbc5d90b418c9a8dc2aa83",
        "64dc587a99c73d8f18c647fc03411882ac8a1ec62c5ab6ff9fe156d141baf333",
    }
)
"""SHA-256 of each dagster.yaml that earlier versions shipped; one that no one edited is replaced by the present one."""

ADVICE = {
    "locked": "Close the program that keeps the database locked (a database browser or a backup, for instance)",
    "full": "Free some disk space",
    "readonly": "Let the user who runs this write there",
    "unable to open": "Let the user who runs this write there",
    "malformed": "Move this folder away, so that a new one is made",
    "not a database": "Move this folder away, so that a new one is made",
}
"""What to do, by words of SQLite's messages."""

SHARED = "'clever-warehouse[shared]'"
"""What is installed for an instance in PostgreSQL."""


HEARTBEAT_SECONDS = 60.0
"""Seconds after which a daemon that has not reported itself is taken for gone; it does so every 30."""


class InstanceError(settings.SettingsError):
    """Dagster cannot store its events; the message says where and why in one sentence."""


@contextmanager
def opened() -> Iterator[dg.DagsterInstance]:
    """The instance that the UI also uses; made if there is none yet.

    Raises:
        SettingsError: a setting cannot be used.
        InstanceError: Dagster could not store its events while the block ran.
    """
    home = prepare(settings.load())
    os.environ["DAGSTER_HOME"] = str(home)
    if not event.contains(sa.Engine, "connect", _without_waiting_for_the_disk):
        event.listen(sa.Engine, "connect", _without_waiting_for_the_disk)
    try:
        with _instance(home) as instance:
            yield instance
    except Exception as error:
        # Dagster's PostgreSQL storage wraps what the database says in an exception of its own.
        refusal = error if isinstance(error, sa.exc.DBAPIError) else error.__cause__
        if not isinstance(refusal, sa.exc.DBAPIError):
            raise
        raise InstanceError(_refusal(home, refusal)) from None


def _instance(home: Path) -> dg.DagsterInstance:
    """The instance of a folder.

    Raises:
        SettingsError: its dagster.yaml cannot be used.
        sqlalchemy.exc.DBAPIError: its database cannot be used, or the cause of another exception is that.
    """
    file = home / "dagster.yaml"
    try:
        return dg.DagsterInstance.get()
    except (dg.DagsterInvalidConfigError, CheckError) as error:
        variable = re.search(r"environment variable \"(\w+)\" which is not set", str(error))
        package = re.search(r"Couldn't import module (\w+)", str(error))
        if variable:
            message = f"{file} names the variable {variable[1]}, which is not set: set it as for the other processes of Dagster."
        elif package:
            message = f"{file} needs the package {package[1].replace('_', '-')}, which is not installed: run `pip install {SHARED}`."
        else:
            message = (
                f"{file} cannot be used as settings of Dagster: run `dagster instance info` to see what is wrong in it."
            )
        raise settings.SettingsError(message) from None


def _refusal(home: Path, error: sa.exc.DBAPIError) -> str:
    """What is to be done where the database of an instance refuses, as sentences."""
    reason = str(error.orig).partition("\n")[0]
    if isinstance(error.orig, sqlite3.Error):
        advice = next((advice for words, advice in ADVICE.items() if words in reason), "See that it can")
        return (
            f"Dagster cannot store its runs in {home} ({reason}). {advice}, and run the command again. "
            "The published file is whole."
        )
    return (
        f"Dagster cannot store its runs in the database that {home / 'dagster.yaml'} names ({reason}). See that the database runs and "
        "accepts this user, and run the command again. What is published is whole."
    )


def lacks_our_settings(file: Path) -> bool:
    """Whether there is no dagster.yaml, or that of an earlier version, as it was shipped."""
    return not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() in EARLIER_SETTINGS


def has_our_settings(home: Path) -> bool:
    """Whether Dagster's settings in a folder are ours, or will be; else they are those of a dagster.yaml that somebody wrote."""
    file = home / "dagster.yaml"
    return lacks_our_settings(file) or file.read_bytes() == OURS.read_bytes()


def is_shared(instance: dg.DagsterInstance) -> bool:
    """Whether an instance has another storage than the one of our settings: it may hold runs of other code locations."""
    return not isinstance(instance.event_log_storage, EventLog)


def require_no_daemon(home: Path) -> None:
    """Refuse a second daemon beside that of a shared instance: both would start each scheduled run.

    Raises:
        SettingsError: a daemon of the instance has just been alive.
        InstanceError: the database of the instance cannot be reached.
    """
    if has_our_settings(home):
        return
    with opened() as instance:
        if not is_shared(instance):
            return
        beats = [heartbeat.timestamp for heartbeat in instance.get_daemon_heartbeats().values()]
    if any(time.time() - beat < HEARTBEAT_SECONDS for beat in beats):
        message = (
            f"The Dagster of {home / 'dagster.yaml'} has a daemon already, and a second one would start each scheduled run again: open "
            "the UI that belongs to it, or stop that daemon first."
        )
        raise settings.SettingsError(message)


def prepare(values: settings.Settings) -> Path:
    """Make the folder of the instance, if there is none yet, with our settings of Dagster.

    A folder with a dagster.yaml that somebody wrote is left as it is: runs may be kept elsewhere, and this one be read-only.

    Raises:
        SettingsError: Dagster cannot keep its runs there.
    """
    home = values.dagster_folder
    try:
        if not has_our_settings(home):
            return home
        (home / "storage").mkdir(parents=True, exist_ok=True)
        if lacks_our_settings(home / "dagster.yaml"):
            shutil.copyfile(OURS, home / "dagster.yaml")
        with tempfile.TemporaryFile(dir=home):
            pass  # the folder may be there and closed
    except OSError as error:
        setting = "DAGSTER_HOME" if values.dagster_home else "CLEVER_WAREHOUSE_DIR"
        message = (
            f"Dagster cannot keep its runs in {home} ({error.strerror}): set {setting} to a folder that the user who runs this "
            "may write to."
        )
        raise settings.SettingsError(message) from None
    return home


def _without_waiting_for_the_disk(connection: object, _record: object) -> None:
    """Let Dagster's SQLite go on before an event is on disk; its write-ahead log stays whole if this process dies.

    Dagster stores every event in two transactions of their own, and with hundreds of districts the waits add up to minutes.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = NORMAL")
