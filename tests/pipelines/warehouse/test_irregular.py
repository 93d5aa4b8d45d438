import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.records import CATALOG, Field, Kind, Stream, Table, Tier
from pipelines.warehouse import irregular
from pipelines.warehouse.errors import RecordError
from pipelines.warehouse.irregular import EXTRA, LARGEST, Regular


def sample(stream: Stream) -> bytes:
    """Return a line that has every name that a regular line of the stream may have; each value is text."""
    return json.dumps(_sample(irregular._known(stream)), separators=(",", ":")).encode() + b"\n"


def _sample(node: object) -> Any:
    match node:
        case irregular._List(item=item):
            return [_sample(item)]
        case irregular._Object():
            names = {name: _sample(inner) for name, inner in node.kept}
            return {**names, EXTRA: "text"} if node.is_row else names
        case _:
            return "text"


def _field(path: str, kind: Kind, values: tuple[str, ...] = ()) -> Field:
    return Field(path.replace(".", "_") or "item", path, kind, Tier.PUBLIC, "", values)


def _table(path: str, *fields: Field) -> Table:
    return Table(path or "pets", path, "", "pet_id", "", fields)


PETS = Stream(
    "pets",
    "/pets",
    tables=(
        _table(
            "",
            _field("email", Kind.TEXT),
            _field("name.first", Kind.TEXT),
            _field("name.last", Kind.TEXT),
            _field("home.place.city", Kind.TEXT),
            _field("born", Kind.DATE),
            _field("created", Kind.INSTANT),
            _field("school", Kind.ID),
            _field("is_tame", Kind.BOOLEAN),
            _field("tags", Kind.TEXTS),
            _field("ext", Kind.JSON),
            _field("roles", Kind.KEYS, ("dog", "cat", "fish")),
        ),
        _table(
            "roles.dog",
            _field("legacy_id", Kind.ID),
            _field("schools", Kind.IDS),
            _field("credentials.username", Kind.TEXT),
        ),
        _table("roles.dog.tricks[]", _field("trick", Kind.ID), _field("since", Kind.DATE)),
        _table("roles.cat", _field("legacy_id", Kind.ID)),
        _table("friends[]", _field("", Kind.ID)),
        _table("toys[]", _field("name", Kind.TEXT), _field("maker.city", Kind.TEXT)),
        _table("owner", _field("phone", Kind.TEXT)),
    ),
    not_kept=("contact.district", "name.district", "is_old"),
)
USERS = next(stream for stream in CATALOG.streams if stream.name == "users")

pets = Regular(PETS)


def rewritten(fields: str) -> str:
    """Rewrite a pet with these fields; without the ID."""
    line = pets.rewrite(f'{{"id":"p1",{fields}}}'.encode()).decode()
    assert line.startswith('{"id":"p1"')
    return line.removeprefix('{"id":"p1"').removeprefix(",").removesuffix("}")


def with_extra(fields: str, extra: str) -> str:
    return ",".join(part for part in (fields, f'"_extra":{json.dumps(extra, ensure_ascii=False)}') if part)


# Regular lines

REGULAR = [
    '{"id":"p1"}',
    '{"_line":"text","id":"p1","district":"d1"}',
    '{"id":"p1","email":null,"name":null,"tags":null,"toys":null,"roles":null,"ext":null,"owner":null}',
    '{"id":"p1","email":"","name":{},"tags":[],"toys":[],"friends":[],"roles":{},"ext":{},"owner":{}}',
    '{"id":"p1","email":12,"born":-3,"tags":["a",1,true]}',
    '{"id":"p1","email":true,"is_tame":false}',
    '{"id":"p1","roles":{"dog":{},"cat":null,"fish":{}}}',
    '{"id":"p1","roles":{"dog":{"legacy_id":null,"schools":["s1"],"tricks":[{"trick":"t"},{}]}}}',
    '{ "id" : "p1", "email":"\\u00e9 \\ud83d\\ude00 \\\\ud83d" }',
    '{"id":"p1","ext":{"a":1,"a":[null,{"b":"c"}],"d":{"e":{"f":1}}}}',
    '{"\\u0069d":"p1"}',
]


