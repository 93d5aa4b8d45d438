"""Whether the sandbox answers as Clever's own OpenAPI files say, wherever CLEVER_SPEC_DIR names a folder of them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pipelines.sandbox import ROLES
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.pipelines.sandbox.conftest import Client, Serve

Schema = dict[str, Any]
VERSIONS = ("v3.0", "v3.1", "v2.1")
LISTS = {
    "v3.0": ("/districts", "/users", "/schools", "/sections", "/courses", "/terms", "/resources"),
    "v3.1": ("/districts", "/users", "/schools", "/sections", "/courses", "/terms", "/resources"),
    "v2.1": (
        *("/districts", "/students", "/teachers", "/school_admins", "/district_admins", "/contacts"),
        *("/schools", "/sections", "/courses", "/terms"),
    ),
}
PATHS = [(version, path) for version in VERSIONS for path in LISTS[version]]
UNDECLARED_BUT_OBSERVED = {"uri", "links"}
"""Items carry a uri in observed payloads, and docs show links on single answers; the specs say neither."""
DATE = r"\d{4}-\d\d-\d\d"
SLASHED_DATE = r"\d{1,2}/\d{1,2}/\d{4}"
DOCUMENTED_BEYOND_SPEC = {
    "dob": f"{DATE}|",
    "start_date": f"{DATE}|{SLASHED_DATE}",
    "end_date": f"{DATE}|{SLASHED_DATE}",
}
"""Date forms that Clever docs (Users, Clever's Data Model) describe and the specs do not, and an empty birth date."""
SPEC_DIR = os.environ.get("CLEVER_SPEC_DIR")

if SPEC_DIR is None:
    reason = (
        "the tests against Clever's OpenAPI files need CLEVER_SPEC_DIR, a folder with v3.0.yml, v3.1.yml, and v2.1.yml"
    )
    pytest.skip(reason, allow_module_level=True)


class Spec:
    """One of Clever's OpenAPI (Swagger 2) files, able to find what is wrong with an answer."""

    def __init__(self, path: Path) -> None:
        self.document: Schema = yaml.safe_load(path.read_text(encoding="utf-8"))

    def response(self, path: str, status: int) -> Schema:
        """Return the schema of an answer."""
        answer = self.resolve(self.document["paths"][path]["get"]["responses"][str(status)])
        return self.resolve(answer["schema"])

    def parameters(self, path: str) -> dict[str, Schema]:
        """Return the declared query parameters of a path."""
        declared = self.document["paths"][path]["get"].get("parameters", [])
        return {one["name"]: one for one in declared if one["in"] == "query"}

    def resolve(self, schema: Schema) -> Schema:
        """Replace a reference by what it refers to; what stands beside it (x-nullable) stays."""
        if "$ref" not in schema:
            return schema
        found = self.document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}

    def problems(self, value: Any, schema: Schema, where: str = "answer") -> Iterator[str]:
        """Tell where a value differs from a schema, by path and without the value."""
        schema = self.resolve(schema)
        if value is None:
            if not schema.get("x-nullable"):
                yield f"{where} is null"
            return
        kind = schema.get("type", "object" if "properties" in schema else None)
        kinds: dict[str | None, type] = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
        if kind in kinds and not isinstance(value, kinds[kind]):
            yield f"{where} is not of type {kind}"
        elif kind == "object":
            yield from self._object_problems(value, schema.get("properties"), where)
        elif kind == "array":
            for element in value:
                yield from self.problems(element, schema["items"], f"{where}[]")
        elif kind == "string":
            also = DOCUMENTED_BEYOND_SPEC.get(where.rpartition(".")[2])
            if not (also and re.fullmatch(also, value)):
                yield from _string_problems(value, schema, where)

    def fields(self, schema: Schema, where: str) -> Iterator[tuple[str, Schema]]:
        """List the declared fields below a schema, each by its path."""
        schema = self.resolve(schema)
        if "items" in schema:
            yield from self.fields(schema["items"], f"{where}[]")
        for name, inner in schema.get("properties", {}).items():
            yield f"{where}.{name}", self.resolve(inner)
            yield from self.fields(inner, f"{where}.{name}")

    def _object_problems(self, value: Schema, properties: Schema | None, where: str) -> Iterator[str]:
        if properties is None:
            return
        for key, inner in value.items():
            if key in properties:
                yield from self.problems(inner, properties[key], f"{where}.{key}")
            elif not (key in UNDECLARED_BUT_OBSERVED and where in {"answer", "answer.data[]"}):
                yield f"{where}.{key} is not declared"


