"""Records leave a page as the bytes that Clever sent, one a line, whatever the page looks like."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.clever.envelopes import CutOffError, RecordError, ShapeError, read_records
from pipelines.clever.page_faults import DEEPEST, items

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
RECORD = st.dictionaries(TEXT, VALUE, max_size=4) | st.fixed_dictionaries({"district": st.none() | TEXT, "x": VALUE})


@st.composite
def pages(draw: st.DrawFn) -> tuple[bytes, list[dict[str, Any]], list[str]]:
    records = [{**record, "id": f"id{number}"} for number, record in enumerate(draw(st.lists(RECORD, max_size=6)))]
    items = []
    for record in records:
        keys = draw(st.permutations(["data", "uri", "unknown"]))
        extra = {"data": record, "uri": "/v3.0/users/x", "unknown": draw(VALUE)}
        items.append({key: extra[key] for key in keys})
    uris = draw(st.lists(st.just("/v3.0/users?a"), max_size=2))
    links = [{"rel": "self", "uri": "/s", "more": 1}, *({"uri": uri, "rel": "next"} for uri in uris)]
    envelope = {"data": items, "links": links, "paging": draw(VALUE)}
    keys = draw(st.permutations(list(envelope)))
    indent: int | str | None = draw(st.sampled_from([None, 0, 2, "\t"]))
    text = json.dumps({key: envelope[key] for key in keys}, indent=indent, ensure_ascii=draw(st.booleans()))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode(), records, uris


@given(pages())
def test_any_rendering_of_a_page_gives_its_records_in_order(
    page: tuple[bytes, list[dict[str, Any]], list[str]],
) -> None:
    body, records, uris = page
    found = read_records(bytearray(body))
    lines = found.lines.decode().split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == records
    assert "\r" not in found.lines.decode()
    assert found.count == len(records)
    assert found.next_uris == tuple(dict.fromkeys(uris))
    assert (found.first_id, found.last_id) == ((records[0]["id"], records[-1]["id"]) if records else (None, None))


@given(pages())
def test_of_a_page_that_is_read_for_its_ids_only_the_ids_and_districts_are_kept(
    page: tuple[bytes, list[dict[str, Any]], list[str]],
) -> None:
    body, records, _ = page
    whole, found = (read_records(bytearray(body), only_ids=only_ids) for only_ids in (False, True))
    lines = [json.loads(line) for line in found.lines.decode().split("\n")[:-1]]
    assert lines == [{"id": record["id"], "district": record.get("district")} for record in records]
    assert replace(found, lines=whole.lines) == whole


@given(pages(), st.data())
def test_any_page_that_is_cut_off_is_known_as_such(
    page: tuple[bytes, list[dict[str, Any]], list[str]], data: st.DataObject
) -> None:
    body = page[0]
    with pytest.raises(CutOffError):
        read_records(bytearray(body[: data.draw(st.integers(0, len(body) - 1))]), only_ids=data.draw(st.booleans()))


def test_the_bytes_of_a_record_are_not_touched() -> None:
    record = '{ "id" :"a",  "n":1.50e+1,"t":"\\u00e9é\\n\\/", "id2":null }'
    body = f'{{"links":[], "data" : [ {{"uri":"x", "data":{record} }} ]}}'
    assert read_records(bytearray(body.encode())).lines == record.encode() + b"\n"


def test_line_breaks_between_the_parts_of_a_record_become_blanks() -> None:
    found = read_records(bytearray(b'{"data":[{"data":{\r\n "id":\n"a\\nb"}}]}'))
    assert found.lines == b'{   "id": "a\\nb"}\n'


@pytest.mark.parametrize("bad", [b"\xff", b"\xed\xa0\x80", b"\xc3("])
def test_text_that_is_not_utf8_is_not_taken_for_json(bad: bytes) -> None:
    for only_ids, name in ((False, b"x"), (False, b"id"), (True, b"id"), (True, b"district")):
        with pytest.raises(CutOffError):
            read_records(bytearray(b'{"data":[{"data":{"' + name + b'":"' + bad + b'"}}]}'), only_ids=only_ids)


def test_characters_that_fall_on_the_edge_of_a_piece_are_whole() -> None:
    for shift in range(4):
        text = "x" * (65_536 - 40 + shift) + "😀é" * 30_000
        body = json.dumps({"data": [{"data": {"id": "a", "t": text}}]}, ensure_ascii=False).encode()
        assert json.loads(read_records(bytearray(body)).lines)["t"] == text


@pytest.mark.parametrize("record", [{}, {"id": None}, {"id": ""}, {"id": 7}])
@pytest.mark.parametrize("only_ids", [False, True])
def test_a_first_or_last_record_without_an_id_is_named_by_its_position(
    record: dict[str, object], *, only_ids: bool
) -> None:
    good = {"data": {"id": "a"}}
    for listed, number in (([{"data": record}, good], 1), ([good, {"data": record}], 2)):
        with pytest.raises(RecordError, match=rf"record number {number} of the page (has no id|is not text)"):
            read_records(bytearray(json.dumps({"data": listed}).encode()), only_ids=only_ids)


@pytest.mark.parametrize(
    "item", ['{"data":7}', '{"data":null}', '{"data":["a"]}', '{"data":"a"}', "{}", "7", "null", "[]"]
)
@pytest.mark.parametrize("only_ids", [False, True])
def test_an_item_whose_data_is_not_an_object_is_named_by_its_position(item: str, *, only_ids: bool) -> None:
    body = f'{{"links":[],"data":[{{"data":{{"id":"a"}}}},{item},{{"data":{{"id":"b"}}}}]}}'
    with pytest.raises(RecordError, match=r"^the `data` of record number 2 of the page is missing or not an object$"):
        read_records(bytearray(body.encode()), only_ids=only_ids)


@pytest.mark.variants(8)
@pytest.mark.parametrize("levels", [3_000, 100_000])
@pytest.mark.parametrize("only_ids", [False, True])
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]"), ('[{"]":', "}]"), (' [ "[{", ', " ] ")])
def test_what_is_nested_too_deeply_in_a_record_is_null_and_everything_else_stays(
    opening: str, closing: str, number: int, *, only_ids: bool, levels: int
) -> None:
    records = [f'{{ "n":"}}]", "id": "a{each}" }}' for each in range(3)]
    deep = opening * levels + "0" + closing * levels
    records[number] = f'{{"name":{{"id":"x"}},"x":{deep},"y":[1],"id":"a{number}"}}'
    body = '{"links":[],"data":[' + ",".join(f'{{"data":{record}}}' for record in records) + "]}"
    lines = read_records(bytearray(body.encode()), only_ids=only_ids).lines.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a0", "a1", "a2"]
    if not only_ids:
        record = json.loads(lines[number])
        assert (record["name"], record["y"]) == ({"id": "x"}, [1])
        assert max(item.levels for item in items(body.encode())) > DEEPEST
        kept = b'{"data":[' + b",".join(b'{"data":' + line + b"}" for line in lines) + b"]}"
        assert max(item.levels for item in items(kept)) == DEEPEST
        assert [line for place, line in enumerate(lines) if place != number] == [
            record.encode() for place, record in enumerate(records) if place != number
        ]


def test_a_page_that_is_nested_too_deeply_outside_of_its_records_blames_no_record() -> None:
    body = f'{{"data":[{{"data":{{"id":"a"}}}}],"paging":{"[" * 3_000}{"]" * 3_000}}}'
    with pytest.raises(ShapeError, match=r"^it is nested too deeply to read$"):
        read_records(bytearray(body.encode()))


def test_what_is_wrong_with_a_page_is_reported_without_its_content() -> None:
    body = b'{"data":[{"data":{"id":"a"}}], "links":[{"rel":{"name":"Ada Lovelace"}}]}'
    with pytest.raises(ShapeError) as caught:
        read_records(bytearray(body))
    assert "Ada" not in str(caught.value)
    assert "links" in str(caught.value)


LONE = st.text(st.characters() | st.sampled_from('\ud83d\ude00\\u"/'), max_size=8)


@given(st.lists(st.dictionaries(LONE, LONE, max_size=3), max_size=4), st.sampled_from([None, 1]), st.booleans())
def test_half_a_surrogate_pair_is_replaced_wherever_it_is_and_its_record_is_named(
    fields: list[dict[str, str]],
    indent: int | None,
    slashes: bool,  # noqa: FBT001 - given by Hypothesis
) -> None:
    records = [
        {"id": f"id{number}"} | {f"_{key}": value for key, value in each.items()} for number, each in enumerate(fields)
    ]
    body = json.dumps({"data": [{"data": record} for record in records]}, indent=indent)
    found = read_records(bytearray((body.replace("/", "\\/") if slashes else body).encode()))
    # A pair that Python keeps as two halves is one character in JSON.
    whole = [json.loads(json.dumps(record)) for record in records]
    assert [json.loads(line) for line in found.lines.splitlines()] == [
        {_replaced(key): _replaced(value) for key, value in record.items()} for record in whole
    ]
    assert list(found.repaired) == [record["id"] for record in whole if any(map(_is_cut, [*record, *record.values()]))]


def _is_cut(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _replaced(text: str) -> str:
    return "".join("\ufffd" if _is_cut(character) else character for character in text)


def test_half_a_surrogate_pair_in_an_id_is_replaced_in_every_stream() -> None:
    body = rb'{"data":[{"data":{"id":"a\ud83d","district":"d","n":"\uDC00"}}]}'
    for only_ids in (False, True):
        found = read_records(bytearray(body), only_ids=only_ids)
        assert (found.first_id, found.last_id) == ("a\ufffd", "a\ufffd")


def test_a_page_that_is_cut_off_stays_cut_off_with_half_a_surrogate_pair_in_it() -> None:
    with pytest.raises(CutOffError):
        read_records(bytearray(rb'{"data":[{"data":{"id":"a","n":"\ud83d"}}'))
