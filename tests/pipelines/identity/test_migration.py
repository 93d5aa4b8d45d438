"""What the migration CSVs of Clever do to the crosswalk: rows told by header, judged, entered, reported, and living through syncs."""

import csv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.identity.csv_files import UnusableFileError
from pipelines.identity.migration import ImportResult, UnknownImportError, import_migration, take_back
from pipelines.progress import silent
from pipelines.sync import Limits, LimitsByDistrict

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

Row = dict[str, str]

A, B, C = "a" * 24, "b" * 24, "c" * 24
"""Ids that no one has."""


def _written(file: Path, header: str, *lines: str) -> Path:
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return file


def _imported(trial: "Trial", *files: Path) -> tuple[ImportResult, list[Row]]:
    """Import, and give the result and the rows of the report."""
    number = f"import-{next(trial.numbers)}"
    report_file = trial.folder / f"{number}.csv"
    result = import_migration(trial.warehouse, files, number, report_file=report_file, report=silent)
    with report_file.open(newline="") as lines:
        return result, list(csv.DictReader(lines))


def _export(trial: "Trial", file: Path) -> Path:
    """Write the zip that Clever would make of the sandbox now."""
    with zipfile.ZipFile(file, "w") as archive:
        for district in trial.districts:
            links = trial.sandbox.truth(district).crosswalk
            lines = [f"{link.legacy_id},{link.user_id}" for link in links]
            archive.writestr(f"{district}.csv", "\n".join(["role_id,user_id", *lines]))
    return file


def test_links_that_clever_shows_agree_and_stay_as_they_are(two: "Trial", tmp_path: Path) -> None:
    two.sync()
    before = two.rows("FROM legacy_id_crosswalk ORDER BY ALL")
    result, rows = _imported(two, _export(two, tmp_path / "clever.zip"))
    assert {row["verdict"] for row in rows} == {"agreeing"}
    assert len(rows) == len(before)
    assert (result.entered, result.placed) == (0, 0)
    assert two.rows("FROM legacy_id_crosswalk ORDER BY ALL") == before


def test_user_who_was_gone_before_the_first_sync_resolves_by_the_csv(two: "Trial", tmp_path: Path) -> None:
    zipped = _export(two, tmp_path / "clever.zip")
    gone = {link.legacy_id: link for link in two.sandbox.truth().crosswalk if link.user_id == two.person("teacher")}
    for link in gone.values():
        two.sandbox.remove(link.user_id)
    two.sync()
    result, rows = _imported(two, zipped)
    assert result.entered == len(gone)
    assert {row["role_id"] for row in rows if row["verdict"] == "new"} == set(gone)
    for legacy_id, link in gone.items():
        assert two.value("SELECT v3_user_id(?)", legacy_id) == link.user_id
        # the zip has a file per district, so the other rows of the file tell the district; nothing tells the role
        assert two.rows(
            "SELECT role, district_id, is_current, ended_at IS NULL, end_reason, source FROM legacy_id_crosswalk WHERE legacy_id = ?",
            legacy_id,
        ) == [("unknown", link.district_id, False, True, None, "migration_csv")]


def test_importing_twice_changes_nothing(two: "Trial", tmp_path: Path) -> None:
    zipped = _export(two, tmp_path / "clever.zip")
    two.sandbox.remove(two.person("teacher"))
    two.sync()
    _imported(two, zipped)
    before = two.rows("FROM legacy_id_crosswalk ORDER BY ALL")
    published = two.warehouse.published.stat().st_ino
    result, rows = _imported(two, zipped)
    assert (result.entered, result.placed) == (0, 0)
    assert {row["verdict"] for row in rows} == {"agreeing"}
    assert two.rows("FROM legacy_id_crosswalk ORDER BY ALL") == before
    assert two.warehouse.published.stat().st_ino == published