@pytest.mark.parametrize("line", REGULAR)
@pytest.mark.parametrize("ending", ["", "\n"])
def test_rewrite_returns_a_regular_line_as_it_is(line: str, ending: str) -> None:
    sent = f"{line}{ending}".encode()
    assert pets.is_regular(sent)
    assert pets.rewrite(sent) is sent


@pytest.mark.parametrize("number", ["9223372036854775808", "18446744073709551615", "-9223372036854775808"])
def test_rewrite_keeps_whole_numbers_of_64_bits_in_text_fields(number: str) -> None:
    line = f'{{"id":"p1","email":{number}}}'.encode()
    assert pets.rewrite(line) == line


# Irregular lines


@pytest.mark.parametrize(
    ("sent", "kept", "extra"),
    [
        # unknown names
        ('"color":"red"', "", '{"color":"red"}'),
        ('"name":{"first":"A","suffix":"Jr."}', '"name":{"first":"A"}', '{"name":{"suffix":"Jr."}}'),
        ('"home":{"place":{"x":1},"y":2}', '"home":{"place":{}}', '{"home":{"place":{"x":1},"y":2}}'),
        ('"Email":"a"', "", '{"Email":"a"}'),
        ('"roles":{"bird":{"x":1}}', '"roles":{}', '{"roles":{"bird":{"x":1}}}'),
        ('"roles":{"bird":5}', '"roles":{}', '{"roles":{"bird":5}}'),
        ('"color":{},"size":[]', "", '{"color":{},"size":[]}'),
        ('"color":{"a":null,"a":"","b" : [ 1.10, " " ]}', "", '{"color":{"a":null,"a":"","b":[1.10," "]}}'),
        ('"color":123456789012345678901234567890', "", '{"color":123456789012345678901234567890}'),
        ('"color":-0.0e+10', "", '{"color":-0.0e+10}'),
        ('"color":"a \\"b\\" \\u00e9"', "", '{"color":"a \\"b\\" \\u00e9"}'),
        ('"color":1,"color":2', "", '{"color":1,"color":2}'),
        ('"_extra":"text"', "", '{"_extra":"text"}'),
        ('"_extra":{"a":1}', "", '{"_extra":{"a":1}}'),
        # other types
        ('"email":["a","b"]', "", '{"email":["a","b"]}'),
        ('"email":{"a":1}', "", '{"email":{"a":1}}'),
        ('"email":1.10', "", '{"email":1.10}'),
        ('"email":1e5', "", '{"email":1e5}'),
        ('"email":18446744073709551616', "", '{"email":18446744073709551616}'),
        ('"email":-9223372036854775809', "", '{"email":-9223372036854775809}'),
        ('"born":[]', "", '{"born":[]}'),
        ('"created":5', "", '{"created":5}'),
        ('"created":true', "", '{"created":true}'),
        ('"school":5', "", '{"school":5}'),
        ('"is_tame":"true"', "", '{"is_tame":"true"}'),
        ('"is_tame":1', "", '{"is_tame":1}'),
        ('"ext":"a"', "", '{"ext":"a"}'),
        ('"ext":"{}"', "", '{"ext":"{}"}'),
        ('"ext":"[1.5]"', "", '{"ext":"[1.5]"}'),
        ('"ext":[]', "", '{"ext":[]}'),
        ('"name":"A B"', "", '{"name":"A B"}'),
        ('"name":["A"]', "", '{"name":["A"]}'),
        ('"home":{"place":3}', '"home":{}', '{"home":{"place":3}}'),
        ('"owner":"A"', "", '{"owner":"A"}'),
        ('"tags":"a"', "", '{"tags":"a"}'),
        ('"tags":["a",{"b":1},1.5,null]', '"tags":["a"]', '{"tags":["a",{"b":1},1.5,null]}'),
        ('"friends":["a",5]', '"friends":["a"]', '{"friends":["a",5]}'),
        ('"toys":{"name":"a"}', "", '{"toys":{"name":"a"}}'),
        ('"toys":[{"name":"a"},"b"]', '"toys":[{"name":"a"}]', '{"toys":[{"name":"a"},"b"]}'),
        ('"contact":"text"', "", '{"contact":"text"}'),
        # fields that occur twice
        ('"email":"a","email":"b"', "", '{"email":"a","email":"b"}'),
        ('"name":{"first":"a","first":"b","last":"c"}', '"name":{"last":"c"}', '{"name":{"first":"a","first":"b"}}'),
        ('"name":{"first":"a"},"name":{"last":"b"}', "", '{"name":{"first":"a"},"name":{"last":"b"}}'),
        ('"tags":["a"],"tags":["b"]', "", '{"tags":["a"],"tags":["b"]}'),
        ('"email":"a","_line":"x"', '"email":"a","_line":"x"', None),
        ('"email":"a","_line":5', '"email":"a"', '{"_line":5}'),
    ],
)
def test_rewrite_moves_what_is_irregular_into_extra(sent: str, kept: str, extra: str | None) -> None:
    assert rewritten(sent) == (kept if extra is None else with_extra(kept, extra))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ('"color":null', ""),
        ('"color":""', ""),
        ('"name":""', ""),
        ('"tags":""', ""),
        ('"tags":["a",null]', '"tags":["a"]'),
        ('"toys":[null,{}]', '"toys":[{}]'),
        ('"is_old":"yes","name":{"district":[1]},"contact":{"district":1,"district":2}', '"name":{}'),
        ('"contact":null', ""),
    ],
)
def test_rewrite_drops_what_is_empty_or_not_kept(sent: str, kept: str) -> None:
    assert not pets.is_regular(f'{{"id":"p1",{sent}}}'.encode())
    assert rewritten(sent) == kept


