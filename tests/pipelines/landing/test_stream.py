"""How one stream is landed: whole pages, a receipt, and a way to go on."""

import hashlib
import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from pipelines.landing import Landing, StreamLanding
from pipelines.landing.stream import without_hashes

if TYPE_CHECKING:
    from pathlib import Path

LINES = [b'{"id":"%d"}\n' % number for number in range(12)]


def _land(stream: StreamLanding, lines: list[bytes], next_uri: str | None) -> None:
    ids = [line[7:-3].decode() for line in lines]
    stream.land(
        lines=b"".join(lines),
        records=len(lines),
        first_id=ids[0] if ids else None,
        last_id=ids[-1] if ids else None,
        next_uri=next_uri,
    )


def test_a_new_stream_has_an_empty_receipt(tmp_path: "Path") -> None:
    receipt = StreamLanding(tmp_path, "users").receipt
    assert (receipt.stream, receipt.pages, receipt.records, receipt.complete, receipt.next_uri) == (
        "users",
        [],
        0,
        False,
        None,
    )


def test_a_page_without_a_next_link_completes_the_stream(tmp_path: "Path") -> None:
    stream = StreamLanding(tmp_path, "users")
    _land(stream, LINES[:2], "/more")
    assert not stream.receipt.complete
    _land(stream, [], None)
    assert stream.receipt.complete
    assert (stream.receipt.first_id, stream.receipt.last_id, stream.receipt.records) == ("0", "1", 2)


def test_a_stream_that_is_opened_again_resumes_where_it_stopped(tmp_path: "Path") -> None:
    _land(StreamLanding(tmp_path, "users"), LINES[:5], "/more")
    stream = StreamLanding(tmp_path, "users")
    assert (stream.receipt.next_uri, stream.receipt.records) == ("/more", 5)
    _land(stream, LINES[5:], None)
    assert b"".join(file.read_bytes() for file in stream.files) == b"".join(LINES)
    assert stream.receipt.digest == hashlib.sha256(b"".join(LINES)).hexdigest()


@given(cuts=st.lists(st.integers(0, len(LINES)), max_size=6), reopened=st.booleans())
def test_the_digest_depends_on_the_lines_and_not_on_the_pages(
    tmp_path_factory: "pytest.TempPathFactory", *, cuts: list[int], reopened: bool
) -> None:
    folder = tmp_path_factory.mktemp("feed")
    stream = StreamLanding(folder, "users")
    edges = [0, *sorted(cuts), len(LINES)]
    for start, end in pairwise(edges):
        _land(stream, LINES[start:end], "/more")
        stream = StreamLanding(folder, "users") if reopened else stream
    assert stream.receipt.digest == hashlib.sha256(b"".join(LINES)).hexdigest()
    assert (stream.receipt.first_id, stream.receipt.last_id) == ("0", "11")
    assert stream.receipt.bytes == len(b"".join(LINES))


def test_a_file_that_is_half_written_under_another_name_counts_for_nothing(tmp_path: "Path") -> None:
    _land(StreamLanding(tmp_path, "users"), LINES[:5], "/more")
    (tmp_path / "users-00002.ndjson.partial").write_bytes(b'{"id":')
    (tmp_path / "users-00002.ndjson").write_bytes(b"".join(LINES[5:]))
    stream = StreamLanding(tmp_path, "users")
    assert stream.receipt.records == 5
    _land(stream, LINES[5:7], None)
    assert [file.read_bytes() for file in stream.files] == [b"".join(LINES[:5]), b"".join(LINES[5:7])]


def test_a_page_whose_bytes_are_not_those_of_the_receipt_is_not_used(tmp_path: "Path") -> None:
    _land(StreamLanding(tmp_path, "users"), LINES[:5], "/more")
    page = tmp_path / "users-00001.ndjson"
    page.write_bytes(b"\0" * page.stat().st_size)
    assert StreamLanding(tmp_path, "users").receipt.pages == []


