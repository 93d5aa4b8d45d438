"""Whether the record types are declared consistently, and as Clever's OpenAPI files have them (if CLEVER_SPEC_DIR is set)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines.records import BOTH, CATALOG, Field, Kind, Stream, Table, Tier

if TYPE_CHECKING:
    from tests.pipelines.records.conftest import Spec

Schema = dict[str, Any]

SHARED_COLUMNS = ["district_id", "first_seen_at", "extra", "valid_from", "change"]
"""The columns of every table that are not declared."""
HISTORY_COLUMNS = ["valid_to"]
"""What the history of a table adds."""
RECORD_PATHS = {"id", "district"}
"""The fields of a record that every table has without a declaration."""

TABLES = [pytest.param(stream, table, id=table.name) for stream in CATALOG.streams for table in stream.tables]
STREAMS = [pytest.param(stream, id=stream.name) for stream in CATALOG.streams]
OF_RECORDS = [pytest.param(stream, id=stream.name) for stream in CATALOG.record_streams]
FIELDS = [pytest.param(table, field, id=f"{table.name}.{field.column}") for _stream, table, field in CATALOG.fields()]


def repeated(values: Iterable[str]) -> list[str]:
    """List what occurs more than once."""
    return [value for value, count in Counter(values).items() if count > 1]


def columns(table: Table) -> list[str]:
    """List every column of a table and its history, declared or not."""
    return [*table.own_id, *(field.column for field in table.fields), *SHARED_COLUMNS, *HISTORY_COLUMNS]


def is_snake_case(name: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) is not None


def test_the_catalog_declares_every_table_of_people() -> None:
    assert [table.name for table in CATALOG.tables if table.group == "people"] == [
        "users",
        "students",
        "student_enrollments",
        "teachers",
        "staff",
        "district_admins",
        "contacts",
        "contact_students",
    ]


def test_the_columns_of_users_keep_their_order() -> None:
    assert [field.column for field in CATALOG.table("users").fields] == [
        "email",
        "first_name",
        "middle_name",
        "last_name",
        "roles",
        "synced_in_lms",
        "created_at",
        "last_modified_at",
    ]


def test_stream_names_and_endpoints_are_unique() -> None:
    assert repeated(name for stream in CATALOG.streams for name in (stream.name, *(v.name for v in stream.views))) == []
    assert repeated(stream.endpoint for stream in CATALOG.streams) == []


def test_table_names_are_unique_and_snake_case() -> None:
    names = [table.name for table in CATALOG.tables]
    assert repeated(names) == []
    assert [name for name in names if not is_snake_case(name)] == []


def test_no_table_name_is_an_sql_keyword() -> None:
    keywords = {name for (name,) in duckdb.sql("SELECT keyword_name FROM duckdb_keywords()").fetchall()}
    assert "select" in keywords
    assert keywords & {table.name for table in CATALOG.tables} == set()


def test_no_column_name_is_a_reserved_word() -> None:
    reserved = duckdb.sql("SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'").fetchall()
    assert {name for (name,) in reserved} & {column for table in CATALOG.tables for column in columns(table)} == set()


@pytest.mark.parametrize(("stream", "table"), TABLES)
def test_column_names_are_unique_in_a_table_and_snake_case(stream: Stream, table: Table) -> None:
    assert repeated(columns(table)) == []
    assert [column for column in columns(table) if not is_snake_case(column)] == []


@pytest.mark.parametrize(("stream", "table"), TABLES)
def test_table_comments_start_with_one_row_per_and_are_sentences(stream: Stream, table: Table) -> None:
    assert table.comment.startswith("One row per district")
    assert table.comment.endswith(".")
    assert table.id_comment.endswith(".")


@pytest.mark.parametrize(("stream", "table"), TABLES)
def test_the_path_of_a_list_starts_with_the_path_of_its_owner(stream: Stream, table: Table) -> None:
    assert table.path.removesuffix("[]").count("[]") == 0
    if table.is_list and stream.has_record_table:
        (owner,) = (owner for owner in stream.tables if owner.path == table.path.rpartition(".")[0])
        assert not owner.is_list
        assert table.id_column == f"{owner.name.removesuffix('s')}_id"
    else:
        assert table.id_column == stream.record_table.id_column


@pytest.mark.parametrize(
    "stream", [stream for stream in CATALOG.streams if stream.per], ids=lambda stream: str(stream.name)
)
def test_lists_of_single_records_are_one_table_of_ids_next_to_that_of_their_owners(stream: Stream) -> None:
    (table,) = stream.tables
    assert CATALOG.streams.index(CATALOG.stream(stream.per)) < CATALOG.streams.index(stream)
    assert table.path == f"{stream.endpoint.rpartition('/')[2]}[]"
    assert table.is_membership
    assert table.is_of_texts
    assert table.id_column == CATALOG.stream(stream.per).record_table.id_column
    assert stream.endpoint.startswith(f"{CATALOG.stream(stream.per).endpoint}/{{id}}/")
    assert stream.record_table.name not in {each.name for each in CATALOG.tables}


@pytest.mark.parametrize("stream", OF_RECORDS)
def test_the_first_table_of_a_stream_is_that_of_its_records(stream: Stream) -> None:
    assert [table.path for table in stream.tables].count("") == 1
    assert stream.record_table.path == ""
    assert stream.record_table.id_column.endswith("_id")


@pytest.mark.parametrize("stream", STREAMS)
def test_paths_are_unique_in_a_stream(stream: Stream) -> None:
    paths = [
        table.full_path(field) for table in stream.tables for field in table.fields if field.kind is not Kind.NAMED
    ]
    assert repeated(paths) == []
    assert repeated(table.path for table in stream.tables) == []
    assert RECORD_PATHS.isdisjoint(paths), "these columns need no declaration"


@pytest.mark.parametrize("stream", STREAMS)
def test_no_field_lies_within_another_one_except_in_an_object_whose_keys_are_a_column(stream: Stream) -> None:
    fields = [(table.full_path(field), field) for table in stream.tables for field in table.fields]
    paths = [*(path for path, _field in fields), *stream.not_kept]
    for path, field in fields:
        if field.kind is not Kind.KEYS:
            assert [other for other in paths if other.startswith((f"{path}.", f"{path}[]"))] == []


@pytest.mark.parametrize(("table", "field"), FIELDS)
def test_field_comments_are_one_line_of_sentences(table: Table, field: Field) -> None:
    assert re.fullmatch(r"[A-Z][^\n]*[^.\s]\.", field.comment)
    assert "  " not in field.comment
    assert len(field.comment) <= 240


@pytest.mark.parametrize(("table", "field"), FIELDS)
def test_documented_values_are_neither_blank_nor_repeated(table: Table, field: Field) -> None:
    assert repeated(field.values) == []
    assert [value for value in field.values if not value or value != value.strip()] == []
    if field.values:
        assert field.kind in {Kind.TEXT, Kind.TEXTS, Kind.KEYS}
    if field.ignores_case:
        assert repeated(value.lower() for value in field.values) == []
        assert field.values


@pytest.mark.parametrize(("table", "field"), FIELDS)
def test_a_column_name_shows_its_kind(table: Table, field: Field) -> None:
    assert (field.kind is Kind.INSTANT) == field.column.endswith("_at")
    assert (field.kind is Kind.DATE) == (field.column.endswith("_date") or field.column == "dob")
    assert (field.kind is Kind.IDS) == field.column.endswith("_ids")
    assert (field.kind is Kind.JSON) == (field.column == "ext")
    if field.kind is Kind.ID:
        assert field.column.endswith("_id")


def test_every_column_of_people_has_its_tier() -> None:
    tiers: dict[Tier, set[str]] = {}
    for _stream, table, field in CATALOG.fields():
        if table.group == "people":
            tiers.setdefault(field.tier, set()).add(field.column)
    assert tiers == {
        Tier.PUBLIC: {"school_id", "school_ids"},
        Tier.INTERNAL: {
            *("legacy_id", "student_id", "role_district_id", "roles", "staff_roles", "synced_in_lms"),
            *("created_at", "last_modified_at", "role_created_at", "role_last_modified_at", "start_date", "end_date"),
            *("grade", "graduation_year", "phone_type", "relationship", "type"),
        },
        Tier.IDENTIFIER: {
            *("email", "first_name", "middle_name", "last_name", "role_first_name", "role_middle_name"),
            *("role_last_name", "preferred_first_name", "preferred_middle_name", "preferred_last_name"),
            *("sis_id", "staff_id", "state_id", "student_number", "teacher_number", "district_username", "phone"),
            *("title", "department", "location_address", "location_city", "location_state", "location_zip"),
            *("location_lat", "location_lon"),
        },
        Tier.SENSITIVE: {
            *("dob", "gender", "race", "hispanic_ethnicity", "home_language", "home_language_code", "ell_status"),
            *("frl_status", "iep_status", "gifted_status", "section_504_status"),
            *("disability_status", "disability_type", "disability_code"),
        },
        Tier.UNKNOWN: {"ext"},
    }


TIMES = {"modified", "updated", "sync", "clever_sync", "attendance_sync"}


@pytest.mark.parametrize(("table", "field"), FIELDS)
def test_only_the_times_of_changes_and_syncs_at_clever_make_no_version(table: Table, field: Field) -> None:
    assert field.makes_version == (field.path.removeprefix("last_") not in TIMES)


@pytest.mark.parametrize(("table", "field"), FIELDS)
def test_versions_are_known_and_in_order(table: Table, field: Field) -> None:
    assert field.versions == tuple(version for version in BOTH if version in field.versions)


@pytest.mark.parametrize("stream", STREAMS)
def test_views_have_the_roles_that_the_records_may_have(stream: Stream) -> None:
    keys = [field for field in stream.record_table.fields if field.kind is Kind.KEYS]
    assert {view.role for view in stream.views} == {value for field in keys for value in field.values}
    for field in keys:
        assert list(field.values) == sorted(field.values)
        tables = [table for table in stream.tables if table.path.startswith(f"{field.path}.") and not table.is_list]
        assert {table.path.removeprefix(f"{field.path}.") for table in tables} == set(field.values)


def test_fields_with_the_same_name_in_two_roles_have_the_same_declaration() -> None:
    declared: dict[str, set[Any]] = {}
    for table in CATALOG.tables:
        if re.fullmatch(r"roles\.\w+", table.path):
            for field in table.fields:
                meaning = (field.column, field.kind, field.tier, field.values, field.versions, field.makes_version)
                declared.setdefault(field.path, set()).add(meaning)
    assert len(declared["legacy_id"]) == 1
    assert {path: meanings for path, meanings in declared.items() if len(meanings) > 1} == {}


@dataclass(frozen=True)
class Property:
    """A property without properties of its own, as one of Clever's OpenAPI files has it."""

    shape: str
    """Its format or else its type: array, boolean, object, datetime, or string."""
    values: frozenset[str]
    """The documented values, apart from the empty text."""


