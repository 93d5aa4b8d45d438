"""What a shell completes: IDs of districts, digests of holds, and kept files, from the published file and without Dagster."""

from contextlib import closing
from pathlib import Path

Completions = list[tuple[str, str]]
"""What can be completed, and what it is."""


def districts(incomplete: str) -> Completions:
    """IDs of districts, with their names."""
    return _completed(incomplete, "shown/completed_districts")


def holds(incomplete: str) -> Completions:
    """Digests of snapshots that can be decided, with the names of their districts."""
    return _completed(incomplete, "shown/completed_holds")


def kept(incomplete: str) -> Completions:
    """Names of kept files."""
    try:
        files = sorted((_places()[0] / "state" / "published").glob("*.duckdb"), reverse=True)
    except Exception:  # noqa: BLE001 - as below
        return []
    return [(file.stem, "") for file in files if file.stem.startswith(incomplete)]


def _completed(incomplete: str, query: str) -> Completions:
    """The rows of a query that begin with a text; none if they cannot be had, because a shell would show the error in its line."""
    try:
        from pipelines.warehouse.statements import statement
        from pipelines.warehouse.store import Warehouse

        folder, key_file = _places()
        with closing(Warehouse(folder, key_file=key_file).reading()) as connection:
            rows = connection.execute(statement(query)).fetchall()
    except Exception:  # noqa: BLE001 - whatever it is, there is nothing to complete
        return []
    return [(value, what) for value, what in rows if value.startswith(incomplete.lower())]


def _places() -> tuple[Path, Path | None]:
    """The folder of the warehouse and the file of its key, as the settings say."""
    from assets import settings

    settings.complete_environment()
    values = settings.load()
    return values.clever_warehouse_dir, values.clever_encryption_key_file
