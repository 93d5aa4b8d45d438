"""What Dagster's catalog shows of a stream or a table: its description, columns and their lineage, from the one declaration."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import dagster as dg
import sqlalchemy as sa

from assets import settings
from assets.districts import district_partitions
from assets.location import launchpad
from pipelines.clever import Stream
from pipelines.clever.app import streams_of
from pipelines.records import CATALOG, Tier
from pipelines.warehouse import tables
from pipelines.warehouse.tables import column_type

_SETTINGS: Final = settings.load_for_definitions()

OWNERS: Final = _SETTINGS.clever_owners
"""Who the UI says owns every asset (CLEVER_OWNERS)."""

STREAM_ASSETS: Final = streams_of(_SETTINGS.records)
"""The streams that are assets: those that a sync reads (CLEVER_RECORDS). A backfill of an asset that no run materializes would fail."""

TABLES: Final = tuple(
    table for table in tables.assets() if table.info["stream"] in {stream.record_type for stream in STREAM_ASSETS}
)
"""The tables that are assets: those of these streams."""

SYNC_ALL: Final = f"\n\nTo sync all connected districts, run the job [sync_all]({launchpad('sync_all')})."
"""The end of every description: what to click to bring the asset up to date."""


def stream_key(stream: Stream) -> dg.AssetKey:
    """The asset of a stream."""
    return dg.AssetKey(["clever", stream.name])


def stream_spec(stream: Stream) -> dg.AssetSpec:
    """The asset of a stream."""
    name = stream.record_type.replace("_", " ")
    if stream.role is None:
        declared = CATALOG.stream(stream.record_type)
        description = f"All {name} (GET {stream.path})."
        if declared.per:
            description += f" One request for each of {declared.per}, so they are read only if CLEVER_RECORDS names {declared.name}."
        found = {Tier.INTERNAL, *(field.tier for table in declared.tables for field in table.fields), Tier.UNKNOWN}
    else:
        description = (
            f"{name.capitalize()} with the {stream.role} role (GET {stream.path}?role={stream.role}). "
            f"Used only to verify that clever/{stream.record_type} is complete."
        )
        found = {Tier.INTERNAL}
    return dg.AssetSpec(
        key=stream_key(stream),
        description=f"{description}{SYNC_ALL}",
        group_name="clever",
        kinds={"api", "json"},
        owners=list(OWNERS),
        tags=_tier_tags(found),
        partitions_def=district_partitions,
        skippable=True,
    )


def table_spec(table: sa.Table) -> dg.AssetSpec:
    """The asset of a table: it depends on its stream, and on the views that verify the stream."""
    return dg.AssetSpec(
        key=table.name,
        deps=[stream_key(stream) for stream in STREAM_ASSETS if stream.record_type == table.info["stream"]],
        description=f"{table.comment}{SYNC_ALL}",
        group_name=table.info["group"],
        kinds={"duckdb", "table"},
        owners=list(OWNERS),
        tags=_tier_tags(_tiers(table)),
        skippable=True,
        metadata={"dagster/column_schema": column_schema(table), "dagster/table_name": f"warehouse.main.{table.name}"},
    )


def warehouse_spec() -> dg.AssetSpec:
    """The asset of the published file."""
    return dg.AssetSpec(
        key="warehouse",
        deps=[table.name for table in TABLES],
        description=f"The published file warehouse.duckdb, which analysts open. Published atomically.{SYNC_ALL}",
        group_name="warehouse",
        kinds={"duckdb"},
        owners=list(OWNERS),
        tags=_tier_tags({tier for table in TABLES for tier in _tiers(table)}),
        skippable=True,
    )


def column_schema(table: sa.Table) -> dg.TableSchema:
    """The columns with their types, comments, Clever fields, and sensitivity tiers."""
    return dg.TableSchema(columns=[_column(column) for column in table.columns])


def column_lineage(table: sa.Table) -> dg.TableColumnLineage:
    """Which fields of the stream each column comes from; columns that the warehouse itself fills in have no source."""
    key = dg.AssetKey(["clever", table.info["stream"]])
    return dg.TableColumnLineage(
        deps_by_column={
            column.name: [dg.TableColumnDep(asset_key=key, column_name=path) for path in column.info["sources"]]
            for column in table.columns
        }
    )


def _column(column: sa.Column[Any]) -> dg.TableColumn:
    return dg.TableColumn(
        name=column.name,
        type=column_type(column),
        description=" ".join(filter(None, [column.comment, _fields(column.info["sources"])])),
        constraints=dg.TableColumnConstraints(nullable=bool(column.nullable)),
        tags={"tier": column.info["tier"].value},
    )


def _fields(paths: Sequence[str]) -> str:
    """Name the fields of Clever that a column comes from; Dagster's UI shows no lineage of columns."""
    if not paths:
        return ""
    return f"Clever {'field' if len(paths) == 1 else 'fields'}: {', '.join(paths)}."


def _tiers(table: sa.Table) -> set[Tier]:
    return {column.info["tier"] for column in table.columns}


def _tier_tags(found: Iterable[Tier]) -> Mapping[str, str]:
    """Tags by which the UI finds assets that have columns of a tier: tier/sensitive."""
    return {f"tier/{tier.value}": "" for tier in sorted(found, key=list(Tier).index)}