def resolved(spec: "Spec", schema: Schema) -> Schema:
    """Replace a reference by what it refers to."""
    if "$ref" not in schema:
        return schema
    found = spec
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def properties(spec: "Spec", schema: Schema, path: str = "") -> Iterator[tuple[str, Property]]:
    """Yield every property at any depth, with its path: "roles.student.enrollments[].school"."""
    schema = resolved(spec, schema)
    if schema.get("properties"):
        for name, inner in schema["properties"].items():
            yield from properties(spec, inner, f"{path}.{name}".removeprefix("."))
    elif schema["type"] == "array" and resolved(spec, schema["items"]).get("properties"):
        yield from properties(spec, schema["items"], f"{path}[]")
    else:
        shape = str(schema.get("format", schema["type"]))
        values = schema if shape != "array" else resolved(spec, schema["items"])
        yield path, Property(shape, frozenset(values.get("enum", ())) - {""})


def record_schema(spec: "Spec", stream: Stream) -> Schema:
    """Find the schema of the records that an endpoint lists."""
    schema = spec["paths"][stream.endpoint]["get"]["responses"]["200"]["schema"]
    items = resolved(spec, resolved(spec, schema)["properties"]["data"])["items"]
    return resolved(spec, resolved(spec, items)["properties"]["data"])