def test_rewrite_makes_text_of_an_object_with_numbers_that_duckdb_would_change() -> None:
    assert rewritten('"ext":{"a" : 1.10,"b":"1.10 "}') == r'"ext":"{\"a\":1.10,\"b\":\"1.10 \"}"'


def test_rewrite_gives_each_table_row_its_own_extra() -> None:
    sent = (
        '"a":1,"roles":{"dog":{"b":2,"credentials":{"c":3},"tricks":[{"d":4},{"trick":"t"},{"trick":5}]}},'
        '"toys":[{"maker":{"e":6}}],"owner":{"f":7}'
    )
    assert rewritten(sent) == with_extra(
        '"roles":{"dog":{"credentials":{},"tricks":['
        r'{"_extra":"{\"d\":4}"},{"trick":"t"},{"_extra":"{\"trick\":5}"}],'
        r'"_extra":"{\"b\":2,\"credentials\":{\"c\":3}}"}},'
        r'"toys":[{"maker":{},"_extra":"{\"maker\":{\"e\":6}}"}],"owner":{"_extra":"{\"f\":7}"}',
        '{"a":1}',
    )


def test_rewrite_keeps_what_an_earlier_rewrite_moved() -> None:
    sent = with_extra('"name":{"first":"a","b":2}', '{"name":{"a":1},"color":null}')
    assert rewritten(sent) == with_extra('"name":{"first":"a"}', '{"name":{"a":1,"b":2},"color":null}')


def test_rewrite_keeps_the_line_of_landing_first_when_clever_sends_one_too() -> None:
    sent = b'{"_line":"ours","id":"p1","_line":"theirs"}\n'
    assert pets.rewrite(sent) == b'{"_line":"ours","id":"p1","_extra":"{\\"_line\\":\\"theirs\\"}"}\n'


def test_rewrite_replaces_half_a_surrogate_pair() -> None:
    assert rewritten(r'"email":"a\ud83d","x":"\\ud83d \udc00\ud83d\ude00"') == with_extra(
        r'"email":"a\ufffd"', r'{"x":"\\ud83d \ufffd\ud83d\ude00"}'
    )


