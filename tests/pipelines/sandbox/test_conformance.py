"""Whether the sandbox answers as Clever's own OpenAPI files say, wherever CLEVER_SPEC_DIR names a folder of them."""

import os
import re
from collections.abc import Container, Iterator
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
EVENT_VERSIONS = ("v3.0", "v3.1")
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
        "the tests against Clever's OpenAPI files need CLEVER_SPEC_DIR, a folder with v3.0.yml, v3.1.yml, v2.1.yml, "
        "v3.0-events.yml, and v3.1-events.yml"
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
        if "allOf" in schema:
            parts = [self.resolve(part) for part in schema["allOf"]]
            schema = {
                "type": "object",
                "properties": {name: of for part in parts for name, of in part["properties"].items()},
            }
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
def event_specs() -> dict[str, Spec]:
    """Clever's specs of events by version."""
    return {version: Spec(Path(SPEC_DIR or "") / f"{version}-events.yml") for version in EVENT_VERSIONS}


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
    spec = specs[version]
    item = spec.resolve(spec.response(path, 200)["properties"]["data"]["items"])
    record = spec.resolve(item["properties"]["data"])
    shown = {key for one in rich.records(f"/{version}{path}") for key in one}
    assert set(record["properties"]) <= shown
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
ALWAYS_SENT = {".name.first", ".name.last", ".roles.teacher.name.first", ".roles.teacher.name.last"}
"""Parts of names that are sent, although the specs allow null; contacts are an exception (docs: Data Model Quirks)."""


@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_users_have_every_declared_field_and_value_in_every_role(
    specs: dict[str, Spec], large: Sandbox, version: str
) -> None:
    spec = specs[version]
    declared = dict(spec.fields({"$ref": "#/definitions/User"}, ""))
    assert {path for path in declared if re.fullmatch(r"\.roles\.\w+", path)} == {f".roles.{role}" for role in ROLES}
    assert _lacking(declared, large.served(version, "users"), always_sent=ALWAYS_SENT) == []


@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
@pytest.mark.parametrize(
    ("stream", "name"),
    [
        *(("sections", "Section"), ("courses", "Course"), ("terms", "Term"), ("resources", "Resource")),
        *(("schools", "School"), ("districts", "District")),
    ],
)
def test_other_records_have_every_declared_field_and_value(
    specs: dict[str, Spec], large: Sandbox, many: Sandbox, version: str, stream: str, name: str
) -> None:
    spec = specs[version]
    declared = dict(spec.fields({"$ref": f"#/definitions/{name}"}, ""))
    if stream == "schools":
        grades = {path: declared.pop(path) for path in (".low_grade", ".high_grade")}
        assert _lacking(grades, Sandbox(districts=3, users=5000, seed=4).served(version, stream)) == []
    served = (many if stream == "districts" else large).served(version, stream)
    assert _problems(spec, served, {"$ref": f"#/definitions/{name}"}) == set()
    assert _lacking(declared, served) == []


@pytest.fixture(scope="module")
def many() -> Sandbox:
    """A sandbox with enough districts for every state of a district."""
    return Sandbox(districts=36, users=0)


@pytest.mark.parametrize("version", VERSIONS)
def test_districts_are_as_the_spec_says(specs: dict[str, Spec], many: Sandbox, version: str) -> None:
    assert _problems(specs[version], many.served(version, "districts"), {"$ref": "#/definitions/District"}) == set()


@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_dates_of_terms_have_both_documented_forms(large: Sandbox, version: str) -> None:
    for name in ("start_date", "end_date"):
        texts = [term[name] for term in large.served(version, "terms") if term.get(name)]
        for form in (DATE, rf"{DATE}T00:00:00\.000Z"):
            assert any(re.fullmatch(form, text) for text in texts)


@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_courses_of_a_resource_are_as_the_spec_says(specs: dict[str, Spec], rich: "Client", version: str) -> None:
    path = "/resources/{id}/courses"
    spec = specs[version]
    resource_id = rich.ids(f"/{version}/resources")[5]
    pages = [page.json() for page in rich.pages(f"/{version}/resources/{resource_id}/courses", limit=2)]
    assert sum(len(page["data"]) for page in pages) == 5
    assert {problem for page in pages for problem in spec.problems(page, spec.response(path, 200))} == set()
    values = {"limit": "5", "starting_after": "0" * 24, "ending_before": "last", "count": "true", "role": "teacher"}
    where = f"/{version}/resources/{resource_id}/courses"
    assert {name for name, value in values.items() if rich.get(where, **{name: value}).is_success} == set(
        spec.parameters(path)
    )
    missing = rich.get(f"/{version}/resources/{'0' * 24}/courses")
    assert list(spec.problems(missing.json(), spec.response(path, 404))) == []


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


