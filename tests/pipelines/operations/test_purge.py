"""A purge: a person or a district is in no byte of what the warehouse keeps, and everybody else is as before."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines import interruption
from pipelines.clever.app import CleverApp
from pipelines.encryption import PLAIN
from pipelines.identity.verification import verify_legacy
from pipelines.operations.purge import PURGES, Search, StillThereError, UnknownSubjectError, purge, resume
from pipelines.progress import silent
from pipelines.sync import Limits, LimitsByDistrict
from pipelines.warehouse.database import open_database
from pipelines.warehouse.erasing import DISTRICT, USER, Subject
from pipelines.warehouse.errors import KeyFileError
from tests.pipelines.warehouse.test_reduced import _in_clear

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

EVERYBODY = (
    "users_history",
    "user_roles_history",
    "students_history",
    "section_students_history",
    "contact_students_history",
    "legacy_id_crosswalk",
)


@pytest.fixture
def trial(begin: "Begin") -> Iterator["Trial"]:
    """Return a warehouse of two districts with history and kept files, and an export in its folder."""
    with begin(districts=2, users=40) as trial:
        for name in ("Zebulonia", "Quixotica"):
            trial.sync()
            trial.sandbox.change(_student(trial), {"name.last": name, "email": f"{name}@gone.example".lower()})
            trial.sandbox.change(_teacher(trial), {"name.last": name, "email": "head@gone.example"})
        trial.sync()
        export = trial.folder / "exports" / "mine" / "users.csv"
        export.parent.mkdir(parents=True)
        export.write_text(f"user_id\n{_student(trial)}\n{_teacher(trial)}\n")
        yield trial


def _student(trial: "Trial") -> str:
    """A student who is in sections and has contacts."""
    roster = trial.sandbox.roster(trial.districts[0])
    return next(each for each in roster.ids("student") if roster.roles(each) == ("student",))


def _teacher(trial: "Trial") -> str:
    return trial.person("teacher")


def _personal(trial: "Trial", user_id: str) -> set[str]:
    """What of a person stands in the warehouse and in no row of anybody else."""
    values = {
        value
        for table in ("students_history", "teachers_history", "users_history", "user_roles_history")
        for row in trial.rows(f"SELECT COLUMNS(*)::VARCHAR FROM {table} WHERE user_id = ?", user_id)
        for value in row
        if value and "@" in value
    }
    return {user_id, "Zebulonia", "Quixotica", *values}


def _everywhere(folder: Path, tmp_path: Path) -> bytes:
    """The bytes of every file of a warehouse, those of databases also without compression."""
    found = []
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            found.append(_in_clear.__wrapped__(file, tmp_path) if content[8:12] == b"DUCK" else content)
    return b"\n".join(found)


def _others(trial: "Trial", *gone: str) -> dict[str, str]:
    """What the warehouse has of everybody but some people, table by table."""
    listed = ", ".join(f"'{each}'" for each in gone)
    columns = {
        "section_students_history": "student_id",
        "contact_students_history": "coalesce(student_id, contact_id)",
    }
    return {
        table: trial.digest(
            f"SELECT * FROM {table} WHERE {columns.get(table, 'user_id')} NOT IN ({listed}) ORDER BY ALL"
        )
        for table in EVERYBODY
    }


def test_person_is_in_no_byte_of_the_folder_and_everybody_else_is_as_before(trial: "Trial", tmp_path: Path) -> None:
    student = _student(trial)
    personal = _personal(trial, student)
    assert len(personal) > 4
    before, content = _others(trial, student), _everywhere(trial.folder, tmp_path)
    assert all(each.encode() in content for each in personal)
    kept = {file.name: file.stat().st_mtime_ns for file in trial.warehouse.kept_files()}
    assert len(kept) == 2

    purged = purge(trial.warehouse, Subject(USER, student), silent)

    left = personal - {"Zebulonia", "Quixotica"}  # the teacher's name too
    content = _everywhere(trial.folder, tmp_path)
    assert [each for each in left if each.encode() in content] == []
    assert _others(trial, student) == before
    assert {file.name: file.stat().st_mtime_ns for file in trial.warehouse.kept_files()} == kept
    assert purged.kept_files == 2
    assert purged.links > 0
    assert purged.rows == sum(purged.rows_by_table.values()) > 5
    assert not trial.warehouse.purging.exists()
    assert trial.rows("SELECT kind, rows, links, is_blocked FROM sync.purges") == [
        ("user", purged.rows, purged.links, False)
    ]
    (receipt,) = (trial.folder / PURGES).iterdir()
    document = json.loads(receipt.read_text())
    assert document["receipt"]["rows"] == purged.rows
    assert document["receipt"]["searched_files"] > 5
    assert re.fullmatch("[0-9a-f]{64}", document["sha256"])


def test_teacher_of_a_section_becomes_null_and_the_section_stays(trial: "Trial", tmp_path: Path) -> None:
    teacher = _teacher(trial)
    sections = trial.rows("SELECT section_id FROM sections WHERE teacher_id = ? ORDER BY ALL", teacher)
    assert sections
    trial.sandbox.describe(trial.districts[0])
    before = trial.value("SELECT count(*) FROM sections_history")
    purge(trial.warehouse, Subject(USER, teacher), silent)
    listed = ", ".join(f"'{section}'" for (section,) in sections)
    assert trial.rows(f"SELECT DISTINCT teacher_id FROM sections WHERE section_id IN ({listed})") == [(None,)]
    assert trial.value("SELECT count(*) FROM sections_history") == before
    assert teacher.encode() not in _everywhere(trial.folder, tmp_path)


def test_person_who_is_still_shared_comes_back_with_the_next_sync(trial: "Trial") -> None:
    purge(trial.warehouse, Subject(USER, _student(trial)), silent)
    assert trial.wrong() != []
    assert trial.outcomes() == ["applied", "unchanged"]
    assert trial.wrong() == []
    # Nothing tells that the person was there before.
    query = "SELECT count(*) FROM users_history WHERE user_id = ? AND change <> 'created'"
    assert trial.value(query, _student(trial)) == 0


def test_blocked_person_stays_away_from_every_later_sync_and_from_the_disk(trial: "Trial", tmp_path: Path) -> None:
    student = _student(trial)
    purge(trial.warehouse, Subject(USER, student), silent, is_blocked=True)
    other = trial.person("student", 2)
    mentor = {"id": student, "name": "Againsby", "since": 1.50}
    trial.sandbox.change(
        other, {"roles.student.ext": {"mentor": mentor, student: 1, "note": f"see {student}", "x": 2.50}}
    )
    trial.page_limit = 7
    for number in range(3):
        trial.sandbox.change(student, {"name.first": f"Again{number}"})
        added = trial.sandbox.add_person(trial.districts[0], ("student",))
        assert trial.outcomes() == ["applied", "unchanged"]
        assert trial.value("SELECT count(*) FROM users WHERE user_id = ?", added) == 1
    content = _everywhere(trial.folder, tmp_path)
    assert student.encode() not in content
    assert b"Again" not in content
    assert {each.split(": ")[1].split("'")[1] for each in trial.wrong() if each.startswith("users")} == {student}
    # The records in which others name the person are whole but for that.
    assert trial.value("SELECT ext::VARCHAR FROM students WHERE user_id = ?", other).replace(" ", "") == '{"x":2.5}'
    contacts = trial.sandbox.roster(trial.districts[0]).ids("contact")
    assert trial.value("SELECT count(*) FROM contacts WHERE district_id = ?", trial.districts[0]) == len(contacts)


def test_blocked_person_stays_away_from_events(begin: "Begin", tmp_path: Path) -> None:
    with begin(users=40) as trial:
        trial.sync()
        student = _student(trial)
        purge(trial.warehouse, Subject(USER, student), silent, is_blocked=True)
        trial.sync()
        trial.sandbox.change(student, {"name.first": "Again"})
        added = trial.sandbox.add_person(trial.districts[0], ("student",))
        outcome = trial.outcome(mode="events")
        assert (outcome.outcome, outcome.mode) == ("applied", "events")
        assert trial.value("SELECT count(*) FROM users WHERE user_id = ?", added) == 1
        assert student.encode() not in _everywhere(trial.folder, tmp_path)
        assert trial.outcome().outcome in {"applied", "unchanged"}
        assert trial.rows("FROM sync.missed_by_events") == []


def test_district_is_removed_and_the_other_is_as_before(trial: "Trial", tmp_path: Path) -> None:
    gone, other = trial.districts
    trial.sandbox.disconnect(gone)
    trial.sync()
    people = [
        user_id for (user_id,) in trial.rows("SELECT DISTINCT user_id FROM users_history WHERE district_id = ?", gone)
    ]
    before = trial.digest("SELECT * FROM students_history WHERE district_id = ? ORDER BY ALL", other)
    purged = purge(trial.warehouse, Subject(DISTRICT, gone), silent)
    assert purged.rows > len(people)
    content = _everywhere(trial.folder, tmp_path)
    assert [each for each in people if each.encode() in content] == []
    assert gone.encode() not in content
    assert trial.digest("SELECT * FROM students_history WHERE district_id = ? ORDER BY ALL", other) == before
    assert trial.rows("SELECT DISTINCT district_id FROM sync.runs") == [(other,)]
    assert trial.outcomes(other) == ["unchanged"]


def test_snapshot_that_waits_is_removed_and_held_again(trial: "Trial") -> None:
    trial.limits = LimitsByDistrict(Limits(max_archived_percent=1, min_records=1))
    for person in trial.sandbox.roster(trial.districts[0]).ids("student")[5:15]:
        trial.sandbox.remove(person)
    assert trial.outcomes() == ["held", "unchanged"]
    purge(trial.warehouse, Subject(USER, _student(trial)), silent)
    assert trial.rows("FROM sync.holds WHERE state = 'held'") == []
    assert trial.outcomes() == ["held", "unchanged"]


def test_unknown_person_is_said_and_nothing_changes(trial: "Trial") -> None:
    before = trial.warehouse.published.stat().st_ino
    with pytest.raises(UnknownSubjectError, match="nothing was changed"):
        purge(trial.warehouse, Subject(USER, "0" * 24), silent)
    assert trial.warehouse.published.stat().st_ino == before
    assert [*trial.warehouse.state.glob("*ing.duckdb")] == []


def test_purge_that_broke_off_anywhere_is_ended_by_the_next_one(
    trial: "Trial", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = _student(trial)
    for place in ("purge_kept", "held"):
        with monkeypatch.context() as patch:
            patch.setattr(type(trial.warehouse), place, _broken)
            with pytest.raises(interruption.Interrupted):
                purge(trial.warehouse, Subject(USER, student), silent)
    with pytest.raises(interruption.Interrupted):
        purge(trial.warehouse, Subject(USER, student), silent, remove_runs=_broken)
    assert trial.warehouse.purging.exists()
    assert trial.warehouse.purging.stat().st_mode & 0o777 == 0o600
    purged = resume(trial.warehouse, silent)
    assert purged is not None
    assert purged.rows > 5
    assert student.encode() not in _everywhere(trial.folder, tmp_path)
    assert resume(trial.warehouse, silent) is None


def _broken(*_: object, **__: object) -> int:
    raise interruption.Interrupted(15, "on purpose")


def test_search_after_the_purge_finds_what_is_left_and_names_the_place_and_no_value(
    trial: "Trial", tmp_path: Path
) -> None:
    student = _student(trial)
    left = tmp_path / "elsewhere"
    left.mkdir()
    (left / "notes.txt").write_text(f"call {student}")
    with closing(open_database(left / "mine.duckdb")) as connection:
        connection.execute("CREATE TABLE mine AS SELECT ? AS id FROM range(5000)", [student])
    with pytest.raises(StillThereError) as raised:
        purge(trial.warehouse, Subject(USER, student), silent, folders=[left])
    assert "notes.txt" in str(raised.value)
    assert "mine.duckdb: main.mine.id" in str(raised.value)
    assert student not in str(raised.value)
    assert trial.warehouse.purging.exists()
    for file in left.iterdir():
        file.unlink()
    assert resume(trial.warehouse, silent, folders=[left]) is not None


def test_value_that_a_school_shows_of_itself_is_not_looked_for(trial: "Trial") -> None:
    student = _student(trial)
    ((address,),) = trial.rows("SELECT location_address FROM schools WHERE length(location_address) > 8 LIMIT 1")
    trial.sandbox.change(student, {"roles.student.location.address": address})
    trial.sync()
    purge(trial.warehouse, Subject(USER, student), silent)
    assert trial.value("SELECT count(*) FROM schools WHERE location_address = ?", address) > 0


def test_district_with_many_people_is_searched_for_word_by_word(
    trial: "Trial", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, other = trial.districts
    trial.sandbox.disconnect(gone)
    trial.sync()
    (person,) = trial.rows("SELECT user_id FROM users WHERE district_id = ? LIMIT 1", gone)[0]
    trial.sandbox.change(trial.sandbox.roster(other).ids("student")[0], {"nickname": f"a friend of {person}"})
    trial.sync()
    monkeypatch.setattr("pipelines.warehouse.erasing.FEW", 1)
    monkeypatch.setattr("pipelines.operations.purge.FEW", 1)
    assert trial.value("SELECT count(extra) FROM users WHERE district_id = ?", other) == 1
    purge(trial.warehouse, Subject(DISTRICT, gone), silent)
    assert trial.value("SELECT count(extra) FROM users WHERE district_id = ?", other) == 0
    assert person.encode() not in _everywhere(trial.folder, tmp_path)


def test_coincidence_of_values_neither_stops_a_purge_nor_harms_others(trial: "Trial") -> None:
    sandbox, district, student = trial.sandbox, trial.districts[0], _student(trial)
    school, section = (sandbox.served("v3.0", each, district)[0]["id"] for each in ("schools", "sections"))
    other = trial.person("student", 2)
    sandbox.change_record("schools", school, {"phone": "(555) 555-0199", "ext": {"note": "nested schools"}})
    sandbox.change_record("sections", section, {"sis_id": "100777"})
    sandbox.change(other, {"hobby": "nested things"})
    contact = sandbox.add_person(district, ("contact",))
    sandbox.change(contact, {"roles.contact.phone": "(555) 555-0199", "roles.contact.sis_id": "nested"})
    sandbox.change(
        student, {"roles.student.sis_id": "100777", "roles.student.credentials.district_username": "students"}
    )
    trial.sync()
    by_role = trial.digest("SELECT sync_id, by_role FROM sync.runs ORDER BY ALL")
    for person in (student, contact):
        purge(trial.warehouse, Subject(USER, person), silent)
    assert trial.value("SELECT phone FROM schools WHERE school_id = ?", school) == "(555) 555-0199"
    assert trial.value("SELECT ext FROM schools WHERE school_id = ?", school) is not None
    assert trial.value("SELECT sis_id FROM sections WHERE section_id = ?", section) == "100777"
    assert trial.value("SELECT extra FROM users WHERE user_id = ?", other) is not None
    assert trial.digest("SELECT sync_id, by_role FROM sync.runs ORDER BY ALL") == by_role


def test_texts_that_name_the_person_are_emptied_wherever_they_stand(trial: "Trial", tmp_path: Path) -> None:
    sandbox, district, student = trial.sandbox, trial.districts[0], _student(trial)
    school, section = (sandbox.served("v3.0", each, district)[0]["id"] for each in ("schools", "sections"))
    contact, other = trial.person("contact"), trial.person("student", 2)
    email = "Kid.Do@gone.example"
    sandbox.change(student, {"email": email, "Pathetica Pathy": 1})
    sandbox.change_record("sections", section, {"name": f"Math, write to {email}"})
    sandbox.change_record("schools", school, {"principal": {"name": "P Q", "email": email.lower()}})
    sandbox.change(contact, {"roles.contact.phone": f"mail {email}", "name.last": f"Mother of {student}"})
    sandbox.change(other, {f"roles.student.of_{student}": "yes", "roles.student.ext": {"note": f"see {student}"}})
    sandbox.fail_sync(district, f"Row 12: duplicate e-mail {email}")
    trial.sync()
    mine = tmp_path / "before"
    mine.mkdir()
    assert b"Pathetica" in _everywhere(trial.folder, mine)
    named = trial.folder / "exports" / student / "list.csv"
    named.parent.mkdir()
    named.write_text("nothing")
    purge(trial.warehouse, Subject(USER, student), silent)
    content = _everywhere(trial.folder, tmp_path).lower()
    assert [each for each in (student, email.lower(), "pathetica") if each.encode() in content] == []
    assert not named.exists()
    shown = trial.rows("SELECT phone FROM contacts WHERE user_id = ?", contact)
    assert shown == [(None,)]
    assert trial.value("SELECT principal_email FROM schools WHERE school_id = ?", school) is None


def test_person_who_is_only_in_a_kept_file_or_a_landing_is_removed(trial: "Trial", tmp_path: Path) -> None:
    kept = trial.sandbox.add_person(trial.districts[0], ("student",))
    trial.sync()
    trial.sandbox.change(_teacher(trial), {"name.first": "Another"})
    trial.sync()
    for _ in range(2):
        trial.warehouse.roll_back(trial.warehouse.kept_files()[-1], silent)
    assert trial.value("SELECT count(*) FROM users_history WHERE user_id = ?", kept) == 0
    purge(trial.warehouse, Subject(USER, kept), silent)
    assert kept.encode() not in _everywhere(trial.folder, tmp_path)

    trial.limits = LimitsByDistrict(Limits(max_archived_percent=1, min_records=1))
    for person in trial.sandbox.roster(trial.districts[0]).ids("student")[5:15]:
        trial.sandbox.remove(person)
    held = trial.sandbox.add_person(trial.districts[0], ("district_admin",))
    trial.sandbox.change(held, {"roles.district_admin.legacy_id": None})
    assert "held" in trial.outcomes()
    purge(trial.warehouse, Subject(USER, held), silent)
    assert held.encode() not in _everywhere(trial.folder, tmp_path)


def test_search_finds_a_value_across_chunks(trial: "Trial", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(type(trial.warehouse), "purge_kept", _broken)
        with pytest.raises(interruption.Interrupted):
            purge(trial.warehouse, Subject(USER, _student(trial)), silent)
    search = Search(trial.warehouse.purging, PLAIN)
    monkeypatch.setattr("pipelines.operations.purge.CHUNK", 100)
    monkeypatch.setattr("pipelines.operations.purge.OVERLAP", 50)
    for start in range(60, 130, 3):
        file = tmp_path / "file"
        file.write_bytes(b"." * start + _student(trial).encode() + b"." * 300)
        assert search.places_in(file) == ["file"]
    file.write_bytes(b"." * 1000)
    assert search.places_in(file) == []


def test_rollback_does_not_undo_a_block(trial: "Trial") -> None:
    person = _student(trial)
    purge(trial.warehouse, Subject(USER, person), silent, is_blocked=True)
    trial.warehouse.roll_back(trial.warehouse.kept_files()[0], silent)
    trial.sync()
    assert trial.value("SELECT count(*) FROM sync.blocked") > 0
    assert trial.value("SELECT count(*) FROM sync.purges") == 1
    assert trial.value("SELECT count(*) FROM users WHERE user_id = ?", person) == 0


def test_no_purge_makes_a_new_key_while_people_are_blocked(trial: "Trial") -> None:
    person = _student(trial)
    purge(trial.warehouse, Subject(USER, person), silent, is_blocked=True)
    key = trial.warehouse.purge_key
    kept = key.rename(key.with_suffix(".kept"))
    for attempt in (trial.sync, lambda: purge(trial.warehouse, Subject(USER, _teacher(trial)), silent)):
        with pytest.raises(KeyFileError, match="is gone"):
            attempt()
    kept.rename(key)
    purge(trial.warehouse, Subject(USER, _teacher(trial)), silent)
    trial.sync()
    assert trial.value("SELECT count(*) FROM users WHERE user_id = ?", person) == 0


@pytest.mark.parametrize("role", ["student", "teacher", "contact"])
def test_verification_against_older_versions_leaves_blocked_people_out(
    trial: "Trial", tmp_path: Path, role: str
) -> None:
    person = trial.person(role)
    ids = [person]
    ids += [each for (each,) in trial.rows("SELECT legacy_id FROM legacy_id_crosswalk WHERE user_id = ?", person)]
    purge(trial.warehouse, Subject(USER, person), silent, is_blocked=True)
    report = tmp_path / "report.csv"
    with trial.clever() as clever:
        verify_legacy(CleverApp(clever), trial.warehouse, "verification", [], report_file=report, report=silent)
    for table in ("legacy_id_crosswalk", "sync.told_links", "sync.unexplained_legacy_ids"):
        assert trial.value(f"SELECT count(*) FROM {table} WHERE list_contains(?, legacy_id)", ids) == 0
    assert [each for each in ids if each in report.read_text()] == []