# Identity


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"district":"secret"}', "A record cannot be loaded: it has no `id`."),
        ('{"id":null,"email":"secret"}', "A record cannot be loaded: it has no `id`."),
        ('{"id":""}', "A record cannot be loaded: it has no `id`."),
        ('{"id":5}', "A record cannot be loaded: `id` holds a number instead of text."),
        ('{"id":"p1","id":"secret"}', "`id` occurs more than once."),
        ('{"id":"p1","district":["secret"]}', "Record p1 cannot be loaded: `district` holds a list instead of text."),
        ('{"id":"the secret","district":{}}', "A record cannot be loaded: `district` holds an object instead of text."),
        ('{"id":"p1","roles":["secret"]}', "Record p1 cannot be loaded: `roles` holds a list instead of an object."),
        ('{"id":"p1","roles":""}', "Record p1 cannot be loaded: `roles` holds text instead of an object."),
        ('{"id":"p1","roles":{},"roles":null}', "Record p1 cannot be loaded: `roles` occurs more than once."),
        (
            '{"id":"p1","roles":{"dog":"secret"}}',
            "Record p1 cannot be loaded: `roles.dog` holds text instead of an object.",
        ),
        (
            '{"id":"p1","roles":{"fish":5}}',
            "Record p1 cannot be loaded: `roles.fish` holds a number instead of an object.",
        ),
        ('{"id":"p1","roles":{"dog":{},"dog":{}}}', "Record p1 cannot be loaded: `roles.dog` occurs more than once."),
        (
            '{"id":"p1","roles":{"dog":{"legacy_id":1.5}}}',
            "Record p1 cannot be loaded: `roles.dog.legacy_id` holds a number instead of text.",
        ),
        (
            '{"id":"p1","roles":{"dog":{"legacy_id":"secret","legacy_id":"b"}}}',
            "Record p1 cannot be loaded: `roles.dog.legacy_id` occurs more than once.",
        ),
        ('["secret"]', "A record cannot be loaded: it is a list instead of an object."),
        ('"secret"', "A record cannot be loaded: it is text instead of an object."),
        ("secret", "A record cannot be loaded: it is not valid JSON."),
        ("", "A record cannot be loaded: it is not valid JSON."),
        ('{"id":"p1","email":NaN}', "Record p1 cannot be loaded: it is not valid JSON."),
        ('{"id":"p1"} secret', "A record cannot be loaded: it is not valid JSON."),
        ('{"id":"p1","email":"a\tb"}', "A record cannot be loaded: it is not valid JSON."),
        (
            f'{{"id":"p1","a":{"[" * 100_000}{"]" * 100_000}}}',
            "A record cannot be loaded: it is nested too deeply to be read.",
        ),
    ],
)
def test_rewrite_raises_when_identity_depends_on_what_is_irregular(line: str, message: str) -> None:
    with pytest.raises(RecordError) as raised:
        pets.rewrite(line.encode())
    assert str(raised.value).endswith(message)
    error: BaseException | None = raised.value
    while error is not None:
        assert "secret" not in str(error)
        error = error.__cause__ or error.__context__
    assert '"id":"p1","id"' in line or not pets.is_regular(line.encode()) or "more than once" in message


def test_rewrite_raises_when_a_line_is_not_utf_8() -> None:
    with pytest.raises(RecordError, match="it is not valid JSON"):
        pets.rewrite(b'{"id":"p1","email":"\xff"}')


# Lines that are too large


def _large(*fields: str) -> tuple[bytes, dict[str, Any]]:
    line = pets.rewrite(f'{{"id":"p1",{",".join(fields)}}}\n'.encode())
    assert len(line) <= LARGEST
    assert pets.rewrite(line) == line
    return line, json.loads(line)