def declared_fields(stream: Stream) -> dict[str, Field]:
    """List the declared fields of a stream by path. A column of keys has no property of its own."""
    fields = [(table.full_path(field), field) for table in stream.tables for field in table.fields]
    return {path.removesuffix("[]"): field for path, field in fields if field.kind.is_sent}


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("stream", OF_RECORDS)
def test_exactly_the_properties_of_the_spec_are_declared(
    specs: dict[str, "Spec"], stream: Stream, version: str
) -> None:
    specified = {path for path, _property in properties(specs[version], record_schema(specs[version], stream))}
    declared = {path for path, field in declared_fields(stream).items() if version in field.versions}
    assert specified - declared - RECORD_PATHS - set(stream.not_kept) == set(), "of the spec, but not declared"
    assert declared - specified == set(), "declared, but not of the spec"


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("stream", OF_RECORDS)
def test_documented_values_are_those_of_the_spec(specs: dict[str, "Spec"], stream: Stream, version: str) -> None:
    declared = declared_fields(stream)
    differing = {
        path: sorted(found.values ^ set(declared[path].values))
        for path, found in properties(specs[version], record_schema(specs[version], stream))
        if path in declared and found.values != set(declared[path].values)
    }
    assert differing == {}


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("stream", OF_RECORDS)
def test_kinds_fit_the_types_of_the_spec(specs: dict[str, "Spec"], stream: Stream, version: str) -> None:
    kinds = {
        "array": {Kind.TEXTS, Kind.IDS, Kind.ID},
        "boolean": {Kind.BOOLEAN},
        "object": {Kind.JSON},
        "datetime": {Kind.INSTANT, Kind.DATE},
        "date-time": {Kind.INSTANT},
        "date": {Kind.DATE},
        "string": {Kind.TEXT, Kind.ID, Kind.DATE},
    }
    declared = declared_fields(stream)
    differing = {
        path: (declared[path].kind, found.shape)
        for path, found in properties(specs[version], record_schema(specs[version], stream))
        if path in declared and declared[path].kind not in kinds[found.shape]
    }
    assert differing == {}


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("stream", STREAMS)
def test_columns_of_keys_list_the_objects_of_the_spec(specs: dict[str, "Spec"], stream: Stream, version: str) -> None:
    spec = specs[version]
    record = record_schema(spec, stream)
    for field in stream.record_table.fields:
        if field.kind is Kind.KEYS:
            assert set(resolved(spec, record["properties"][field.path])["properties"]) == set(field.values)


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("stream", STREAMS)
def test_views_are_the_roles_that_the_endpoint_accepts(specs: dict[str, "Spec"], stream: Stream, version: str) -> None:
    parameters = specs[version]["paths"][stream.endpoint]["get"].get("parameters", [])
    accepted = [value for parameter in parameters if parameter["name"] == "role" for value in parameter["enum"]]
    assert sorted(view.role for view in stream.views) == sorted(accepted)


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    "stream", [stream for stream in CATALOG.streams if stream.per], ids=lambda stream: str(stream.name)
)
def test_lists_of_single_records_are_of_records_that_have_a_stream(
    specs: dict[str, "Spec"], stream: Stream, version: str
) -> None:
    (table,) = stream.tables
    (target,) = (each for each in CATALOG.streams if each.record_table.own_id == (table.fields[0].column,))
    assert record_schema(specs[version], stream) == record_schema(specs[version], target)


@pytest.mark.parametrize("version", BOTH)
def test_the_specs_have_the_properties_that_the_tests_above_compare(specs: dict[str, "Spec"], version: str) -> None:
    (users,) = (stream for stream in CATALOG.streams if stream.name == "users")
    found = dict(properties(specs[version], record_schema(specs[version], users)))
    assert found["roles.student.enrollments[].start_date"] == Property("datetime", frozenset())
    assert found["roles.contact.phone_type"] == Property("string", frozenset({"Cell", "Home", "Work", "Other"}))
    assert found["roles.staff.roles"] == Property("array", frozenset())
    assert found["roles.teacher.ext"] == Property("object", frozenset())
    assert len(found) == {"v3.0": 66, "v3.1": 79}[version]
