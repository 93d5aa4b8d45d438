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
            yield from _string_problems(value, schema, where)

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
