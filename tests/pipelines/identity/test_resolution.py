"""What a person is told of the legacy ids that an application holds: one, or a list with its proof report."""

import contextlib
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.identity.csv_files import UnusableFileError
from pipelines.identity.migration import import_migration
from pipelines.identity.resolution import MergeList, ResolutionSummary, list_merges, resolve_file, resolve_one
from pipelines.progress import silent
from pipelines.warehouse import NothingPublishedError, Warehouse

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

NEVER = "5f0000000000000000000000"


def _proven(trial: "Trial", ids: list[str], folder: Path) -> tuple[ResolutionSummary, list[dict[str, str]]]:
    file = folder / "mine.csv"
    with file.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerows([("login", "clever_id"), *((f"user {number}", id_) for number, id_ in enumerate(ids))])
    proof = resolve_file(trial.warehouse, file, "clever_id", folder / "out.csv")
    with (folder / "out.csv").open(newline="") as lines:
        return proof, list(csv.DictReader(lines))


def _report(trial: "Trial", content: str, column: str | None, folder: Path) -> list[list[str]]:
    """Resolve a file of this content, and give the rows of the report, its header first."""
    file, output = folder / "mine.csv", folder / "out.csv"
    file.write_bytes(content.encode())
    output.unlink(missing_ok=True)
    resolve_file(trial.warehouse, file, column, output)
    with output.open(newline="", encoding="utf-8") as lines:
        return list(csv.reader(lines))


def test_every_legacy_id_that_clever_shows_resolves(two: "Trial", tmp_path: Path) -> None:
    two.sync()
    links = {link.legacy_id: link for link in two.sandbox.truth().crosswalk}
    proof, rows = _proven(two, list(links), tmp_path)
    assert (proof.is_whole, proof.coverage, proof.ids, proof.lines) == (True, 100.0, len(links), len(links))
    assert [(row["line"], row["id"], row["v3_id"], row["role"], row["status"], row["since"]) for row in rows] == [
        (str(line), link.legacy_id, link.user_id, link.role, "current", "")
        for line, link in enumerate(links.values(), start=2)
    ]


