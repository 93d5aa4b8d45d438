"""The code location that Dagster shows our definitions under, how runs of commands come to stand there, and links to its jobs."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import yaml

LOCATION: Final = "clever_warehouse"
"""The name that workspace.yaml gives."""

IN_LOCATION: Final = {".dagster/repository": f"__repository__@{LOCATION}"}
"""Tags that put a run of a command on the page of its job and on the timeline, as if the code location had started it."""


def launchpad(job: str, config: Mapping[str, Any] | None = None) -> str:
    """The link that opens a job's Launchpad, filled in if there is a config."""
    page = f"/locations/{LOCATION}/jobs/{job}/playground"
    if config is None:
        return page
    return f"{page}/setup?config={quote(yaml.safe_dump(config, sort_keys=False), safe='')}"