def _string_problems(value: str, schema: Schema, where: str) -> Iterator[str]:
    formats = {
        "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
        "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
        "date": r"\d{4}-\d\d-\d\d",
    }
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is not in its enumeration"
    for pattern in (schema.get("pattern"), formats.get(schema.get("format", ""))):
        if pattern and not re.fullmatch(pattern, value):
            yield f"{where} does not match {pattern}"


@pytest.fixture(scope="module")
def specs() -> dict[str, Spec]:
    """Clever's specs by version."""
    return {version: Spec(Path(SPEC_DIR or "") / f"{version}.yml") for version in VERSIONS}


@pytest.fixture(scope="module")
def rich(serve: "Serve") -> "Client":
    """A client of a sandbox with enough people to show every field, after some nights."""
    sandbox = Sandbox(users=3000, seed=3, rate_limit=10**9)
    sandbox.advance(5)
    return serve(sandbox)


@pytest.mark.parametrize(("version", "path"), PATHS)
def test_lists_and_their_records_are_as_the_spec_says(
    specs: dict[str, Spec], rich: "Client", version: str, path: str
) -> None:
    spec = specs[version]
    assert spec.document["basePath"] == f"/{version}"
    params: dict[str, Any] = {"limit": 1000} if "limit" in spec.parameters(path) else {}
    pages = [page.json() for page in rich.pages(f"/{version}{path}", **params)]
    problems = {problem for page in pages for problem in spec.problems(page, spec.response(path, 200))}
    assert sorted(problems) == []
    for item in pages[0]["data"][:20]:
        single = rich.get(item["uri"])
        assert sorted(spec.problems(single.json(), spec.response(f"{path}/{{id}}", 200))) == []


@pytest.mark.parametrize(("version", "path"), PATHS)
def test_every_field_that_the_spec_declares_is_shown_by_someone(
    specs: dict[str, Spec], rich: "Client", version: str, path: str
) -> None:
    never_shown = {"error", "pause_start", "pause_end", "district_contact"}
    if path == "/resources":
        assert rich.records(f"/{version}{path}") == []
        return
    spec = specs[version]
    item = spec.resolve(spec.response(path, 200)["properties"]["data"]["items"])
    record = spec.resolve(item["properties"]["data"])
    shown = {key for one in rich.records(f"/{version}{path}") for key in one}
    assert set(record["properties"]) - never_shown <= shown
    if path == "/users":
        for role in ROLES:
            declared = set(spec.resolve(record["properties"]["roles"])["properties"])
            fields = set(spec.resolve(spec.resolve(record["properties"]["roles"])["properties"][role])["properties"])
            held = [one["roles"][role] for one in rich.records(f"/{version}{path}", role=role, limit=1000)]
            assert declared == set(ROLES)
            assert fields <= {key for one in held for key in one}


@pytest.fixture(scope="module")
def large() -> Sandbox:
    """A sandbox with a district of enough people for every home language."""
    return Sandbox(users=5000, seed=4)


NEVER_BLANK = {"disability_code", "disability_type", "home_language", "home_language_code"}
"""Enumerations without an empty value."""
ALWAYS_SENT = {".name.first", ".name.last"}
"""Parts of names that are sent, although the specs allow null; contacts are an exception (docs: Data Model Quirks)."""


@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_users_have_every_declared_field_and_value_in_every_role(
    specs: dict[str, Spec], large: Sandbox, version: str
) -> None:
    spec = specs[version]
    declared = dict(spec.fields({"$ref": "#/definitions/User"}, ""))
    assert {path for path in declared if re.fullmatch(r"\.roles\.\w+", path)} == {f".roles.{role}" for role in ROLES}
    served: dict[str, list[Any]] = {}
    for record in large.served(version, "users"):
        _collect(record, "", served)
    lacking: set[str] = set()
    for path, schema in declared.items():
        values = served.get(path, [])
        texts = {value for value in values if isinstance(value, str)}
        lacking |= {f"{path} is never sent"} if all(value in (None, "") for value in values) else set()
        lacking |= {f"{path} is never {value!r}" for value in set(schema.get("enum", ())) - texts}
        if schema.get("x-nullable") and not any(path.endswith(part) for part in ALWAYS_SENT):
            parent = path.rpartition(".")[0]
            holders = [value for value in served.get(parent, []) if isinstance(value, dict)]
            lacking |= {f"{path} is never null"} if None not in values else set()
            lacking |= {f"{path} is never absent"} if len(values) == len(holders) else set()
            if schema.get("type") == "string" and path.rpartition(".")[2] not in NEVER_BLANK:
                lacking |= {f"{path} is never empty"} if "" not in texts else set()
    assert sorted(lacking) == []