def test_rewrite_removes_as_few_values_as_possible_from_a_line_that_is_too_large() -> None:
    half = "x" * (LARGEST // 2)
    _, record = _large(f'"email":"{half}"', f'"name":{{"first":"{half}","last":"B"}}', '"color":1')
    assert record.keys() == {"id", "name", "_extra"}
    assert record["name"] == {"first": half, "last": "B"}
    assert record["_extra"] == '{"color":1,"email":null}'


def test_rewrite_removes_unknown_values_and_lists_that_are_too_large() -> None:
    large = "x" * LARGEST
    _, record = _large(
        f'"color":"{large}"',
        f'"name":{{"first":"A","suffix":["{large}"]}}',
        f'"roles":{{"dog":{{"tricks":[{{"trick":"{large}"}}],"schools":["{large}",5]}},"bird":{{"a":"{large}"}}}}',
    )
    assert record["name"] == {"first": "A"}
    assert record["roles"] == {"dog": {"_extra": '{"schools":null,"tricks":null}'}}
    assert record["_extra"] == '{"color":null,"name":{"suffix":null},"roles":{"bird":null}}'


def test_rewrite_removes_a_value_that_only_extra_makes_too_large() -> None:
    quotes = '\\"' * (LARGEST // 3)
    _, record = _large('"email":"a"', f'"color":"{quotes}"', f'"size":"{"x" * 1_000}"')
    assert json.loads(record["_extra"]) == {"color": None, "size": "x" * 1_000}


def test_rewrite_keeps_a_line_that_just_fits() -> None:
    line = f'{{"id":"p1","email":"{"x" * (LARGEST - 22)}"}}'.encode()
    assert len(line) == LARGEST
    assert pets.is_regular(line)
    assert pets.rewrite(line) is line
    assert not pets.is_regular(line + b"\n")
    assert pets.rewrite(line + b"\n") == b'{"id":"p1","_extra":"{\\"email\\":null}"}\n'


@pytest.mark.parametrize("field", ["id", "district"])
def test_rewrite_raises_when_identity_is_too_large(field: str) -> None:
    with pytest.raises(RecordError, match=r"it has 17 MB, and 16 MB are the most"):
        pets.rewrite(json.dumps({"id": "p1", field: "x" * (17 << 20)}).encode())


# Every record


class Pairs(list[tuple[str, Any]]):
    """A JSON object, in which a name may occur twice."""


class Number(str):
    """A JSON number as it was sent."""

    __slots__ = ()


def parsed(text: str | bytes) -> Any:
    return json.loads(text, object_pairs_hook=Pairs, parse_int=Number, parse_float=Number)


def written(value: Any, *, escaped: bool = False) -> str:
    match value:
        case Pairs():
            return "{" + ", ".join(f"{json.dumps(name)}: {written(inner)}" for name, inner in value) + "}"
        case list():
            return "[" + ",".join(map(written, value)) + "]"
        case Number():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=escaped)


def whole(value: Any) -> Any:
    """What a line says together with what is in `_extra`, without what is empty, in any order.

    There is nothing to keep within `contact`, so it may be empty, too.
    """
    match value:
        case Pairs():
            moved = [pair for pair in value if pair[0] == "_extra" and isinstance(pair[1], str) and pair[1][:1] == "{"]
            merged = (
                _merged(Pairs(pair for pair in value if pair not in moved), parsed(moved[0][1])) if moved else value
            )
            pairs = [(name, whole(_unpacked(name, inner))) for name, inner in merged if inner not in (None, "")]
            return Pairs(sorted((pair for pair in pairs if pair[0] != "contact" or pair[1] != Pairs()), key=repr))
        case list():
            return [whole(item) for item in value if item is not None]
        case _:
            return value


def _unpacked(name: str, value: Any) -> Any:
    is_packed = name == "ext" and isinstance(value, str) and value[:1] == "{" and re.search("[0-9][.eE]", value)
    return parsed(value) if is_packed else value


def _merged(kept: Pairs, extra: Pairs) -> Pairs:
    result = Pairs(kept)
    for name, value in extra:
        there = [inner for other, inner in kept if other == name]
        result = Pairs(pair for pair in result if pair[0] != name or pair not in kept)
        if there and isinstance(there[0], Pairs) and isinstance(value, Pairs):
            result.append((name, _merged(there[0], value)))
        else:
            result.append((name, value))
    return result


def without(value: Any, path: str) -> Any:
    name, _, rest = path.partition(".")
    if not isinstance(value, Pairs):
        return value
    if not rest:
        return Pairs(pair for pair in value if pair[0] != name)
    return Pairs((other, without(inner, rest) if other == name else inner) for other, inner in value)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.sampled_from(["", "{}", '{"a":1}', "null"])
numbers = st.sampled_from(
    ["0", "-1", "1.10", "1e5", "-0.0E-400", "1e999", "9223372036854775807", "18446744073709551616", "9" * 40]
).map(Number)
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(st.tuples(st.sampled_from(["a", "b", "name", "_extra"]) | texts, inner), max_size=3).map(Pairs)
    ),
    max_leaves=5,
)
REGULAR_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: texts | st.booleans() | st.just(Number("7")),
    Kind.DATE: texts,
    Kind.ID: texts,
    Kind.INSTANT: texts,
    Kind.BOOLEAN: st.booleans(),
    Kind.TEXTS: st.lists(texts),
    Kind.IDS: st.lists(texts),
    Kind.JSON: st.lists(st.tuples(texts, anything), max_size=3).map(Pairs),
}
UNKNOWN = ["color", "Email", "_extra", "_line", "bird", "contact", "name", "legacy", "é", ""]