def test_a_contradiction_is_recorded_and_chooses_nothing(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    link, other = trial.sandbox.truth().crosswalk[:2]
    _, (row,) = _imported(trial, _written(tmp_path / "m.csv", "role_id,user_id", f"{link.legacy_id},{other.user_id}"))
    assert (row["verdict"], row["why"]) == ("contradicting", f"Clever shows user {link.user_id} for this ID")
    assert trial.value("SELECT v3_user_id(?)", link.legacy_id) == link.user_id
    assert trial.rows(
        "SELECT user_id, is_current, end_reason, source FROM legacy_id_crosswalk WHERE legacy_id = ? ORDER BY is_current",
        link.legacy_id,
    ) == [(other.user_id, False, None, "migration_csv"), (link.user_id, True, None, "api")]
    assert trial.wrong() == []


def test_two_lines_with_two_users_contradict_each_other_and_both_are_kept(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    file = _written(tmp_path / "m.csv", "role_id,user_id", f"{A},{B}", f"{A},{C}", f"{A},{B}")
    result, rows = _imported(trial, file)
    assert [row["verdict"] for row in rows] == ["contradicting", "contradicting", "repeated"]
    assert result.entered == 2


def test_what_clever_no_longer_shows_agrees_with_the_past_and_says_where_the_id_leads_now(
    trial: "Trial", tmp_path: Path
) -> None:
    trial.sync()
    zipped = _export(trial, tmp_path / "clever.zip")
    teacher, staff = trial.person("teacher"), trial.person("staff")
    merged = trial.sandbox.merge(teacher, staff)
    trial.sync()
    result, rows = _imported(trial, zipped)
    told = {row["user_id"]: row for row in rows}
    for former in (teacher, staff):
        assert told[former]["verdict"] == "agreeing"
        assert told[former]["why"].endswith(f"the ID leads to user {merged}")
    assert result.entered == 0
    assert trial.wrong() == []


def _held_newcomer(trial: "Trial") -> str:
    """Let a newcomer arrive in a snapshot that is held; give the newcomer's v3 ID."""
    user_id = trial.sandbox.add_person(trial.districts[0], ("teacher",))
    trial.sandbox.remove(trial.person("student"))
    trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, min_records=1))
    assert trial.outcome().outcome == "held"
    return user_id


@pytest.mark.parametrize("is_imported_first", [True, False])
@pytest.mark.parametrize("has_role", [True, False])
def test_link_that_a_held_snapshot_and_a_csv_show_is_one_row(
    trial: "Trial", tmp_path: Path, *, is_imported_first: bool, has_role: bool
) -> None:
    trial.sync()
    newcomer = (
        _held_newcomer(trial) if not is_imported_first else trial.sandbox.add_person(trial.districts[0], ("teacher",))
    )
    (link,) = [link for link in trial.sandbox.truth().crosswalk if link.user_id == newcomer]
    header, line = "role_id,user_id", f"{link.legacy_id},{link.user_id}"
    if has_role:
        header, line = f"{header},role", f"{line},teacher"
    result, (row,) = _imported(trial, _written(tmp_path / "m.csv", header, line))
    assert (row["verdict"], result.entered) == ("new", 1)
    if is_imported_first:
        trial.sandbox.remove(trial.person("student"))
        trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, min_records=1))
    assert trial.outcome().outcome == "held"
    links = "SELECT user_id, is_current, source FROM legacy_id_crosswalk WHERE legacy_id = ?"
    assert trial.rows(links, link.legacy_id) == [(newcomer, False, "migration_csv")]
    trial.limits = LimitsByDistrict()
    assert trial.outcome().outcome == "applied"
    assert trial.rows(links, link.legacy_id) == [(newcomer, True, "api")]
    assert trial.wrong() == []