@pytest.mark.search
def test_a_list_that_is_larger_than_the_memory_allowed_is_answered_all_the_same(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    (link, *_) = trial.sandbox.truth().crosswalk
    file = tmp_path / "mine.csv"
    file.write_text("".join(["id\n", *(f"{number:024x}\n" for number in range(1_000_000)), f"{link.legacy_id}\n"]))
    before = sorted(trial.folder.rglob("*"))
    warehouse = Warehouse(trial.folder, memory_limit="100MiB")
    with contextlib.closing(warehouse.reading()) as connection:
        assert connection.execute("SELECT current_setting('memory_limit')").fetchall() == [("100.0 MiB",)]
    proof = resolve_file(warehouse, file, None, tmp_path / "out.csv")
    assert (proof.lines, proof.ids, proof.resolved) == (1_000_001, 1_000_001, 1)
    assert sorted(trial.folder.rglob("*")) == before


def test_several_ids_of_one_person_are_many_to_one(two: "Trial", tmp_path: Path) -> None:
    two.sync()
    links = two.sandbox.truth().crosswalk
    held = {link.user_id: [one.legacy_id for one in links if one.user_id == link.user_id] for link in links}
    several = {user_id: ids for user_id, ids in held.items() if len(ids) > 1}
    assert several
    proof, rows = _proven(two, [link.legacy_id for link in links], tmp_path)
    assert (proof.people_with_several_ids, proof.ids_of_these) == (
        len(several),
        sum(len(ids) for ids in several.values()),
    )
    assert {row["v3_id"] for row in rows if row["ids_of_the_person"] != "1"} == set(several)


def test_an_ended_link_says_since_when_and_why(trial: "Trial") -> None:
    trial.sync()
    link = next(one for one in trial.sandbox.truth().crosswalk if one.user_id == trial.person("teacher"))
    trial.sandbox.remove(link.user_id)
    trial.sync()
    answer = resolve_one(trial.warehouse, f" {link.legacy_id.upper()} ")
    assert (answer.user_id, answer.role, answer.status, answer.reason) == (link.user_id, "teacher", "gone", "archived")
    assert answer.since == trial.value("SELECT ended_at FROM legacy_id_crosswalk WHERE legacy_id = ?", link.legacy_id)
    assert [one.source for one in answer.links] == ["api"]


def test_an_id_that_clever_shows_for_two_users_is_ambiguous_and_no_one_is_chosen(
    trial: "Trial", tmp_path: Path
) -> None:
    first, second = trial.person("teacher"), trial.person("teacher", 1)
    (legacy_id,) = [one.legacy_id for one in trial.sandbox.truth().crosswalk if one.user_id == first]
    trial.sandbox.change(second, {"roles.teacher.legacy_id": legacy_id})
    trial.sync()
    answer = resolve_one(trial.warehouse, legacy_id)
    assert (answer.user_id, answer.status, answer.reason) == (None, "ambiguous", "several_current_users")
    assert sorted(answer.user_ids or ()) == sorted([first, second])
    proof, (row,) = _proven(trial, [legacy_id], tmp_path)
    assert not proof.is_whole
    assert (row["v3_id"], row["possible_v3_ids"]) == ("", " ".join(sorted([first, second])))


def test_what_does_not_resolve_says_the_likely_reason(two: "Trial", tmp_path: Path) -> None:
    two.sync()
    teacher = two.person("teacher")
    proof, rows = _proven(two, [NEVER, teacher, "12345", "", "f" * 24, "mary@lamb.example"], tmp_path)
    assert [(row["id"], row["v3_id"], row["status"], row["reason"]) for row in rows] == [
        (NEVER, "", "never_seen", "never_seen"),
        (teacher, teacher, "current", "is_a_v3_id"),
        ("12345", "", "not_an_id", "malformed"),
        ("", "", "empty", ""),
        ("f" * 24, "", "newer", "made_after_the_last_sync"),
        ("", "", "not_an_id", "malformed"),
    ]
    assert (proof.ids, proof.resolved, proof.coverage) == (5, 1, 20)


def test_a_column_of_districts_makes_the_reason_sharper(two: "Trial", tmp_path: Path) -> None:
    synced, late = two.districts
    two.sync(synced)
    file = tmp_path / "mine.csv"
    file.write_text(f"District_ID,clever_id\n{synced},{NEVER}\n{late},5f{'1' * 22}\n{'d' * 24},5f{'2' * 22}\n")
    resolve_file(two.warehouse, file, "clever_id", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as lines:
        assert [row["reason"] for row in csv.DictReader(lines)] == [
            "gone_before_the_first_sync",
            "district_not_synced",
            "district_not_connected",
        ]


def test_what_only_a_migration_csv_has_is_unconfirmed(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    file = tmp_path / "migration.csv"
    file.write_text(f"role_id,user_id\n{NEVER},{'c' * 24}\n{'a' * 24},{'b' * 24}\n{'a' * 24},{'d' * 24}\n")
    import_migration(trial.warehouse, [file], "import", report_file=tmp_path / "report.csv", report=silent)
    answer = resolve_one(trial.warehouse, NEVER)
    assert (answer.user_id, answer.status, answer.reason) == ("c" * 24, "unconfirmed", "migration_csv")
    answer = resolve_one(trial.warehouse, "a" * 24)
    assert (answer.user_id, answer.status, answer.reason) == (None, "ambiguous", "told_differently")


def test_a_file_of_one_column_needs_no_name_of_it(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    (tmp_path / "ids.csv").write_text(f"id\n{NEVER}\n")
    assert resolve_file(trial.warehouse, tmp_path / "ids.csv", None, tmp_path / "out.csv").column == "id"


def test_a_wrong_file_or_column_is_named(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    file = tmp_path / "mine.csv"
    file.write_text("login,clever_id\n")
    with pytest.raises(UnusableFileError, match="There is no file"):
        resolve_file(trial.warehouse, tmp_path / "no.csv", "clever_id", tmp_path / "out.csv")
    with pytest.raises(UnusableFileError, match="has no column legacy; its columns are login, clever_id"):
        resolve_file(trial.warehouse, file, "legacy", tmp_path / "out.csv")
    with pytest.raises(UnusableFileError, match="several columns"):
        resolve_file(trial.warehouse, file, None, tmp_path / "out.csv")
    with pytest.raises(UnusableFileError, match="is the list itself"):
        resolve_file(trial.warehouse, file, "clever_id", file)
    file.write_text("clever_id,Clever ID\n")
    with pytest.raises(UnusableFileError, match=r"has the column clever_id more than once \(columns 1 and 2\)"):
        resolve_file(trial.warehouse, file, "clever_id", tmp_path / "out.csv")
    (tmp_path / "out.csv").write_text("kept")
    file.write_text("clever_id\n")
    with pytest.raises(UnusableFileError, match="exists already"):
        resolve_file(trial.warehouse, file, "clever_id", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "kept"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b"clever_id,name\n" + f"{NEVER},a\n".encode() * 600 + f"{NEVER}\xa0,b\n".encode("latin-1"),
            "line 602 holds a byte",
        ),
        (
            f'clever_id,nick\n{NEVER},"Big Joe\n{NEVER},plain\n'.encode(),
            "line 2: the quote that opens here is never closed",
        ),
    ],
    ids=["bytes", "quote"],
)
def test_a_file_that_cannot_be_read_in_full_is_refused_and_leaves_no_report(
    content: bytes, words: str, trial: "Trial", tmp_path: Path
) -> None:
    trial.sync()
    (tmp_path / "mine.csv").write_bytes(content)
    with pytest.raises(UnusableFileError, match=words):
        resolve_file(trial.warehouse, tmp_path / "mine.csv", "clever_id", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_report_keeps_all_columns_and_rows_of_the_file(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    header, *rows = _report(
        trial,
        'sep=;\r\nRole;clever_id;note;note;\r\n007;5f;"a;\r\nb";é; x \r\n\r\n1\r\n2;5e;c;d;e;f;g;;\r\n=1+1;"";"""";;\r\n',
        "CLEVER-ID",
        tmp_path,
    )
    assert header == [
        *("Role", "clever_id", "note", "note", "", "column_6", "column_7"),
        *("line", "id", "v3_id", "role_2", "status", "since", "reason", "ids_of_the_person", "possible_v3_ids"),
        *("v3_district_id", "warning"),
    ]
    assert [row[:12] for row in rows] == [
        ["007", "5f", "a;\r\nb", "é", " x ", "", "", "3", "5f", "", "", "not_an_id"],
        ["", "", "", "", "", "", "", "5", "", "", "", "empty"],
        ["1", "", "", "", "", "", "", "6", "", "", "", "empty"],
        ["2", "5e", "c", "d", "e", "f", "g", "7", "5e", "", "", "not_an_id"],
        ["=1+1", "", '"', "", "", "", "", "8", "", "", "", "empty"],
    ]


def test_a_report_can_be_resolved_again(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    first = _report(trial, f"clever_id\n{NEVER}\n", None, tmp_path)
    second = _report(trial, (tmp_path / "out.csv").read_text(), "clever_id", tmp_path)
    assert second[0] == [*first[0], *(f"{name}_2" for name in first[0][1:])]
    assert second[1] == [*first[1], *first[1][1:]]


def test_ids_are_read_as_spreadsheets_and_people_write_them(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    link, *_ = trial.sandbox.truth().crosswalk
    id_ = link.legacy_id
    written = [
        f'="{id_}"',
        f"'{id_}",
        f"{id_}\u00a0",
        f"\u200b{id_}",
        f"\ufeff{id_}\t",
        f"{id_[:8]}\u2009{id_[8:]}",
        f"\u00ad{id_}\u2060\n",
        f'ObjectId("{id_}")',
        f"ObjectId('{id_}')",
        f"objectid({id_})",
        f'{{"$oid": "{id_}"}}',
        f"\u201c{id_}\u201d",
        f'"{id_}"',
        f"`{id_}`",
        f" {id_.upper()} ",
    ]
    _, rows = _proven(trial, written, tmp_path)
    assert {(row["id"], row["v3_id"], row["status"]) for row in rows} == {(id_, link.user_id, "current")}
    assert [row["clever_id"] for row in rows] == written
    for each in written:
        assert resolve_one(trial.warehouse, each).user_id == link.user_id
        assert trial.value("SELECT v3_user_id(?)", each) == link.user_id
    file = tmp_path / "districts.csv"
    file.write_text(f"clever_id,district_id\n{NEVER},'{trial.districts[0].upper()}\u00a0\n")
    resolve_file(trial.warehouse, file, "clever_id", tmp_path / "districts-out.csv")
    assert ",gone_before_the_first_sync," in (tmp_path / "districts-out.csv").read_text()


def test_what_a_spreadsheet_shortened_is_malformed(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    written = ["5.5E+23", "5,51235E+23", f"{NEVER[:20]}...", f"{NEVER[:-1]}", f"{NEVER} {NEVER}", f"x{NEVER}"]
    _, rows = _proven(trial, written, tmp_path)
    assert {(row["status"], row["reason"], row["v3_id"]) for row in rows} == {("not_an_id", "malformed", "")}


CELLS = st.sampled_from(
    ["", "a", " b ", "é", "1,2", 'say "hi"', "two\nlines", "two\r\nlines", "three\rlines", "\u200b", NEVER]
)


@settings(max_examples=30)
@given(
    rows=st.lists(st.lists(CELLS, max_size=4), max_size=8),
    stray=st.sampled_from(["", "", "", '"', '\n"x', "\x00"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_file_is_refused_or_answered_row_by_row(
    rows: list[list[str]], stray: str, end: str, resolving: "Trial", tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([["id", "b", "c"], *rows])
    content = text.getvalue().replace("\r\n", end) + stray
    try:
        header, *reported = _report(resolving, content, "id", tmp_path_factory.mktemp("any"))
    except UnusableFileError as refused:
        assert ", line " in str(refused)  # noqa: PT017
        return
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    expected, start = [], 1
    for row in reader:
        expected.append((row, start))
        start = reader.line_num + 1
    width = header.index("line")
    assert [(row[:width], int(row[width])) for row in reported] == [
        ((row + [""] * width)[:width], line) for row, line in expected[1:]
    ]
    assert all("".join(row[width:]) == "" for row, _ in expected)


@pytest.fixture(scope="module")
def resolving(begin: "Begin") -> "Iterator[Trial]":
    """A warehouse that was synced once."""
    with begin() as trial:
        trial.sync()
        yield trial


def test_nothing_resolves_before_something_is_published(trial: "Trial") -> None:
    with pytest.raises(NothingPublishedError):
        resolve_one(trial.warehouse, NEVER)


def test_resolving_writes_nothing_into_the_warehouse(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    before = {file: file.stat().st_mtime_ns for file in trial.folder.rglob("*") if file.is_file()}
    _proven(trial, [NEVER], tmp_path)
    assert {file: file.stat().st_mtime_ns for file in trial.folder.rglob("*") if file.is_file()} == before


def test_the_macro_answers_for_a_table_of_another_database_and_agrees_with_v3_user_id(trial: "Trial") -> None:
    trial.sync()
    links = {link.legacy_id: link.user_id for link in trial.sandbox.truth().crosswalk}
    connection = duckdb.connect()
    try:
        connection.execute("CREATE TABLE people AS SELECT unnest(?) AS clever_id", [list(links)])
        connection.execute(f"ATTACH '{trial.warehouse.published}' AS warehouse (READ_ONLY)")
        connection.execute("USE warehouse")
        rows = connection.execute(
            "SELECT asked_id, user_id, user_id = v3_user_id(asked_id) FROM resolve_legacy_ids('memory.main.people', 'clever_id')"
        ).fetchall()
    finally:
        connection.close()
    assert {asked: user_id for asked, user_id, _ in rows} == links
    assert all(agrees for *_, agrees in rows)


def _merges(trial: "Trial", ids: list[str], folder: Path) -> tuple[MergeList, list[dict[str, str]]]:
    file = folder / "accounts.csv"
    with file.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerows([("login", "clever_id"), *((f"user {number}", id_) for number, id_ in enumerate(ids))])
    merges = list_merges(trial.warehouse, file, "clever_id", folder / "merges.csv")
    with (folder / "merges.csv").open(newline="") as lines:
        return merges, list(csv.DictReader(lines))


def test_the_merge_list_has_the_accounts_of_one_person_the_one_to_keep_first(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    teacher, staff, alone = trial.person("teacher"), trial.person("staff"), trial.person("teacher", 1)
    held = {link.user_id: link.legacy_id for link in trial.sandbox.truth().crosswalk}
    merged = trial.sandbox.merge(teacher, staff)
    trial.sync()
    ids = [teacher, held[teacher], held[alone], held[staff].upper(), NEVER, merged, "no id", alone]
    merges, rows = _merges(trial, ids, tmp_path)
    told = [
        (row["login"], row["v3_id"], row["person"], row["step"], row["action"], row["line_to_keep"]) for row in rows
    ]
    assert told == [
        ("user 5", merged, "1", "1", "keep", "7"),
        ("user 1", merged, "1", "2", "merge", "7"),
        ("user 3", merged, "1", "3", "merge", "7"),
        ("user 0", merged, "1", "4", "merge", "7"),
        ("user 7", alone, "2", "1", "keep", "9"),
        ("user 2", alone, "2", "2", "merge", "9"),
    ]
    assert (merges.people, merges.lines, merges.summary.is_whole) == (2, 6, False)


def test_the_macro_gives_the_merge_list_of_a_table(trial: "Trial") -> None:
    trial.sync()
    teacher, staff = trial.person("teacher"), trial.person("staff")
    held = {link.user_id: link.legacy_id for link in trial.sandbox.truth().crosswalk}
    merged = trial.sandbox.merge(teacher, staff)
    trial.sync()
    with contextlib.closing(trial.warehouse.reading()) as connection:
        connection.execute(
            "CREATE TEMP TABLE accounts AS SELECT unnest(?) AS clever_id, unnest(range(6)) AS user_id",
            [[held[staff], teacher, merged.upper(), NEVER, merged, held[staff]]],
        )
        found = connection.execute("FROM account_merge_list('accounts', 'clever_id')")
        assert found.fetchall() == [
            (merged.upper(), 2, merged, "current", 1, "keep"),
            (merged, 4, merged, "current", 2, "merge"),
            (held[staff], 0, merged, "current", 3, "merge"),
            (held[staff], 5, merged, "current", 4, "merge"),
            (teacher, 1, merged, "inherited", 5, "merge"),
        ]


def test_the_v3_id_of_a_former_user_is_kept_before_the_legacy_id(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    user_id = trial.person("teacher")
    (legacy_id,) = [link.legacy_id for link in trial.sandbox.truth().crosswalk if link.user_id == user_id]
    trial.sandbox.remove(user_id)
    trial.sync()
    _, rows = _merges(trial, [legacy_id, user_id], tmp_path)
    assert [(row["login"], row["status"], row["action"]) for row in rows] == [
        ("user 1", "gone", "keep"),
        ("user 0", "gone", "merge"),
    ]


def test_accounts_of_an_ambiguous_id_are_in_no_merge_list(trial: "Trial", tmp_path: Path) -> None:
    first, second = trial.person("teacher"), trial.person("teacher", 1)
    held = {link.user_id: link.legacy_id for link in trial.sandbox.truth().crosswalk}
    trial.sandbox.change(second, {"roles.teacher.legacy_id": held[first]})
    trial.sync()
    merges, rows = _merges(trial, [held[first], held[first].upper(), NEVER], tmp_path)
    assert (merges.people, rows) == (0, [])


def test_an_id_that_leads_to_another_district_than_the_file_says_is_a_warning(two: "Trial", tmp_path: Path) -> None:
    two.sync()
    here, elsewhere = two.districts
    user_id = two.person("teacher")
    (legacy_id,) = [link.legacy_id for link in two.sandbox.truth().crosswalk if link.user_id == user_id]
    two.sandbox.show_elsewhere(user_id, elsewhere)
    two.sync()
    file = tmp_path / "mine.csv"
    file.write_text(f"clever_id,district_id\n{legacy_id},{here}\n{legacy_id},{elsewhere}\n{legacy_id},\n")

    def warnings() -> list[str]:
        (tmp_path / "out.csv").unlink(missing_ok=True)
        proof = resolve_file(two.warehouse, file, "clever_id", tmp_path / "out.csv")
        with (tmp_path / "out.csv").open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        assert {row["status"] for row in rows} == {"current"}
        assert proof.ids_in_another_district == any(row["warning"] for row in rows)
        return [row["warning"] for row in rows]

    assert warnings() == ["", "", ""]
    two.sandbox.roster(here).remove(user_id)
    two.sync()
    assert warnings() == ["other_district", "", ""]