def test_a_landed_stream_knows_what_was_made_of_an_answer_and_of_no_other(tmp_path: "Path") -> None:
    landing = Landing(tmp_path)
    stream = landing.stream("d", "s", 1, "users")
    stream.land(lines=LINES[0], records=1, first_id="0", last_id="0", next_uri="/more", body="one")
    stream.land(lines=LINES[1], records=1, first_id="1", last_id="1", next_uri=None)
    landed = landing.landed("d", "s")["users"]
    known = landed.made_of("one")
    assert known is not None
    assert (known.page, known.content, known.hashes) == (stream.receipt.pages[0], LINES[0], None)
    assert (stream.receipt.pages[0].first_id, stream.receipt.pages[0].next_uri) == ("0", "/more")
    assert landed.made_of("another") is None
    assert landed.made_of("") is None


def test_a_receipt_without_bodies_knows_no_answer(tmp_path: "Path") -> None:
    stream = Landing(tmp_path).stream("d", "s", 1, "users")
    _land(stream, LINES, None)
    receipt = json.loads((stream.folder / "users-receipt.json").read_bytes())
    for page in receipt["pages"]:
        for name in ("checksum", "body", "first_id", "last_id", "next_uri"):
            page.pop(name)
    (stream.folder / "users-receipt.json").write_text(json.dumps(receipt))
    landed = Landing(tmp_path).landed("d", "s")["users"]
    assert landed.receipt.records == len(LINES)
    assert landed.made_of("") is None


def test_reads_and_syncs_and_districts_are_kept_apart(tmp_path: "Path") -> None:
    landing = Landing(tmp_path)
    _land(landing.stream("d", "s", 1, "users"), LINES, None)
    for other in (("d", "s", 2, "users"), ("d", "t", 1, "users"), ("e", "s", 1, "users"), ("d", "s", 1, "staff")):
        assert landing.stream(*other).receipt.pages == []
    assert landing.attempts("d", "s") == 2
    assert landing.attempts("d", "new") == 0


def test_a_stream_in_a_folder_of_its_own_is_resumed_and_known(tmp_path: "Path") -> None:
    """Earlier versions gave each stream a folder."""
    older = StreamLanding(tmp_path / "d" / "s" / "read-1" / "users", "users")
    _land_page(older, LINES[:5], 1, "/more")
    assert sorted(file.name for file in older.folder.iterdir()) == ["00001.ndjson", "receipt.json"]
    resumed = Landing(tmp_path).stream("d", "s", 1, "users")
    _land(resumed, LINES[5:], None)
    assert resumed.is_intact
    assert b"".join(file.read_bytes() for file in resumed.files) == b"".join(LINES)
    known = Landing(tmp_path).landed("d", "s")["users"].made_of("1")
    assert known is not None
    again = Landing(tmp_path).stream("d", "t", 1, "users")
    again.land_again(known, None)
    assert [file.read_bytes() for file in again.files] == [b"".join(LINES[:5])]


def test_role_views_of_an_interrupted_sync_are_requested_again_wherever_they_are(tmp_path: "Path") -> None:
    landing = Landing(tmp_path)
    landing.begin("d", "dead", "source")
    read = tmp_path / "d" / "dead" / "read-1"
    for stream in (
        *(landing.stream("d", "dead", 1, name) for name in ("users", "staff")),
        *(StreamLanding(read / name, name) for name in ("teachers", "contacts")),
    ):
        _land(stream, LINES, None)
    landing.resume("d", "new", "source", [], ["staff", "teachers"])
    left = {name: landing.stream("d", "new", 1, name).receipt for name in ("users", "staff", "teachers", "contacts")}
    assert [name for name, receipt in left.items() if receipt.complete] == ["users", "contacts"]
    assert not list(tmp_path.rglob("staff-*"))


def test_what_is_not_named_is_removed_and_only_in_its_district(tmp_path: "Path") -> None:
    landing = Landing(tmp_path)
    for district_id, sync_id in (("d", "a"), ("d", "b"), ("d", "c"), ("e", "a")):
        _land(landing.stream(district_id, sync_id, 1, "users"), LINES, None)
    landing.keep("d", ["b", "c"])
    landing.keep("nobody", [])
    assert sorted(str(each.relative_to(tmp_path)) for each in tmp_path.glob("*/*")) == ["d/b", "d/c", "e/a"]


RECORDS = [b'{"id": "a", "name": {"first": "A"}}\n', b"{}\n", b'{ "id":"b"}\n', b'{"id":"a"}\n', b"{ }\n"]


