"""Which Dagster instance is used: the one of DAGSTER_HOME, else one in the folder of the warehouse."""

import hashlib
import os
import shutil
import sqlite3
import tempfile
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


class InstanceError(Exception):
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
        with dg.DagsterInstance.get() as instance:
            yield instance
    except sa.exc.DBAPIError as error:
        advice = next((advice for words, advice in ADVICE.items() if words in str(error.orig)), "See that it can")
        message = (
            f"Dagster cannot store its runs in {home} ({error.orig}). {advice}, and run the command again. "
            "The published file is whole."
        )
        raise InstanceError(message) from None


def lacks_our_settings(file: Path) -> bool:
    """Whether there is no dagster.yaml, or that of an earlier version, as it was shipped."""
    return not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() in EARLIER_SETTINGS


def prepare(values: settings.Settings) -> Path:
    """Make the folder of the instance, if there is none yet, with our settings of Dagster.

    Raises:
        SettingsError: Dagster cannot keep its runs there.
    """
    home = values.dagster_folder
    try:
        (home / "storage").mkdir(parents=True, exist_ok=True)
        if lacks_our_settings(home / "dagster.yaml"):
            shutil.copyfile(Path(__file__).with_name("dagster.yaml"), home / "dagster.yaml")
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