def test_held_link_does_not_contradict_a_csv(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    newcomer = _held_newcomer(trial)
    (link,) = [link for link in trial.sandbox.truth().crosswalk if link.user_id == newcomer]
    _, (row,) = _imported(trial, _written(tmp_path / "m.csv", "role_id,user_id", f"{link.legacy_id},{A}"))
    assert row["verdict"] == "new"
    assert trial.value("SELECT v3_user_id(?)", link.legacy_id) == A


def test_an_import_before_the_first_sync_is_confirmed_by_it_and_is_no_change_of_identity(
    two: "Trial", tmp_path: Path
) -> None:
    zipped = _export(two, tmp_path / "clever.zip")
    result, _ = _imported(two, zipped)
    assert result.entered == len(two.sandbox.truth().crosswalk)
    assert two.rows("SELECT DISTINCT is_current, source FROM legacy_id_crosswalk") == [(False, "migration_csv")]
    imported_at = two.value("SELECT max(first_seen_at) FROM legacy_id_crosswalk")
    assert two.outcomes() == ["applied", "applied"]
    assert two.wrong() == []
    assert two.rows("SELECT DISTINCT is_current, source, first_seen_at FROM legacy_id_crosswalk") == [
        (True, "api", imported_at)
    ]
    assert two.rows("FROM crosswalk_changes") == []
    assert two.value("SELECT count(*) FROM sync.findings WHERE \"check\" = 'shown_legacy_id_is_a_current_link'") == 0


def test_import_and_sync_in_either_order_give_the_same_warehouse(begin: "Begin", tmp_path: Path) -> None:
    fingerprints = []
    for first, second in (("import", "sync"), ("sync", "import")):
        with begin(districts=2) as trial:
            zipped = _export(trial, tmp_path / "clever.zip")
            for step in (first, second):
                if step == "sync":
                    trial.sync()
                else:
                    _imported(trial, zipped)
            fingerprints.append(trial.fingerprint())
    assert fingerprints[0] == fingerprints[1]


def test_imported_links_live_through_syncs_in_which_others_come_and_go(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    link = trial.sandbox.truth().crosswalk[0]
    _imported(trial, _written(tmp_path / "m.csv", "role_id,user_id", f"{A},{link.user_id}", f"{B},{C}"))
    before = trial.rows("FROM legacy_id_crosswalk WHERE source = 'migration_csv' ORDER BY ALL")
    assert len(before) == 2
    trial.sandbox.remove(link.user_id)
    trial.sandbox.add_person(trial.districts[0], ("teacher",))
    assert trial.outcomes() == ["applied"]
    trial.sandbox.restore(link.user_id)
    assert trial.outcomes() == ["applied"]
    assert trial.rows("FROM legacy_id_crosswalk WHERE source = 'migration_csv' ORDER BY ALL") == before
    assert trial.wrong() == []
    assert trial.rows("SELECT DISTINCT change FROM crosswalk_changes ORDER BY ALL") == [("archived",), ("restored",)]


def test_a_csv_that_contradicts_what_a_first_sync_will_show_is_overruled_by_it(trial: "Trial", tmp_path: Path) -> None:
    link, other = trial.sandbox.truth().crosswalk[:2]
    _imported(trial, _written(tmp_path / "m.csv", "role_id,user_id", f"{link.legacy_id},{other.user_id}"))
    assert trial.value("SELECT v3_user_id(?)", link.legacy_id) == other.user_id
    trial.sync()
    assert trial.value("SELECT v3_user_id(?)", link.legacy_id) == link.user_id
    assert trial.rows("FROM crosswalk_changes") == []
    assert trial.wrong() == []


def test_what_a_csv_alone_has_never_outweighs_what_clever_once_showed(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    link = next(link for link in trial.sandbox.truth().crosswalk if link.role == "teacher")
    trial.sandbox.remove(link.user_id)
    trial.sync()
    _, (row,) = _imported(trial, _written(tmp_path / "m.csv", "role_id,user_id", f"{link.legacy_id},{B}"))
    assert row["verdict"] == "contradicting"
    assert trial.value("SELECT v3_user_id(?)", link.legacy_id) == link.user_id


def test_columns_are_reported_by_their_header_in_any_order_and_case_and_others_are_named(
    trial: "Trial", tmp_path: Path
) -> None:
    trial.sync()
    file = tmp_path / "m.csv"
    file.write_bytes(
        b"\xef\xbb\xbfNote;USER ID;District;Role-Id;Role;Note\r\n"
        + f'"two\nlines";{B};{trial.districts[0]};{A.upper()};School_Admins;\r\n\r\n;{C};;{C};;\r\n'.encode()
    )
    result, rows = _imported(trial, file)
    assert list(result.files[0].passed_over) == ["Note", "Note"]
    assert [(row["role_id"], row["user_id"], row["role"], row["district_id"]) for row in rows] == [
        (A, B, "staff", trial.districts[0]),
        (C, C, "student", "unknown"),
    ]


def test_what_is_no_id_is_malformed_and_reported_by_its_line_without_its_value(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    file = _written(
        tmp_path / "m.csv", "role_id,user_id", f"{A},{B}", f",{B}", "Mary Lamb,mary@lamb.example", f"123,{B}", "only"
    )
    result, rows = _imported(trial, file)
    assert result.files[0].rows == {"new": 1, "malformed": 4}
    assert [(row["line"], row["role_id"], row["user_id"], row["why"]) for row in rows[1:]] == [
        ("3", "", B, "role_id is empty"),
        ("4", "", "", "role_id is not 24 hexadecimal digits; user_id is not 24 hexadecimal digits"),
        ("5", "123", B, "role_id is not 24 hexadecimal digits"),
        ("6", "only", "", "role_id is not 24 hexadecimal digits; user_id is empty"),
    ]
    assert trial.value("SELECT count(*) FROM legacy_id_crosswalk WHERE source = 'migration_csv'") == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            f'role_id,user_id,nick\n{A},{B},"Big Joe\n{B},{C},x\n'.encode(),
            "line 2: the quote that opens here is never closed",
        ),
        (f"role_id,user_id,nick\n{A},{B},x\n{B},{C},\xe9\n".encode("latin-1"), "line 3 holds a byte that is not UTF-8"),
        (f"role_id,user_id,role_id\n{A},{B},{C}\n".encode(), "has the column role_id more than once"),
    ],
    ids=["quote", "bytes", "doubled column"],
)
def test_a_file_that_cannot_be_read_in_full_imports_nothing(
    content: bytes, words: str, trial: "Trial", tmp_path: Path
) -> None:
    trial.sync()
    good = _written(tmp_path / "good.csv", "role_id,user_id", f"{A},{B}")
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)
    before = sorted(trial.folder.rglob("*.csv"))
    with pytest.raises(UnusableFileError, match=f"{words}.*Nothing was imported"):
        _imported(trial, good, bad)
    assert trial.value("SELECT count(*) FROM legacy_id_crosswalk WHERE source <> 'api'") == 0
    assert sorted(trial.folder.rglob("*.csv")) == before


