"""Which commit wrote what the local copy has, by scope: a file beside the copy, which never says more than the copy has."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from pipelines.disk import sync_to_disk


def known(file: Path) -> dict[str, str]:
    """By scope, the commit that wrote what the copy has; nothing if there is no such file, or none that can be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}


def note(file: Path, commits: Mapping[str, str]) -> None:
    """Put the file in the place of the former one, by one rename.

    Raises:
        OSError: the former one is as it was.
    """
    written = file.with_suffix(".partial")
    written.write_bytes(msgspec.json.encode(commits))
    written.chmod(0o600)
    sync_to_disk(written)
    written.replace(file)