def test_hashed_lines_hold_the_hash_of_the_bytes_as_sent_and_the_list_has_the_same(tmp_path: "Path") -> None:
    stream = StreamLanding(tmp_path, "users", is_hashed=True)
    _land(stream, RECORDS, None)
    (file,) = stream.files
    expected = [str(xxhash.xxh3_64_intdigest(line[:-1])) for line in RECORDS]
    records = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert [record.pop("_line") for record in records] == expected
    assert records == [json.loads(line) for line in RECORDS]
    hashes = stream.hashes(file)
    assert hashes is not None
    listed = [line.split(",") for line in hashes.read_text().splitlines()]
    assert [found for _, found in listed] == expected
    lines = file.read_bytes()
    assert [lines[int(start) :].startswith(b'{"_line":"%b"' % found.encode()) for start, found in listed] == [True] * 5
    assert without_hashes(file.read_bytes()) == b"".join(RECORDS)


def test_digest_is_that_of_the_records_as_sent_whether_they_are_hashed_or_not(tmp_path: "Path") -> None:
    streams = [StreamLanding(tmp_path / str(hashed), "users", is_hashed=hashed) for hashed in (True, False)]
    for stream in streams:
        _land(stream, RECORDS, None)
    assert streams[0].receipt.digest == streams[1].receipt.digest
    assert StreamLanding(tmp_path / "True", "users", is_hashed=True).is_intact


@pytest.mark.parametrize("again", [[0, 1, 2], [0, 1, None], [None, 1, 2], [0, None, 2], [1, 0, 2], [0, 0, 1]])
def test_pages_that_are_landed_again_make_the_same_landing_as_pages_that_are_parsed(
    tmp_path: "Path", again: list[int | None]
) -> None:
    pages = [RECORDS[:2], RECORDS[2:4], RECORDS[4:]]
    landing = Landing(tmp_path)
    former = landing.stream("d", "s", 1, "users", is_hashed=True)
    for page, lines in enumerate(pages):
        _land_page(former, lines, page, f"/{page}")
    known = landing.landed("d", "s")["users"]
    parsed = landing.stream("d", "parsed", 1, "users", is_hashed=True)
    repeated = landing.stream("d", "repeated", 1, "users", is_hashed=True)
    for place, number in enumerate(again):
        lines = [b'{"id":"new"}\n'] if number is None else pages[number]
        next_uri = None if place == len(again) - 1 else "/next"
        _land_page(parsed, lines, number, next_uri)
        found = None if number is None else known.made_of(str(number))
        if found is None:
            _land_page(repeated, lines, number, next_uri)
        else:
            repeated.land_again(found, next_uri)
    assert repeated.receipt == parsed.receipt
    assert [file.read_bytes() for file in repeated.files] == [file.read_bytes() for file in parsed.files]
    assert repeated.is_intact


def test_a_page_that_is_all_of_a_stream_takes_its_receipt_along(tmp_path: "Path") -> None:
    landing = Landing(tmp_path)
    former = landing.stream("d", "s", 1, "users", is_hashed=True)
    _land_page(former, RECORDS, 0, None)
    known = landing.landed("d", "s")["users"].made_of("0")
    assert known is not None
    same, begun = (landing.stream("d", sync_id, 1, "users", is_hashed=True) for sync_id in ("same", "begun"))
    same.land_again(known, None)
    begun.land_again(known, "/more")
    receipts = [(stream.folder / "users-receipt.json").stat() for stream in (former, same, begun)]
    assert [receipt.st_ino == receipts[0].st_ino for receipt in receipts] == [True, True, False]
    assert Landing(tmp_path).stream("d", "same", 1, "users", is_hashed=True).receipt == former.receipt
    _land_page(begun, RECORDS[:1], 1, None)
    assert Landing(tmp_path).stream("d", "s", 1, "users", is_hashed=True).receipt == former.receipt


def _land_page(stream: StreamLanding, lines: list[bytes], body: int | None, next_uri: str | None) -> None:
    stream.land(
        lines=b"".join(lines),
        records=len(lines),
        first_id="a",
        last_id="b",
        next_uri=next_uri,
        body="" if body is None else str(body),
    )
