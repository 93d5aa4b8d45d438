import dagster as dg
import pytest

from assets.catalog import column_lineage
from assets.definitions import definitions
from pipelines.records import CATALOG, Table
from pipelines.warehouse import tables

SPECS = {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}
VIEWS = {"students", "teachers", "staff", "district_admins", "contacts"}
READ = [stream for stream in CATALOG.streams if stream.is_default]
"""What is synced unless CLEVER_RECORDS says otherwise."""
STREAMS = {f"clever/{stream}" for stream in (*VIEWS, *(stream.name for stream in READ))}
TABLES = {"user_roles", "legacy_id_crosswalk", *(table.name for stream in READ for table in stream.tables)}


def upstream_of(table: str) -> set[str]:
    """Return the streams that a table is made from."""
    stream = tables.metadata.tables[table].info["stream"]
    return {f"clever/{name}" for name in (stream, *(VIEWS if stream == "users" else ()))}


def columns(table: str) -> dict[str, dg.TableColumn]:
    schema = SPECS[table].metadata["dagster/column_schema"]
    return {column.name: column for column in schema.columns}


def sources(table: str) -> dict[str, list[str]]:
    """Return the fields of its stream that each column of a table comes from."""
    declared = tables.metadata.tables[table]
    lineage = column_lineage(declared).deps_by_column
    assert {dep.asset_key.to_user_string() for deps in lineage.values() for dep in deps} == {
        f"clever/{declared.info['stream']}"
    }
    return {column: sorted(dep.column_name for dep in deps) for column, deps in lineage.items()}


def test_the_graph_leads_from_the_streams_to_the_tables_to_the_warehouse() -> None:
    upstream = {key: {dep.asset_key.to_user_string() for dep in spec.deps} for key, spec in SPECS.items()}
    assert {key: upstream[key] for key in STREAMS} == {key: set() for key in STREAMS}
    assert {key: upstream[key] for key in TABLES} == {key: upstream_of(key) for key in TABLES}
    assert upstream["warehouse"] == TABLES
    assert SPECS.keys() == STREAMS | TABLES | {"warehouse"}


@pytest.mark.parametrize("key", sorted(SPECS))
def test_every_asset_has_a_description_and_an_owner(key: str) -> None:
    spec = SPECS[key]
    assert (spec.description or "").endswith(
        "run the job [sync_all](/locations/clever_warehouse/jobs/sync_all/playground)."
    )
    assert spec.owners == []
    assert spec.kinds


def test_assets_are_grouped_by_what_they_are_about() -> None:
    people = {table.name for table in CATALOG.stream("users").tables}
    groups = {"legacy_id_crosswalk": "identity", "warehouse": "warehouse", "user_roles": "people"}
    groups |= dict.fromkeys(STREAMS, "clever") | dict.fromkeys(people, "people")
    assert {key: spec.group_name for key, spec in SPECS.items()} == {**dict.fromkeys(TABLES, "school"), **groups}


def test_an_asset_is_tagged_with_the_tiers_of_its_columns() -> None:
    tags = {key: sorted(tag for tag in spec.tags if tag.startswith("tier/")) for key, spec in SPECS.items()}
    assert tags["users"] == ["tier/identifier", "tier/internal", "tier/unknown"]
    assert tags["legacy_id_crosswalk"] == ["tier/internal"]
    assert tags["clever/students"] == ["tier/internal"]  # only IDs are kept of a role view
    every = ["tier/identifier", "tier/internal", "tier/public", "tier/sensitive", "tier/unknown"]
    assert tags["students"] == tags["clever/users"] == tags["warehouse"] == every


def test_the_streams_say_what_is_requested() -> None:
    assert (SPECS["clever/users"].description or "").startswith("All users (GET /users).\n")
    assert (SPECS["clever/district_admins"].description or "").startswith(
        "Users with the district_admin role (GET /users?role=district_admin). "
        "Used only to verify that clever/users is complete.\n"
    )