@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_dates_of_students_have_every_documented_form(large: Sandbox, version: str) -> None:
    served: dict[str, list[Any]] = {}
    for record in large.served(version, "users"):
        _collect(record, "", served)
    for path in ("dob", "enrollments[].start_date", "enrollments[].end_date"):
        texts = [value for value in served[f".roles.student.{path}"] if value]
        forms = [DATE, SLASHED_DATE] if path == "dob" else [DATE, SLASHED_DATE, rf"{DATE}T00:00:00\.000Z"]
        assert all(any(re.fullmatch(form, text) for text in texts) for form in forms)
        assert all(any(re.fullmatch(form, text) for form in forms) for text in texts)


def test_some_districts_have_special_fields_in_v30_and_only_those(specs: dict[str, Spec]) -> None:
    sandbox = Sandbox(districts=3, users=400, seed=3)
    *others, special = sandbox.districts
    item = {"$ref": "#/definitions/User"}
    for district_id in others:
        assert _problems(specs["v3.0"], sandbox.served("v3.0", "users", district_id), item) == set()
    assert _problems(specs["v3.0"], sandbox.served("v3.0", "users", special), item) == {
        f"answer.roles.student.{name} is not declared" for name in ("frl_status", "iep_status", "home_language")
    }
    assert _problems(specs["v3.1"], sandbox.served("v3.1", "users", special), item) == set()
    v21_students = sandbox.served("v2.1", "students", special)
    assert _problems(specs["v2.1"], v21_students, {"$ref": "#/definitions/Student"}) == set()


def _problems(spec: Spec, records: list[dict[str, Any]], schema: Schema) -> set[str]:
    return {problem for record in records for problem in spec.problems(record, schema)}


def _collect(value: Any, path: str, found: dict[str, list[Any]]) -> None:
    """Collect the values of each path of a JSON value."""
    found.setdefault(path, []).append(value)
    if isinstance(value, dict):
        for name, inner in value.items():
            _collect(inner, f"{path}.{name}", found)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, f"{path}[]", found)


@pytest.mark.parametrize(("version", "path"), PATHS)
def test_a_missing_record_is_answered_as_the_spec_says(
    specs: dict[str, Spec], rich: "Client", version: str, path: str
) -> None:
    response = rich.get(f"/{version}{path}/{'0' * 24}")
    assert response.status_code == 404
    assert list(specs[version].problems(response.json(), specs[version].response(f"{path}/{{id}}", 404))) == []


@pytest.mark.parametrize(("version", "path"), PATHS)
def test_exactly_the_declared_parameters_are_accepted(
    specs: dict[str, Spec], rich: "Client", version: str, path: str
) -> None:
    values = {"limit": "5", "starting_after": "0" * 24, "ending_before": "last", "count": "true", "role": "teacher"}
    values |= {"primary": "true", "page": "1", "where": "x"}
    accepted = {name for name, value in values.items() if rich.get(f"/{version}{path}", **{name: value}).is_success}
    assert accepted == set(specs[version].parameters(path))


@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_exactly_the_declared_roles_and_counts_are_accepted(
    specs: dict[str, Spec], rich: "Client", version: str
) -> None:
    declared = specs[version].parameters("/users")
    values = {*ROLES, "districtadmin", "school_admin", "students", "", "undefined", "true", "false", "1"}
    for name in ("role", "count"):
        accepted = {value for value in values if rich.get(f"/{version}/users", **{name: value}).is_success}
        assert accepted == set(declared[name]["enum"])


@pytest.mark.parametrize("version", VERSIONS)
def test_error_messages_are_as_the_spec_says(specs: dict[str, Spec], rich: "Client", version: str) -> None:
    bad_request = {"$ref": "#/definitions/BadRequest"}
    response = rich.get(f"/{version}/schools", limit="none")
    assert response.status_code == 400
    assert list(specs[version].problems(response.json(), bad_request)) == []