CUSTOM: st.SearchStrategy[Any] = st.dictionaries(texts, texts | st.booleans() | st.lists(texts), max_size=3)


def records(stream: Stream, *, is_irregular: bool = True) -> st.SearchStrategy[Pairs]:
    """Records of a stream, with all that is known in it and, if wanted, with anything anywhere but where identity is."""
    tree: dict[str, Any] = {}
    for table in stream.tables:
        for declared in table.fields:
            kind: Any = {value: {} for value in declared.values} if declared.kind is Kind.KEYS else declared.kind
            place(tree, table.full_path(declared), kind)

    @st.composite
    def objects(draw: st.DrawFn, known: dict[str, Any], path: str = "") -> Pairs:
        pairs = Pairs()
        for name, inner in known.items():
            at = f"{path}.{name}".removeprefix(".")
            is_identity = name == "legacy_id" or (at.startswith("roles") and at.count(".") < 2)
            if isinstance(inner, dict) and not name.endswith("[]"):
                value: st.SearchStrategy[Any] = st.none() | objects(inner, at)
            elif isinstance(inner, dict):
                value = st.lists(objects(inner, at) | (anything if is_irregular else st.nothing()), max_size=3)
            elif name.endswith("[]"):
                value = st.lists(REGULAR_VALUES[inner] | (anything if is_irregular else st.nothing()), max_size=3)
            else:
                is_custom = inner is Kind.JSON and not is_irregular
                value = st.none() | (
                    CUSTOM.map(lambda fields: Pairs(fields.items())) if is_custom else REGULAR_VALUES[inner]
                )
            odd = draw(st.integers(0, 9)) if is_irregular and not is_identity else 0
            values = {9: [anything], 8: [value, value], 7: [value, anything]}.get(odd, [value])
            if draw(st.booleans()):
                pairs += [(name.removesuffix("[]"), draw(each)) for each in values]
        if is_irregular and path != "roles":
            names = st.sampled_from([name for name in UNKNOWN if name not in known and (path or name != "_line")])
            pairs += draw(st.lists(st.tuples(names, anything), max_size=2))
        return Pairs(draw(st.permutations(pairs)))

    return objects(tree).map(lambda pairs: Pairs([("_line", "a"), ("id", "p1"), *pairs]))


def place(tree: dict[str, Any], path: str, kind: Any) -> None:
    *parents, last = path.split(".")
    for name in parents:
        tree = tree.setdefault(name, {})
    if isinstance(kind, dict):
        tree.setdefault(last, {}).update(kind)
    else:
        tree[last] = kind


