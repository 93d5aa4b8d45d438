"""What Dagster's catalog shows of a stream or a table: its description, columns and their lineage, from the one declaration."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import dagster as dg
import sqlalchemy as sa

from assets.districts import district_partitions
from pipelines.clever import STREAMS, Stream
from pipelines.records import CATALOG, Tier
from pipelines.warehouse import tables
from pipelines.warehouse.dictionary import column_type

OWNERS: Final = ("team:data-engineering",)

TABLES: Final = tuple(tables.assets())
"""The tables that are assets."""


def stream_key(stream: Stream) -> dg.AssetKey:
    """The asset of a stream."""
    return dg.AssetKey(["clever", stream.name])


def stream_spec(stream: Stream) -> dg.AssetSpec:
    """The asset of a stream."""
    name = stream.record_type.replace("_", " ")
    if stream.role is None:
        description = f"All {name} (GET {stream.path})."
        declared = next(declared for declared in CATALOG.streams if declared.name == stream.record_type)
        found = {Tier.INTERNAL, *(field.tier for table in declared.tables for field in table.fields), Tier.UNKNOWN}
    else:
        description = (
            f"{name.capitalize()} with the {stream.role} role (GET {stream.path}?role={stream.role}). "
            f"Used only to verify that clever/{stream.record_type} is complete."
        )
        found = {Tier.INTERNAL}
    return dg.AssetSpec(
        key=stream_key(stream),
        description=description,
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
        deps=[stream_key(stream) for stream in STREAMS if stream.record_type == table.info["stream"]],
        description=table.comment,
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
        description="The published file warehouse.duckdb, which analysts open. Published atomically. "
        "Materialize this to sync all connected districts.",
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
