"""Records leave a page as the bytes that Clever sent, one a line, whatever the page looks like."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.clever.envelopes import CutOffError, ShapeError, read_records

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
def test_a_first_or_last_record_without_an_id_is_no_record(record: dict[str, object]) -> None:
    good = {"data": {"id": "a"}}
    for items, which in (([{"data": record}, good], "first"), ([good, {"data": record}], "last")):
        for only_ids in (False, True):
            with pytest.raises(ShapeError, match=f"{which} record has no id|got `int`"):
                read_records(bytearray(json.dumps({"data": items}).encode()), only_ids=only_ids)


def test_an_item_whose_data_is_no_object_is_no_record() -> None:
    for only_ids in (False, True):
        for data in ("7", "null", '["a"]', '"a"'):
            with pytest.raises(ShapeError):
                read_records(bytearray(f'{{"data":[{{"data":{data}}}]}}'.encode()), only_ids=only_ids)


def test_what_is_wrong_with_a_page_is_told_without_its_content() -> None:
    body = b'{"data":[{"data":{"id":"a"}}], "links":[{"rel":{"name":"Ada Lovelace"}}]}'
    with pytest.raises(ShapeError) as caught:
        read_records(bytearray(body))
    assert "Ada" not in str(caught.value)
    assert "links" in str(caught.value)