def scanned(folder: Path, stream: Stream, lines: list[bytes], columns: str = "*") -> list[tuple[Any, ...]]:
    """What DuckDB reads of lines when it accepts no other names and types than those of the sample."""
    (folder / "sample.ndjson").write_bytes(sample(stream))
    (folder / "lines.ndjson").write_bytes(b"".join(line + b"\n" for line in lines))
    with duckdb.connect() as connection:
        return connection.execute(
            f"SELECT {columns} FROM read_json([$sample, $lines], format = 'newline_delimited', maximum_sample_files = 1, "
            "field_appearance_threshold = 0, map_inference_threshold = -1)",
            {"sample": str(folder / "sample.ndjson"), "lines": str(folder / "lines.ndjson")},
        ).fetchall()[1:]


def extras(value: Any) -> Iterator[str]:
    if isinstance(value, Pairs):
        for name, inner in value:
            if name == "_extra":
                yield inner
            elif name != "ext":
                yield from extras(inner)


@pytest.mark.parametrize("stream", [PETS, USERS], ids=lambda stream: str(stream.name))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_rewrite_loses_nothing_and_makes_lines_that_duckdb_reads(
    tmp_path: Path, stream: Stream, data: st.DataObject
) -> None:
    regular = Regular(stream)
    sent = data.draw(st.lists(records(stream), min_size=1, max_size=5))
    lines = [written(record, escaped=data.draw(st.booleans())).encode() for record in sent]
    rewrites = [regular.rewrite(line) for line in lines]
    for record, line, rewrite in zip(sent, lines, rewrites, strict=True):
        expected: Any = record
        for path in stream.not_kept:
            expected = without(expected, path)
        assert whole(parsed(rewrite)) == whole(expected)
        assert regular.rewrite(rewrite) == rewrite
        assert b"_extra" in rewrite or b'"ext":"' in rewrite or regular.is_regular(rewrite)
        if regular.is_regular(line):
            assert rewrite == line or _has_twice(record)
    rows = scanned(tmp_path, stream, rewrites)
    assert [row[-1] for row in rows] == [dict(parsed(rewrite)).get("_extra") for rewrite in rewrites]
    with duckdb.connect() as connection:
        for text in (text for rewrite in rewrites for text in extras(parsed(rewrite))):
            connection.execute("SELECT $text::JSON", {"text": text}).fetchall()


def _has_twice(value: Any) -> bool:
    if isinstance(value, Pairs):
        return len({name for name, _ in value}) < len(value) or any(_has_twice(inner) for _, inner in value)
    return isinstance(value, list) and any(map(_has_twice, value))


@pytest.mark.parametrize("stream", [PETS, USERS], ids=lambda stream: str(stream.name))
@settings(deadline=None)
@given(data=st.data())
def test_rewrite_leaves_every_regular_record_as_it_is(stream: Stream, data: st.DataObject) -> None:
    regular = Regular(stream)
    line = written(data.draw(records(stream, is_irregular=False))).encode()
    assert regular.is_regular(line)
    assert regular.rewrite(line) is line


@pytest.mark.parametrize(
    "number", ["1.10", "1e5", "0.0000001", "-0.0", "1e999", "12345678901234567890.5", "7", "9" * 40]
)
def test_rewrite_lets_duckdb_read_custom_fields_exactly_as_sent(tmp_path: Path, number: str) -> None:
    fields = f'{{"a":[{number}],"a":{{"b":"{number}"}}}}'
    ((ext,),) = scanned(tmp_path, PETS, [pets.rewrite(f'{{"id":"p1","ext":{fields}}}'.encode())], "ext")
    assert ext == fields


def _user(email: str, name: str, more: str = "") -> bytes:
    teacher = '{"legacy_id":"55dbb001ba6f48d8dbfffff1","sis_id":"00042","school":"60dd","schools":["60dd"]}'
    return f'{{"id":"611f","email":{email},"name":{name},"roles":{{"teacher":{teacher}}}{more}}}'.encode()


