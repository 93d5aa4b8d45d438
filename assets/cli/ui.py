"""Start the Dagster UI with the settings and the Dagster instance of the command line."""

import os
import sys
from pathlib import Path

from assets import instance, settings
from assets.location import LOCATION

ROOT = Path(__file__).resolve().parents[2]
"""The folder of our packages: the checkout, or where the wheel is installed."""

WORKSPACE = f"load_from: [{{python_module: {{module_name: assets.definitions, location_name: {LOCATION}}}}}]\n"
"""What Dagster loads where there is no checkout."""


def start(host: str, port: int) -> None:
    """Become `dagster dev`, with every setting decided.

    Raises:
        SettingsError: a setting cannot be used, or the instance has a daemon already.
        InstanceError: the database of the instance cannot be reached.
    """
    values = settings.load()
    home = instance.prepare(values)
    instance.require_no_daemon(home)
    paths = {name: value for name, value in values if isinstance(value, Path)} | {"dagster_home": home}
    os.environ |= {name.upper(): str(path.absolute()) for name, path in paths.items()}
    # Dagster's processes find our packages first, whatever else is called `assets`.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    workspace = ROOT / "workspace.yaml"
    if not workspace.exists():
        workspace = home / "storage" / "workspace.yaml"
        workspace.write_text(WORKSPACE, encoding="utf-8")
    what = ["--workspace", str(workspace)]
    # Dagster would let a .env of the current folder win over the environment. This folder is its own and has none.
    os.chdir(home / "storage" if (home / "storage").is_dir() else home)
    # Dagster advises its developers' tool `dg dev` instead, which needs a project of its own form.
    quiet = ["-W", "ignore:Function `dev_command` is superseded"]
    os.execv(  # noqa: S606 - the arguments are ours
        sys.executable, [sys.executable, *quiet, "-m", "dagster", "dev", *what, "--host", host, "--port", str(port)]
    )
