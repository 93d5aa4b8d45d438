"""What a person is told of the legacy ids that an application holds: one, or a list with its proof report."""

import contextlib
import csv
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines.csv_files import UnusableFileError
from pipelines.migration import import_migration
from pipelines.progress import silent
from pipelines.resolving import Proof, resolve_file, resolve_one
from pipelines.warehouse import NothingPublishedError, Warehouse

if TYPE_CHECKING:
    from tests.conftest import Trial

NEVER = "5f0000000000000000000000"


def _proven(trial: "Trial", ids: list[str], folder: Path) -> tuple[Proof, list[dict[str, str]]]:
    file = folder / "mine.csv"
    file.write_text("login,clever_id\n" + "".join(f"user {number},{id_}\n" for number, id_ in enumerate(ids)))
    proof = resolve_file(trial.warehouse, file, "clever_id", folder / "out.csv")
    with (folder / "out.csv").open(newline="") as lines:
        return proof, list(csv.DictReader(lines))


def test_every_legacy_id_that_clever_shows_resolves(two: "Trial", tmp_path: Path) -> None:
    two.sync()
    links = {link.legacy_id: link for link in two.sandbox.truth().crosswalk}
    proof, rows = _proven(two, list(links), tmp_path)
    assert (proof.is_whole, proof.coverage, proof.ids, proof.lines) == (True, 100.0, len(links), len(links))
    assert [(row["line"], row["id"], row["v3_id"], row["role"], row["status"], row["since"]) for row in rows] == [
        (str(line), link.legacy_id, link.user_id, link.role, "current", "")
        for line, link in enumerate(links.values(), start=2)
    ]


def test_a_list_that_is_larger_than_the_memory_allowed_is_answered_all_the_same(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    (link, *_) = trial.sandbox.truth().crosswalk
    file = tmp_path / "mine.csv"
    file.write_text("".join(["id\n", *(f"{number:024x}\n" for number in range(200_000)), f"{link.legacy_id}\n"]))
    before = sorted(trial.folder.rglob("*"))
    warehouse = Warehouse(trial.folder, memory_limit="50MiB")
    with contextlib.closing(warehouse.reading()) as connection:
        assert connection.execute("SELECT current_setting('memory_limit')").fetchall() == [("50.0 MiB",)]
    proof = resolve_file(warehouse, file, None, tmp_path / "out.csv")
    assert (proof.lines, proof.ids, proof.resolved) == (200_001, 200_001, 1)
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
    assert (answer.user_id, answer.role, answer.status, answer.reason) == (link.user_id, "teacher", "ended", "archived")
    assert answer.since == trial.value("SELECT ended_at FROM legacy_id_crosswalk WHERE legacy_id = ?", link.legacy_id)
    assert [one.source for one in answer.links] == ["api"]


def test_an_id_that_clever_shows_for_two_users_is_ambiguous_and_nobody_is_chosen(
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
        (NEVER, "", "unresolved", "never_seen"),
        (teacher, teacher, "unresolved", "is_a_v3_id"),
        ("12345", "", "unresolved", "malformed"),
        ("", "", "empty", ""),
        ("f" * 24, "", "unresolved", "made_after_the_last_sync"),
        ("", "", "unresolved", "malformed"),
    ]
    assert (proof.ids, proof.resolved, proof.coverage) == (5, 0, 0)


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


def test_what_only_a_migration_csv_tells_is_unconfirmed(trial: "Trial", tmp_path: Path) -> None:
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