@pytest.mark.parametrize(
    ("line", "email", "name", "extra"),
    [
        (
            _user('"odd@example.org"', '{"first":"A"}', ',"email":"second@example.org"'),
            None,
            {"first": "A"},
            '{"email":"odd@example.org","email":"second@example.org"}',
        ),
        (_user('"odd@example.org"', '"A B"'), "odd@example.org", None, '{"name":"A B"}'),
        (_user('"odd@example.org"', r'{"first":"Ann \ud83d"}'), "odd@example.org", {"first": "Ann \ufffd"}, None),
    ],
    ids=["a field occurs twice", "text where an object must be", "half a surrogate pair"],
)
def test_rewrite_makes_faults_seen_in_the_field_readable(
    tmp_path: Path, line: bytes, email: str | None, name: dict[str, str] | None, extra: str | None
) -> None:
    (row,) = scanned(tmp_path, USERS, [Regular(USERS).rewrite(line)], "email, name, roles.teacher.legacy_id, _extra")
    expected = None if name is None else {"first": None, "middle": None, "last": None} | name
    assert row == (email, expected, "55dbb001ba6f48d8dbfffff1", extra)


def test_rewrite_keeps_unknown_values_that_are_nested_deeply() -> None:
    deep = "[" * 300 + "]" * 300
    assert rewritten(f'"color":{deep},"ext":{{"a":{deep}}}') == with_extra(
        f'"ext":{{"a":{deep}}}', f'{{"color":{deep}}}'
    )


@pytest.mark.parametrize("stream", CATALOG.streams, ids=lambda stream: str(stream.name))
def test_sample_has_every_name_that_the_catalog_declares(stream: Stream) -> None:
    line = json.loads(sample(stream))
    for table in stream.tables:
        rows = list(_at(line, table.path))
        assert rows
        for declared in table.fields:
            assert declared.kind is Kind.NAMED or list(_at(rows[0], declared.path)) or not declared.path
        assert isinstance(rows[0], str) or rows[0]["_extra"] == "text"
    assert next(iter(line)) == "_line"


def _at(value: Any, path: str) -> Iterator[Any]:
    for name in filter(None, path.split(".")):
        value = value[name.removesuffix("[]")]
        value = value[0] if name.endswith("[]") else value
    yield value


@pytest.mark.parametrize(
    "ext",
    ['{"a":1.10}', '{ "a": [1, 2.50, {"b": 1e5}] }', '{"a":"2.5","b":-0.5}', '{"é":1.0}', '{"a":0.1,"b":{"c":[0.25]}}'],
)
def test_district_object_with_fractions_is_rewritten_in_the_fast_way_as_in_the_slow_way(ext: str) -> None:
    line = f'{{"_line":"1","id":"p1","ext":{ext},"roles":{{"dog":{{"legacy_id":"l"}}}}}}'.encode()
    assert not pets.is_regular(line)
    assert pets.with_json_as_text(line) == pets.rewrite(line) != line
    assert json.loads(json.loads(pets.rewrite(line))["ext"]) == json.loads(ext)


@pytest.mark.parametrize(
    "line",
    [
        '{"_line":"1","id":"p1","ext":{"a":1.5},"nick":"x"}',
        '{"_line":"1","id":"p1","ext":{"a":1.5},"email":["x"]}',
        '{"_line":"1","id":"p1","ext":[1.5]}',
        '{"_line":"1","id":"p1","ext":{"a":1.5,"b":"\\ud83d"}}',
        '{"_line":"1","id":"p1","ext":{"a":{"a":1.5}},"tags":["{\\"a\\":1.5}"],"born":1.5}',
        '{"_line":"1","id":"p1","ext":{"a":[[[[1]]]]}}',
        '{"_line":"1","id":"p1","email":1.5}',
        '{"_line":"1","id":"p1","ext":{"a":1.5}',
    ],
)
def test_other_records_are_left_to_the_slow_way(line: str) -> None:
    assert pets.with_json_as_text(line.encode()) is None
