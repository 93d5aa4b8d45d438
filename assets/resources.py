"""What the assets work with: the app at Clever and the warehouse, made from the settings when a run needs them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import dagster as dg

from assets import copies, settings
from pipelines import interruption
from pipelines.clever import Clever, Exchange, NetworkSettingError, RetryPolicy
from pipelines.clever.app import CleverApp
from pipelines.progress import Report
from pipelines.sync import LimitsByDistrict
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from pipelines.warehouse.lake import LakeWarehouse


@contextmanager
def opened_app(
    retry_policy: RetryPolicy | None = None, on_exchange: Callable[[Exchange], None] | None = None
) -> Iterator[CleverApp]:
    """The app at Clever, as the settings say; closed at the end of the block.

    Args:
        retry_policy: how often and how long failed requests are retried; as for a sync if None.
        on_exchange: observes every request.

    Raises:
        SettingsError: there are no credentials, or a setting cannot be used, or a variable that names a proxy or certificates.
    """
    values = settings.load()
    try:
        clever = Clever(
            values.clever_api_url,
            values.clever_oauth_url,
            values.clever_api_version,
            values.credentials,
            retry_policy=retry_policy,
            on_exchange=on_exchange,
            environment=settings.environment(),
        )
    except NetworkSettingError as error:
        message = f"{error}."
        raise settings.SettingsError(message) from None
    with clever, interruption.on_interrupt(clever.close):
        yield CleverApp(clever, values.records)


def warehouse() -> Warehouse:
    """The warehouse, as the settings say.

    Raises:
        SettingsError: a setting cannot be used.
    """
    values = settings.load()
    if values.lake:
        return lake_warehouse(values.lake, values.clever_lake_data)
    return file_warehouse()


def file_warehouse() -> Warehouse:
    """The warehouse as a published file, whatever its destination is set to.

    Raises:
        SettingsError: a setting cannot be used.
    """
    values = settings.load()
    return Warehouse(
        values.clever_warehouse_dir,
        keep_published=values.clever_keep_published,
        keep_published_days=values.clever_keep_published_days,
        **_options(),
    )


def worker_warehouse(worker: str) -> "LakeWarehouse":
    """The part of a lake that one of several workers syncs.

    Args:
        worker: Which one, such as "2 of 4".

    Raises:
        SettingsError: a setting cannot be used, or CLEVER_WAREHOUSE names no lake.
    """
    values = settings.load()
    if not values.lake:
        message = "Several workers sync a lake only: set CLEVER_WAREHOUSE to one, or launch the run without a worker."
        raise settings.SettingsError(message)
    number, count = map(int, worker.split(" of "))
    return lake_warehouse(values.lake, values.clever_lake_data, (number - 1, count))


def lake_warehouse(catalog: str, data: str, part: tuple[int, int] = (0, 1)) -> "LakeWarehouse":
    """The warehouse in a lake, whatever its destination is set to.

    Args:
        catalog: How the catalog is reached, as PostgreSQL's own library takes it.
        data: Where the Parquet files are.
        part: Which of how many parts of the districts is written, from 0.

    Raises:
        SettingsError: a setting cannot be used.
    """
    # PostgreSQL's library takes 30 ms to import: only where there is a lake.
    try:
        from pipelines.warehouse.lake import Lake, LakeWarehouse, Part  # noqa: PLC0415
    except ModuleNotFoundError as error:
        message = f"A lake needs the package {error.name}, which is not installed. Run `pip install 'clever-warehouse[lake]'`."
        raise settings.SettingsError(message) from None

    values = settings.load()
    lake = Lake(catalog, data, settings.environment(), memory_limit=values.clever_duckdb_memory_limit)
    return LakeWarehouse(
        values.clever_warehouse_dir,
        lake,
        part=Part(*part),
        snapshot_days=values.clever_lake_snapshot_days,
        **_options(),
    )


def _options() -> dict[str, Any]:
    values = settings.load()
    return {
        "memory_limit": values.clever_duckdb_memory_limit,
        "accepts_host_change": values.clever_host_change == "accept",
        "history_days": values.clever_history_days,
        "keeps_landings": values.clever_landings == "keep",
        "published_mode": values.clever_published_mode,
        "published_group": values.clever_published_group,
        "key_file": values.clever_encryption_key_file and values.clever_encryption_key_file.absolute(),
        "on_published": _publish_beside,
    }


def _publish_beside(published: Warehouse, progress: Report) -> None:
    """Write report.html and the copies that the settings ask for, beside the file that was just published."""
    # The library of the report takes 60 ms to import: not for commands that only read.
    from pipelines.operations import report  # noqa: PLC0415

    report.refresh(published, progress)
    copies.refresh(published, progress)


class CleverAppResource(dg.ConfigurableResource[CleverApp]):
    """Gives a run the app at Clever."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[CleverApp]:  # noqa: ARG002 (Dagster's signature)
        """The app, closed when the run ends."""
        with opened_app() as app:
            yield app


class WarehouseResource(dg.ConfigurableResource[Warehouse]):
    """Gives a run the warehouse."""

    def create_resource(self, context: dg.InitResourceContext) -> Warehouse:  # noqa: ARG002 (Dagster's signature)
        """The warehouse."""
        return warehouse()


class LimitsResource(dg.ConfigurableResource[LimitsByDistrict]):
    """Gives a run the limits of what a sync may change by itself."""

    def create_resource(self, context: dg.InitResourceContext) -> LimitsByDistrict:  # noqa: ARG002 (Dagster's signature)
        """The limits."""
        return settings.load().limits