def test_rows_are_reported_by_the_physical_line_on_which_they_start(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    file = _written(
        tmp_path / "m.csv",
        "note,role_id,user_id",
        f'"two\nlines",{A},{B}',
        "",
        f"{'x' * 3_000_000},{B},{C}",
        f",{C}",
        f"x,{C},{A},y",
    )
    _, rows = _imported(trial, file)
    assert [(row["line"], row["role_id"], row["verdict"]) for row in rows] == [
        ("2", A, "new"),
        ("5", B, "new"),
        ("6", C, "malformed"),
        ("7", C, "new"),
    ]


def test_ids_are_read_as_spreadsheets_write_them(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    district = trial.districts[0]
    file = _written(
        tmp_path / "m.csv",
        "role_id;user_id;role;district",
        f'"=""{A}""";\'{B};teacher;ObjectId({district.upper()})',
        f"\u200b{B};{C}\u00a0",
    )
    _, rows = _imported(trial, file)
    assert [(row["role_id"], row["user_id"], row["district_id"]) for row in rows] == [
        (A, B, district),
        (B, C, "unknown"),
    ]
    assert trial.value("SELECT v3_user_id(?)", A) == B


def test_the_role_comes_from_the_person_where_only_one_can_be_meant(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    teacher, contact = trial.person("teacher"), trial.person("contact")
    _, rows = _imported(trial, _written(tmp_path / "m.csv", "role_id,user_id", f"{A},{teacher}", f"{B},{contact}"))
    # the teacher has the legacy id of a teacher already, so this one is of another role, and no one knows which
    assert [(row["role"], row["district_id"]) for row in rows] == [
        ("unknown", trial.districts[0]),
        ("contact", trial.districts[0]),
    ]


def test_a_link_without_role_gets_it_when_a_later_csv_has_it(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    _imported(trial, _written(tmp_path / "m.csv", "role_id,user_id", f"{A},{B}"))
    district = trial.districts[0]
    result, (row,) = _imported(
        trial, _written(tmp_path / "m.csv", "role_id,user_id,role,district_id", f"{A},{B},teacher,{district}")
    )
    assert (row["verdict"], result.entered, result.placed) == ("agreeing", 0, 1)
    assert trial.rows("SELECT role, district_id FROM legacy_id_crosswalk WHERE legacy_id = ?", A) == [
        ("teacher", district)
    ]


@pytest.mark.parametrize("header", ["role_id,other", "legacy,new", "user_id"])
def test_a_file_without_the_two_columns_begins_nothing(header: str, trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    good = _written(tmp_path / "good.csv", "role_id,user_id", f"{A},{B}")
    with pytest.raises(UnusableFileError, match="Nothing was imported"):
        _imported(trial, good, _written(tmp_path / "m.csv", header, f"{A},{B}"))
    assert trial.value("SELECT count(*) FROM legacy_id_crosswalk WHERE source <> 'api'") == 0


def test_a_missing_an_empty_and_a_hollow_file_are_named(trial: "Trial", tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    hollow = tmp_path / "hollow.zip"
    with zipfile.ZipFile(hollow, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    for file, words in ((tmp_path / "no.csv", "There is no file"), (empty, "is empty"), (hollow, "holds no CSV file")):
        with pytest.raises(UnusableFileError, match=words):
            _imported(trial, file)


def _told(trial: "Trial") -> list[tuple[str, ...]]:
    return trial.rows(
        "SELECT legacy_id, user_id, role FROM legacy_id_crosswalk WHERE source = 'migration_csv' ORDER BY ALL"
    )


def test_an_import_that_is_reverted_leaves_the_crosswalk_as_it_was(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    links, heirs = "FROM legacy_id_crosswalk ORDER BY ALL", "FROM living_heirs ORDER BY ALL"
    before = trial.rows(links), trial.rows(heirs)
    result, _ = _imported(trial, _written(tmp_path / "m.csv", "role_id,user_id", f"{A},{B}", f"{C},{B}"))
    assert trial.value("SELECT v3_user_id(?)", A) == B
    assert result.import_id
    assert take_back(trial.warehouse, result.import_id, "change", silent) == 2
    assert (trial.rows(links), trial.rows(heirs)) == before
    assert trial.value("SELECT taken_back_at IS NOT NULL FROM sync.imports WHERE import_id = ?", result.import_id)
    with pytest.raises(UnknownImportError, match=result.import_id):
        take_back(trial.warehouse, result.import_id, "again", silent)


def test_a_link_of_two_imports_stays_when_one_is_reverted(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    first, _ = _imported(trial, _written(tmp_path / "a.csv", "role_id,user_id", f"{A},{B}"))
    second, _ = _imported(trial, _written(tmp_path / "b.csv", "role_id,user_id", f"{A},{B}", f"{C},{B}"))
    assert first.import_id
    assert second.import_id
    assert take_back(trial.warehouse, first.import_id, "change", silent) == 0
    assert _told(trial) == [(A, B, "unknown"), (C, B, "unknown")]


def test_a_link_that_a_sync_has_confirmed_stays_when_its_import_is_reverted(two: "Trial", tmp_path: Path) -> None:
    result, _ = _imported(two, _export(two, tmp_path / "clever.zip"))
    two.sync()
    assert result.import_id
    before = two.rows("FROM legacy_id_crosswalk ORDER BY ALL")
    assert take_back(two.warehouse, result.import_id, "change", silent) == 0
    assert two.rows("FROM legacy_id_crosswalk ORDER BY ALL") == before
    assert two.wrong() == []


def test_a_newer_csv_in_place_of_an_older_one_settles_what_they_disagree_on(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    older, _ = _imported(trial, _written(tmp_path / "older.csv", "role_id,user_id", f"{A},{B}"))
    newer = _written(tmp_path / "newer.csv", "role_id,user_id", f"{A},{C}")
    _, (row,) = _imported(trial, newer)
    assert row["verdict"] == "contradicting"
    assert row["why"].startswith(f"an earlier import told user {B} for this ID")
    assert trial.rows("SELECT status, user_id, user_ids FROM living_heirs WHERE id = ?", A) == [
        ("ambiguous", None, (B, C))
    ]
    assert older.import_id
    take_back(trial.warehouse, older.import_id, "change", silent)
    assert trial.rows("SELECT status, user_id FROM living_heirs WHERE id = ?", A) == [("unconfirmed", C)]


def test_files_that_replace_an_import_take_its_place_in_one_step(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    older, _ = _imported(trial, _written(tmp_path / "older.csv", "role_id,user_id", f"{A},{B}"))
    result = import_migration(
        trial.warehouse,
        [_written(tmp_path / "newer.csv", "role_id,user_id", f"{A},{C}")],
        "newer",
        replaced=older.import_id,
        report_file=tmp_path / "report.csv",
        report=silent,
    )
    assert (result.entered, result.left) == (1, 1)
    assert ",new," in (tmp_path / "report.csv").read_text()
    assert _told(trial) == [(A, C, "unknown")]


def test_an_import_that_replaces_an_unknown_one_changes_nothing(trial: "Trial", tmp_path: Path) -> None:
    trial.sync()
    with pytest.raises(UnknownImportError, match="no import nobody"):
        import_migration(
            trial.warehouse,
            [_written(tmp_path / "newer.csv", "role_id,user_id", f"{A},{C}")],
            "newer",
            replaced="nobody",
            report_file=tmp_path / "report.csv",
            report=silent,
        )
    assert _told(trial) == []
    assert trial.rows("FROM sync.imports") == []
    assert not (tmp_path / "report.csv").exists()


def test_columns_that_are_mixed_up_are_reported_in_every_row_and_enter_nothing(two: "Trial", tmp_path: Path) -> None:
    two.sync()
    links = [link for link in two.sandbox.truth().crosswalk if link.legacy_id != link.user_id]
    before = two.rows("FROM legacy_id_crosswalk ORDER BY ALL")
    lines = [f"{link.user_id},{link.legacy_id}" for link in links]
    result, rows = _imported(two, _written(tmp_path / "m.csv", "role_id,user_id", *lines))
    assert {row["verdict"] for row in rows} == {"misplaced"}
    assert {row["why"] for row in rows} == {"role_id is a v3 ID and user_id is a legacy ID: the columns are mixed up"}
    assert (result.import_id, result.entered) == (None, 0)
    assert two.rows("FROM legacy_id_crosswalk ORDER BY ALL") == before


def test_columns_that_were_mixed_up_before_the_first_sync_leave_nothing_after_it(two: "Trial", tmp_path: Path) -> None:
    links = [link for link in two.sandbox.truth().crosswalk if link.legacy_id != link.user_id]
    lines = [f"{link.user_id},{link.legacy_id}" for link in links]
    _imported(two, _written(tmp_path / "m.csv", "role_id,user_id", *lines))
    two.sync()
    assert two.rows("SELECT DISTINCT source FROM legacy_id_crosswalk") == [("api",)]
    assert two.rows("SELECT DISTINCT status FROM living_heirs") == [("current",)]