def _lacking(
    declared: dict[str, Schema], records: list[dict[str, Any]], *, always_sent: Container[str] = ()
) -> list[str]:
    """List which declared fields, values, and ways to have no value do not occur, by path."""
    served: dict[str, list[Any]] = {}
    for record in records:
        _collect(record, "", served)
    lacking: set[str] = set()
    for path, schema in declared.items():
        values = served.get(path, [])
        texts = {value for value in values if isinstance(value, str)}
        lacking |= {f"{path} is never sent"} if all(value in (None, "") for value in values) else set()
        lacking |= {f"{path} is never {value!r}" for value in set(schema.get("enum", ())) - texts}
        if schema.get("x-nullable") and path not in always_sent:
            parent = path.rpartition(".")[0]
            holders = [value for value in served.get(parent, []) if isinstance(value, dict)]
            lacking |= {f"{path} is never null"} if None not in values else set()
            lacking |= {f"{path} is never absent"} if len(values) == len(holders) else set()
            may_be_blank = path.rpartition(".")[2] not in NEVER_BLANK and "format" not in schema
            if schema.get("type") == "string" and may_be_blank:
                lacking |= {f"{path} is never empty"} if "" not in texts else set()
    return sorted(lacking)


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


@pytest.fixture(scope="module")
def eventful(serve: "Serve") -> "Client":
    """A client of a sandbox in which a record of every list came, changed, and went."""
    sandbox = Sandbox(users=400, seed=3, rate_limit=10**9)
    (district_id,) = sandbox.districts
    sandbox.prepare()
    sandbox.advance(12)
    sandbox.roll_over(district_id)
    sandbox.sync_from_sis(district_id)
    for stream in ("schools", "sections", "courses", "terms", "resources"):
        sandbox.unshare(district_id, stream=stream)
        sandbox.share(district_id, stream=stream)
        sandbox.rename_record(stream, sandbox.served("v3.0", stream)[0]["id"], "Renamed")
    return serve(sandbox)


@pytest.mark.parametrize("version", EVENT_VERSIONS)
def test_events_are_as_the_spec_says(event_specs: dict[str, Spec], eventful: "Client", version: str) -> None:
    spec = event_specs[version]
    assert spec.document["basePath"] == f"/{version}"
    path = "/events"
    shapes: set[str] = set()
    for page in eventful.pages(f"/{version}{path}", limit=1000):
        answer = page.json()
        envelope = {**answer, "data": [{**item, "data": {}} for item in answer["data"]]}
        assert list(spec.problems(envelope, spec.response(path, 200))) == []
        events = [item["data"] for item in answer["data"]]
        shapes |= {event["type"] for event in events}
        for event in events:
            schema = {"$ref": f"#/definitions/{event['type']}"}
            assert set(spec.problems(event, schema)) == set()
            assert set(event.get("previous_attributes", ())) <= set(_attributes(spec, event["type"]))
    declared = {name for name in spec.document["definitions"] if "." in name}
    assert declared - shapes == {"districts.created", "districts.deleted"}
    assert shapes <= declared
    single = eventful.get(f"/{version}{path}/{eventful.ids(f'/{version}{path}')[0]}")
    envelope = {**single.json(), "data": {}}
    assert list(spec.problems(envelope, spec.response(f"{path}/{{id}}", 200))) == []
    missing = eventful.get(f"/{version}{path}/{'0' * 24}")
    assert missing.status_code == 404
    assert list(spec.problems(missing.json(), spec.response(f"{path}/{{id}}", 404))) == []


def _attributes(spec: Spec, kind: str) -> Schema:
    """Return the fields of the record that an event is about."""
    (own,) = (part["properties"] for part in spec.document["definitions"][kind]["allOf"] if "properties" in part)
    record = spec.resolve(spec.resolve(own["data"])["properties"]["object"])
    fields: Schema = record["properties"]
    return fields


@pytest.mark.parametrize("version", EVENT_VERSIONS)
def test_exactly_the_declared_parameters_of_events_are_accepted(
    event_specs: dict[str, Spec], eventful: "Client", version: str
) -> None:
    known = eventful.ids(f"/{version}/events", limit=1000)[0]
    values = {
        "limit": "5",
        "starting_after": known,
        "ending_before": "last",
        "school": "0" * 24,
        "record_type": "users",
    }
    values |= {"count": "true", "role": "teacher", "page": "1", "where": "x"}
    accepted = {
        name for name, value in values.items() if eventful.get(f"/{version}/events", **{name: value}).is_success
    }
    assert accepted == set(event_specs[version].parameters("/events"))


@pytest.mark.parametrize("version", EVENT_VERSIONS)
def test_refused_events_are_as_the_spec_says(event_specs: dict[str, Spec], eventful: "Client", version: str) -> None:
    sandbox = eventful.sandbox
    (district_id,) = sandbox.districts
    sandbox.disable_events(district_id, 404)
    response = eventful.get(f"/{version}/events")
    sandbox.enable_events(district_id)
    assert response.status_code == 404
    assert list(event_specs[version].problems(response.json(), event_specs[version].response("/events", 404))) == []