def test_only_streams_have_partitions() -> None:
    partitioned = {key: spec.partitions_def for key, spec in SPECS.items() if spec.partitions_def is not None}
    assert partitioned.keys() == STREAMS
    assert {getattr(each, "name", None) for each in partitioned.values()} == {"district"}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_column_of_a_table_shows_its_type_comment_fields_and_tier(table: str) -> None:
    shown = columns(table)
    declared = tables.metadata.tables[table].columns
    assert list(shown) == [column.name for column in declared]
    for column in declared:
        description = shown[column.name].description or ""
        assert description.startswith(column.comment or "?")
        assert all(path in description for path in sources(table)[column.name])
        assert shown[column.name].tags == {"tier": column.info["tier"].value}
    assert SPECS[table].metadata["dagster/table_name"] == f"warehouse.main.{table}"


def test_a_comment_names_the_field_of_clever() -> None:
    assert (columns("users")["first_name"].description or "").endswith("Clever field: name.first.")
    assert (columns("user_roles")["school_id"].description or "").endswith(
        "Clever fields: roles.student.school, roles.teacher.school."
    )
    assert "Clever field" not in (columns("users")["first_seen_at"].description or "")


def test_types_are_those_of_duckdb() -> None:
    shown = columns("users") | columns("students")
    assert shown["user_id"].type == "VARCHAR"
    assert shown["roles"].type == "VARCHAR[]"
    assert shown["school_ids"].type == "VARCHAR[]"
    assert shown["created_at"].type == "TIMESTAMPTZ"
    assert shown["dob"].type == "DATE"
    assert shown["extra"].type == "JSON"


def test_a_column_is_tagged_with_its_tier() -> None:
    tiers = {name: column.tags["tier"] for name, column in columns("users").items()}
    assert {name: tier for name, tier in tiers.items() if tier != "internal"} == {
        "email": "identifier",
        "first_name": "identifier",
        "middle_name": "identifier",
        "last_name": "identifier",
        "extra": "unknown",
    }
    assert columns("students")["dob"].tags == {"tier": "sensitive"}


def test_keys_are_shown_as_not_null_and_none_of_their_columns_as_unique_alone() -> None:
    for table, key in {"users": ("district_id", "user_id"), "user_roles": ("district_id", "user_id", "role")}.items():
        for column in key:
            constraints = columns(table)[column].constraints
            assert (constraints.nullable, constraints.unique) == (False, False)
    assert columns("users")["email"].constraints.nullable


@pytest.mark.parametrize("table", CATALOG.tables, ids=lambda table: table.name)
def test_the_lineage_of_a_declared_table_is_the_paths_of_its_fields(table: Table) -> None:
    found = sources(table.name)
    assert {field.column: [table.full_path(field)] for field in table.fields}.items() <= found.items()
    assert [found[column] for column in table.own_id] == [["id"] for _ in table.own_id]
    assert found["district_id"] == [CATALOG.stream_of(table.name).district_path]
    assert found["first_seen_at"] == found["valid_from"] == found["change"] == []


def test_user_roles_and_the_crosswalk_come_from_the_fields_of_the_role_tables() -> None:
    legacy_ids = [f"roles.{role}.legacy_id" for role in ("contact", "district_admin", "staff", "student", "teacher")]
    assert sources("user_roles")["legacy_id"] == sources("legacy_id_crosswalk")["legacy_id"] == legacy_ids
    assert sources("user_roles")["sis_id"] == [
        "roles.contact.sis_id",
        "roles.staff.staff_id",
        "roles.student.sis_id",
        "roles.teacher.sis_id",
    ]
    assert sources("users")["extra"] == ["*"]
    assert sources("students")["extra"] == ["roles.student.*"]
    assert sources("student_enrollments")["school_id"] == ["roles.student.enrollments[].school"]
