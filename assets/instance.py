"""Which Dagster instance is used: the one of DAGSTER_HOME, else one beside the warehouse."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from assets import settings


@contextmanager
def opened() -> Iterator[dg.DagsterInstance]:
    """The instance that the UI also uses; made if there is none yet.

    Raises:
        SettingsError: a setting cannot be used.
    """
    values = settings.load()
    home = (values.dagster_home or values.clever_warehouse_dir / "dagster").absolute()
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copyfile(Path(__file__).with_name("dagster.yaml"), home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    with dg.DagsterInstance.get() as instance:
        yield instance
