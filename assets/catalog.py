"""What Dagster's catalog shows of a table: its description, columns and their lineage, from the one declaration."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import sqlalchemy as sa

from pipelines.warehouse import tables
from pipelines.warehouse.dictionary import column_type

STREAM_OF_TABLE = "users"
"""The stream that the tables' rows come from; the role views only verify it."""


def spec(table: sa.Table, deps: Sequence[dg.AssetKey]) -> dg.AssetSpec:
    """The asset of a table."""
    return dg.AssetSpec(
        key=table.name,
        deps=deps,
        description=table.comment,
        group_name="warehouse",
        kinds={"duckdb", "table"},
        owners=["team:data-engineering"],
        tags={"personal_data": ""} if any(column.info.get("personal") for column in table.columns) else {},
        skippable=True,
        metadata={"dagster/column_schema": column_schema(table), "dagster/table_name": f"warehouse.main.{table.name}"},
    )


def column_schema(table: sa.Table) -> dg.TableSchema:
    """The columns with their types, comments and, for personal data, a tag with its kind."""
    return dg.TableSchema(columns=[_column(column) for column in table.columns])


def column_lineage(table: sa.Table) -> dg.TableColumnLineage:
    """Which columns of other assets each column comes from; columns that the warehouse itself fills in have no source."""
    sources = LINEAGE.get(table.name, {})
    return dg.TableColumnLineage(
        deps_by_column={
            column.name: [
                dg.TableColumnDep(asset_key=dg.AssetKey(key), column_name=source)
                for key, source in sources.get(column.name, ())
            ]
            for column in table.columns
        }
    )


def _column(column: sa.Column[Any]) -> dg.TableColumn:
    personal = column.info.get("personal")
    return dg.TableColumn(
        name=column.name,
        type=column_type(column),
        description=column.comment,
        constraints=dg.TableColumnConstraints(nullable=bool(column.nullable)),
        tags={"personal_data": personal} if personal else {},
    )


_STREAM = ("clever", "users")


def _from_record(**columns: str) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    return {column: [(_STREAM, path) for path in paths.split()] for column, paths in columns.items()}


LINEAGE: Mapping[str, Mapping[str, Sequence[tuple[tuple[str, ...], str]]]] = {
    tables.users.name: _from_record(
        user_id="id",
        district_id="district",
        email="email",
        first_name="name.first",
        middle_name="name.middle",
        last_name="name.last",
        roles="roles",
        created_at="created",
        last_modified_at="last_modified",
        extra="*",
    ),
    tables.user_roles.name: _from_record(
        user_id="id",
        role="roles",
        district_id="district",
        legacy_id="roles.*.legacy_id",
        sis_id="roles.*.sis_id roles.staff.staff_id",
        title="roles.*.title",
        school_id="roles.*.school",
        school_ids="roles.*.schools",
        extra="roles.*",
    ),
    tables.legacy_id_crosswalk.name: _from_record(
        district_id="district", role="roles", legacy_id="roles.*.legacy_id", user_id="id"
    ),
}
"""By table and column, the paths of a user record (Clever spec v3.0) that the column is made from."""
