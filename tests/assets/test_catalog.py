import dagster as dg
import pytest

from assets.catalog import LINEAGE, column_lineage
from assets.definitions import definitions
from pipelines.warehouse import tables

SPECS = {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}
STREAMS = {f"clever/{stream}" for stream in ("users", "students", "teachers", "staff", "district_admins", "contacts")}
TABLES = {"users", "user_roles", "legacy_id_crosswalk"}


def columns(table: str) -> dict[str, dg.TableColumn]:
    schema = SPECS[table].metadata["dagster/column_schema"]
    return {column.name: column for column in schema.columns}


def test_the_graph_leads_from_the_streams_to_the_tables_to_the_warehouse() -> None:
    upstream = {key: {dep.asset_key.to_user_string() for dep in spec.deps} for key, spec in SPECS.items()}
    assert {key: upstream[key] for key in STREAMS} == {key: set() for key in STREAMS}
    assert {key: upstream[key] for key in TABLES} == dict.fromkeys(TABLES, STREAMS)
    assert upstream["warehouse"] == TABLES


@pytest.mark.parametrize("key", sorted(SPECS))
def test_every_asset_has_a_description_and_an_owner(key: str) -> None:
    spec = SPECS[key]
    assert spec.description
    assert spec.owners == ["team:data-engineering"]
    assert ("personal_data" in spec.tags) == (key != "legacy_id_crosswalk")
    assert spec.kinds
    assert spec.group_name == ("clever" if key in STREAMS else "warehouse")


def test_the_streams_alone_have_a_partition_a_district() -> None:
    partitioned = {key: spec.partitions_def for key, spec in SPECS.items() if spec.partitions_def is not None}
    assert partitioned.keys() == STREAMS
    assert {getattr(each, "name", None) for each in partitioned.values()} == {"district"}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_column_of_a_table_shows_its_type_and_its_comment(table: str) -> None:
    shown = columns(table)
    assert list(shown) == [column.name for column in tables.metadata.tables[table].columns]
    assert all(column.description for column in shown.values())
    assert SPECS[table].metadata["dagster/table_name"] == f"warehouse.main.{table}"


def test_types_are_said_in_the_words_of_duckdb() -> None:
    shown = columns("users") | {"school_ids": columns("user_roles")["school_ids"]}
    assert shown["user_id"].type == "VARCHAR"
    assert shown["roles"].type == "VARCHAR[]"
    assert shown["school_ids"].type == "VARCHAR[]"
    assert shown["created_at"].type == "TIMESTAMPTZ"
    assert shown["extra"].type == "JSON"


def test_a_column_with_personal_data_is_tagged_with_its_kind() -> None:
    tagged = {name: dict(column.tags) for name, column in columns("users").items() if column.tags}
    assert tagged == {
        "email": {"personal_data": "email"},
        "first_name": {"personal_data": "name"},
        "middle_name": {"personal_data": "name"},
        "last_name": {"personal_data": "name"},
        "extra": {"personal_data": "unknown"},
    }


def test_keys_are_shown_as_not_null_and_none_of_their_columns_as_unique_alone() -> None:
    for table, key in {"users": ("district_id", "user_id"), "user_roles": ("district_id", "user_id", "role")}.items():
        for column in key:
            constraints = columns(table)[column].constraints
            assert (constraints.nullable, constraints.unique) == (False, False)
    assert columns("users")["email"].constraints.nullable


@pytest.mark.parametrize("table", sorted(TABLES))
def test_the_lineage_names_columns_that_exist(table: str) -> None:
    assert LINEAGE[table].keys() <= columns(table).keys()
    lineage = column_lineage(tables.metadata.tables[table]).deps_by_column
    assert lineage.keys() == columns(table).keys()
    assert {dep.asset_key.to_user_string() for deps in lineage.values() for dep in deps} == {"clever/users"}


def test_the_lineage_leads_to_the_paths_of_a_user_record() -> None:
    lineage = column_lineage(tables.users).deps_by_column
    assert [dep.column_name for dep in lineage["first_name"]] == ["name.first"]
    assert list(lineage["first_seen_at"]) == []
    assert [dep.column_name for dep in column_lineage(tables.user_roles).deps_by_column["sis_id"]] == [
        "roles.*.sis_id",
        "roles.staff.staff_id",
    ]
