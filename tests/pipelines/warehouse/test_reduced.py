"""Copies of the published file that hold less: what is in them, what is not, and that their numbers are those of the warehouse."""

import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import sqlalchemy as sa

from pipelines.disk import umask
from pipelines.records import Tier, Treatment
from pipelines.warehouse import NothingPublishedError, NotPublishedError, Warehouse, keys, schema, tables
from pipelines.warehouse.database import open_database, quoted
from pipelines.warehouse.errors import KeyFileError
from pipelines.warehouse.reduced import EMPTY, Deidentified, Reduction, age_day, deidentified, described, publish

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

KEY = bytes(range(32))

SHORT_HEX = re.compile("[0-9a-f]{1,16}")

SHORTEST = 5
"""Characters of a value that is searched for; shorter ones are pieces of other words."""


def pseudonym(id_: str, key: bytes = KEY) -> str:
    return hmac.new(key, id_.encode(), hashlib.sha256).hexdigest()[:32]


@dataclass
class Chosen:
    """Students with values that no spec foresees."""

    odd: str = ""
    with_birth_date: str = ""


CHOSEN = Chosen()


@pytest.fixture(scope="module")
def trial(begin: "Begin") -> Iterator["Trial"]:
    """Return a warehouse with history: people who went, came, and changed, and records that no spec foresees."""
    with begin(districts=2, users=60) as trial:
        sandbox, district = trial.sandbox, trial.districts[0]
        sandbox.change(trial.person("contact"), {"roles.contact.phone_type": "Uncle Bob's"})
        CHOSEN.odd, CHOSEN.with_birth_date = trial.person("student", 3), trial.person("student", 4)
        sandbox.change(CHOSEN.odd, {"roles.student.grade": "Team Smithers", "nickname": "Bobby Tables"})
        zip_code = "roles.student.location.zip"
        sandbox.change(CHOSEN.with_birth_date, {"roles.student.dob": "4/5/2011", zip_code: "02139-1234"})
        section = sandbox.served("v3.0", "sections", district)[0]["id"]
        sandbox.change_record("sections", section, {"subject": "Homebound with Wendy", "grade": "Wendy"})
        trial.sync()
        for person in sandbox.roster(district).ids("student")[:2]:
            sandbox.remove(person)
        sandbox.add_person(district, ("student",))
        sandbox.change(trial.person("teacher"), {"name.last": "Quixotically"})
        trial.sync()
        yield trial


@pytest.fixture(scope="module")
def plain(trial: "Trial") -> Path:
    """Return the de-identified copy as it is published by default."""
    return publish(trial.warehouse, deidentified(KEY))


def _rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(open_database(file, read_only=True)) as connection:
        return connection.execute(query).fetchall()


def _values(connection: duckdb.DuckDBPyConnection, columns: list[sa.Column[Any]]) -> set[str]:
    found: set[str] = set()
    for column in columns:
        listed = isinstance(column.type, sa.ARRAY)
        value = f'unnest("{column.name}")' if listed else f'"{column.name}"::VARCHAR'
        name = f"{column.table.schema or 'main'}.{column.table.name}"
        found.update(each for (each,) in connection.execute(f"SELECT DISTINCT {value} FROM {name}").fetchall() if each)
    return found


def _hidden(trial: "Trial", reduction: Reduction) -> set[str]:
    """Every value of the published file that the copy may not hold, but what it holds elsewhere by right, such as a street's name."""
    texts = (sa.String, sa.ARRAY, sa.JSON)
    columns = [each for table in tables.stored() for each in table.columns if isinstance(each.type, texts)]
    withheld = [
        each
        for each in columns
        if reduction.treatment(each) in {Treatment.WITHHELD, Treatment.PSEUDONYM, Treatment.AGE}
    ]
    kept = [each for each in columns if reduction.treatment(each) is Treatment.KEPT and each.table.name not in EMPTY]
    with closing(trial.warehouse.reading()) as connection:
        hidden, by_right = _values(connection, withheld), _values(connection, kept)
    elsewhere = "\n".join([*by_right, *schema.definitions()])
    return {each for each in hidden if len(each) >= SHORTEST and each not in elsewhere}


def _told(hidden: set[str], file: Path, folder: Path) -> set[str]:
    """The values that a file holds: those that stand in its bytes, and numbers, which stand in other words, that are words of a cell."""
    content = _in_clear(file, folder)
    return {each for each in hidden if each.encode() in content} - {
        each for each in hidden if SHORT_HEX.fullmatch(each) and each not in _words(file)
    }


@cache
def _words(file: Path) -> frozenset[str]:
    """The words of all texts in a file."""
    listed = """
        SELECT schema_name || '.' || table_name, column_name
        FROM duckdb_columns()
        WHERE NOT internal AND table_oid IN (SELECT table_oid FROM duckdb_tables())
            AND (data_type LIKE 'VARCHAR%' OR data_type = 'JSON')
    """
    with closing(open_database(file, read_only=True)) as connection:
        queries = [
            f'SELECT DISTINCT "{column}"::VARCHAR FROM {table}'
            for table, column in connection.execute(listed).fetchall()
        ]
        texts = [str(text) for query in queries for (text,) in connection.execute(query).fetchall()]
    return frozenset(re.split(r"[^0-9A-Za-z]+", " ".join(texts)))


@cache
def _in_clear(file: Path, folder: Path) -> bytes:
    """The bytes of a file, and of a copy of it in which DuckDB compresses nothing."""
    copy = folder / f"uncompressed_{file.name}"
    copy.unlink(missing_ok=True)
    with closing(open_database(settings={"force_compression": "uncompressed"})) as connection:
        connection.execute("SET force_compression = 'uncompressed'")
        connection.execute(f"ATTACH {quoted(file)} AS given (READ_ONLY)")
        connection.execute(f"ATTACH {quoted(copy)} AS copied")
        connection.execute("COPY FROM DATABASE given TO copied")
    return file.read_bytes() + copy.read_bytes()


@pytest.mark.parametrize("with_sensitive", [False, True])
def test_no_byte_of_the_deidentified_file_holds_an_id_or_an_identifier(
    trial: "Trial", tmp_path: Path, *, with_sensitive: bool
) -> None:
    reduction = deidentified(KEY, with_sensitive=with_sensitive)
    file = publish(trial.warehouse, reduction, tmp_path / "copy.duckdb")
    hidden = _hidden(trial, reduction)
    assert CHOSEN.odd in hidden
    assert len(hidden) > 900
    assert _told(hidden, file, tmp_path) == set()
    content = _in_clear(file, tmp_path)
    assert pseudonym(CHOSEN.odd).encode() in content
    for written in ("Bobby Tables", "Team Smithers", "Uncle Bob", "Wendy"):
        assert written.encode() not in content
    assert KEY not in content
    assert KEY.hex().encode() not in content


def test_search_finds_what_a_file_holds(trial: "Trial", tmp_path: Path) -> None:
    hidden = _hidden(trial, deidentified(KEY))
    assert _told(hidden, trial.warehouse.published, tmp_path) == hidden


def test_pseudonyms_are_keyed_hashes_that_join_in_every_table_and_stay_the_same_after_another_sync(
    trial: "Trial", plain: Path, tmp_path: Path
) -> None:
    people = [user_id for (user_id,) in trial.rows("SELECT user_id FROM users ORDER BY user_id")]
    assert [each for (each,) in _rows(plain, "SELECT user_id FROM users ORDER BY user_id")] == sorted(
        map(pseudonym, people)
    )
    for table, column in (
        ("students", "user_id"),
        ("section_students", "student_id"),
        ("contact_students", "contact_id"),
        ("past.past_users", "user_id"),
        ("legacy_id_crosswalk", "legacy_id"),
        ("sync.heirs", "id"),
        ("sync.findings", "record_id"),
    ):
        query = f"SELECT DISTINCT {column} FROM {table}"
        expected = {pseudonym(each) for (each,) in trial.rows(query)}
        assert expected
        assert {each for (each,) in _rows(plain, query)} == expected
    schools = "SELECT DISTINCT unnest(school_ids) FROM students"
    assert {each for (each,) in _rows(plain, schools)} == {pseudonym(each) for (each,) in trial.rows(schools)}
    again = publish(trial.warehouse, deidentified(KEY), tmp_path / "again.duckdb")
    assert _rows(again, "FROM users") == _rows(plain, "FROM users")


def test_another_key_makes_a_file_that_neither_ids_nor_the_order_of_rows_join_to_the_first(
    trial: "Trial", plain: Path, tmp_path: Path
) -> None:
    other = publish(trial.warehouse, deidentified(bytes(32)), tmp_path / "other.duckdb")
    ids = "SELECT user_id FROM users"
    (one, two) = ([each for (each,) in _rows(file, ids)] for file in (plain, other))
    assert not {*one} & {*two}
    real = [user_id for (user_id,) in trial.rows(ids)]
    assert [pseudonym(each) for each in real] != one
    for table in tables.stored():
        keyed = [
            each.name
            for each in table.columns
            if each.info["treatment"] is Treatment.PSEUDONYM and each.type is tables.Text
        ]
        if keyed:
            listed = ", ".join(f'"{each}"' for each in keyed)
            shown = _rows(plain, f"SELECT {listed} FROM {table.schema or 'main'}.{table.name}")
            assert shown == sorted(shown, key=lambda row: [(each is None, each) for each in row]), table.name
    lists = "SELECT school_ids FROM students WHERE len(school_ids) > 1"
    assert all(list(each) == sorted(each) for (each,) in _rows(plain, lists))
    precise = "SELECT count(*) FROM users WHERE created_at <> date_trunc('day', created_at)"
    assert trial.value(precise) > 0
    assert _rows(plain, precise) == [(0,)]


def test_every_view_history_and_count_has_the_numbers_of_the_warehouse(trial: "Trial", plain: Path) -> None:
    for table in tables.metadata.tables.values():
        name = f"{table.schema or 'main'}.{table.name}"
        if table.info.get("view") == "drift" or table.name in {*EMPTY, "layout", "migrations"}:
            continue
        query = f"SELECT count(*) FROM {name}"
        assert _rows(plain, query) == trial.rows(query), name
    instant = trial.value("SELECT min(finished_at) + INTERVAL 1 MICROSECOND FROM sync.runs")
    for query in (
        "SELECT school_name, grade_order, sum(student_count) FROM enrollment_by_grade GROUP BY ALL ORDER BY ALL",
        """
        SELECT schools.name, count(*)
        FROM section_students
        JOIN sections USING (district_id, section_id)
        JOIN schools USING (district_id, school_id)
        GROUP BY ALL
        ORDER BY ALL
        """,
        "SELECT change, count(*) FROM users_history GROUP BY ALL ORDER BY ALL",
        f"SELECT count(*), count(DISTINCT user_id) FROM students_as_of('{instant}')",
        "SELECT relationship, count(*) FROM student_contacts GROUP BY ALL ORDER BY ALL",
        "SELECT kind, sum(count) FROM sync.daily_counts GROUP BY ALL ORDER BY ALL",
        "SELECT status, count(*) FROM current_user_of_legacy_id GROUP BY ALL ORDER BY ALL",
        "SELECT section_count, contact_count, count(*) FROM student_roster GROUP BY ALL ORDER BY ALL",
        "SELECT reason, strength, count(*) FROM likely_same_person GROUP BY ALL ORDER BY ALL",
        'SELECT "check", count(*) FROM open_findings GROUP BY ALL ORDER BY ALL',
    ):
        assert _rows(plain, query) == trial.rows(query), query
    legacy, holder = _rows(plain, "SELECT legacy_id, user_id FROM user_roles WHERE legacy_id <> user_id LIMIT 1")[0]
    assert _rows(plain, f"SELECT v3_user_id('{legacy}')") == [(holder,)]


def test_values_are_generalized_as_declared(trial: "Trial", plain: Path) -> None:
    student = pseudonym(CHOSEN.with_birth_date)
    day = age_day(trial.warehouse.now().astimezone(UTC).date())
    age = day.year - 2011
    of_student = f"FROM students WHERE user_id = '{student}'"
    assert _rows(plain, f"SELECT dob, age, location_zip, location_address, sis_id, gender {of_student}") == [
        (None, age, "021", None, None, None)
    ]
    odd = pseudonym(CHOSEN.odd)
    assert _rows(plain, f"SELECT grade, extra FROM students WHERE user_id = '{odd}'") == [("undocumented", None)]
    assert ("undocumented",) in _rows(plain, "SELECT phone_type FROM contacts")
    assert ("undocumented",) in _rows(plain, "SELECT subject FROM sections")
    assert _rows(plain, "SELECT count(age) > 0 FROM students_history") == [(True,)]
    assert _rows(plain, "SELECT DISTINCT name FROM sections") == [(None,)]
    assert _rows(plain, "SELECT name FROM schools ORDER BY ALL") == trial.rows("SELECT name FROM schools ORDER BY ALL")
    ((comment,),) = _rows(
        plain, "SELECT comment FROM duckdb_columns() WHERE table_name = 'students' AND column_name = 'age'"
    )
    assert str(day) in comment


def test_sensitive_columns_keep_their_values_only_if_asked_for(trial: "Trial", plain: Path, tmp_path: Path) -> None:
    query = "SELECT gender, race, count(*) FROM students GROUP BY ALL ORDER BY ALL"
    assert {row[:2] for row in _rows(plain, query)} == {(None, None)}
    asked = publish(trial.warehouse, deidentified(KEY, with_sensitive=True), tmp_path / "asked.duckdb")
    assert _rows(asked, query) == trial.rows(query)
    assert _rows(asked, "SELECT count(dob), count(age) > 0 FROM students") == [(0, True)]


def test_every_column_is_said_to_be_treated_as_it_is(plain: Path) -> None:
    said = {
        (relation, column): treatment
        for relation, column, treatment in _rows(plain, "SELECT * EXCLUDE (tier) FROM treated_columns")
    }
    for table in (each for each in tables.published() if "view" not in each.info):
        for column in table.columns:
            assert said[(tables.relation_name(table), column.name)] == (
                "no rows"
                if table.schema == "sync" and table.name in EMPTY
                else "withheld"
                if column.info["tier"] is Tier.SENSITIVE and column.info["treatment"] is not Treatment.AGE
                else column.info["treatment"].value
            )
    withheld = [name for (relation, name), how in said.items() if relation == "students" and how == "withheld"]
    ((filled,),) = _rows(plain, f"SELECT {' + '.join(f'count({name})' for name in withheld)} FROM students")
    assert filled == 0


def test_groups_are_counted_and_not_promised(trial: "Trial", plain: Path) -> None:
    found = described(plain, None)
    assert isinstance(found, Deidentified)
    assert [group.quasi_identifiers for group in found.groups] == [
        ["school_id", "grade"],
        ["school_id", "grade", "age"],
        ["school_id", "grade", "age", "location_zip"],
    ]
    students = trial.value("SELECT count(*) FROM students")
    groups = _rows(plain, "SELECT count(*) AS n FROM students GROUP BY district_id, school_id, grade")
    first = found.groups[0]
    assert (first.students, first.smallest_group) == (students, min(n for (n,) in groups))
    assert first.students_alone == sum(n == 1 for (n,) in groups)
    assert first.students_in_groups_below_5 == sum(n for (n,) in groups if n < 5)


def test_file_with_fewer_tiers_keeps_ids_and_what_its_tiers_name_and_nothing_else(
    trial: "Trial", tmp_path: Path
) -> None:
    reduction = Reduction("grades", frozenset({Tier.PUBLIC}))
    file = publish(trial.warehouse, reduction)
    assert file == trial.folder / "warehouse_grades.duckdb"
    query = "SELECT user_id, grade, school_id FROM students ORDER BY ALL"
    assert _rows(file, query) == trial.rows(query)
    assert _rows(file, "SELECT count(dob), count(gender), count(sis_id), count(extra) FROM students") == [(0, 0, 0, 0)]
    assert _rows(file, "SELECT count(first_name), count(email) FROM users") == [(0, 0)]
    assert _told(_hidden(trial, reduction), file, tmp_path) == set()
    with_names = publish(trial.warehouse, Reduction("names", frozenset({Tier.IDENTIFIER})), tmp_path / "names.duckdb")
    names = "SELECT user_id, first_name, last_name, email FROM users ORDER BY ALL"
    assert _rows(with_names, names) == trial.rows(names)
    assert _rows(with_names, "SELECT count(dob), count(race) FROM students") == [(0, 0)]


def test_copy_has_the_mode_and_group_of_published_files(trial: "Trial", tmp_path: Path) -> None:
    plain = publish(trial.warehouse, deidentified(KEY), tmp_path / "one.duckdb")
    assert plain.stat().st_mode & 0o777 == 0o440 & ~umask()
    chosen = Warehouse(trial.folder, published_mode=0o444)
    assert publish(chosen, deidentified(KEY), tmp_path / "two.duckdb").stat().st_mode & 0o777 == 0o444
    with pytest.raises(NotPublishedError, match="nobody-here"):
        publish(Warehouse(trial.folder, published_group="nobody-here"), deidentified(KEY), tmp_path / "three.duckdb")
    assert not (tmp_path / "three.duckdb").exists()
    assert [*trial.warehouse.state.glob("*.partial")] == []


def test_failure_leaves_the_former_copy_and_nothing_half_made(trial: "Trial", plain: Path) -> None:
    former = plain.read_bytes()

    def fail(file: Path) -> None:
        file.write_text("half")
        raise duckdb.IOException("on purpose")

    with pytest.raises(duckdb.IOException):
        trial.warehouse.put_beside(plain, fail)
    assert plain.read_bytes() == former
    assert [*trial.warehouse.state.glob("*.partial*")] == []


def test_nothing_published_is_said(tmp_path: Path) -> None:
    with pytest.raises(NothingPublishedError):
        publish(Warehouse(tmp_path), deidentified(KEY))
    assert [*tmp_path.glob("*.duckdb")] == []


def _same(instant: datetime) -> datetime:
    return instant


def test_ages_grow_on_the_same_day_whenever_birthdays_are(begin: "Begin", tmp_path: Path) -> None:
    with begin(users=10) as trial:
        student = trial.person("student")
        trial.sandbox.change(student, {"roles.student.dob": "3/5/2012"})
        trial.sync()
        for day, age in (
            (date(2031, 3, 4), 18),
            (date(2031, 3, 5), 18),
            (date(2031, 8, 31), 18),
            (date(2031, 9, 1), 19),
        ):
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            at = Warehouse(trial.folder, clock=partial(_same, noon))
            file = publish(at, deidentified(KEY), tmp_path / f"{day}.duckdb")
            assert _rows(file, f"SELECT age FROM students WHERE user_id = '{pseudonym(student)}'") == [(age,)]


def test_key_is_created_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    key = keys.read_or_create(file)
    assert len(key) == keys.BYTES
    assert file.stat().st_mode & 0o777 == 0o600
    assert keys.read_or_create(file) == key
    keys.replace(file)
    assert keys.read(file) != key


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        ("", 0o600, "holds no key"),
        ("0" * 63, 0o600, "holds no key"),
        ("ü", 0o600, "holds no key"),
        ("0" * 64, 0o644, "chmod 600"),
    ],
)
def test_file_that_is_no_key_is_refused_with_what_to_do(tmp_path: Path, content: str, mode: int, said: str) -> None:
    file = tmp_path / "key"
    file.write_text(content, encoding="utf-8")
    file.chmod(mode)
    with pytest.raises(KeyFileError, match=said) as refused:
        keys.read_or_create(file)
    assert str(file) in str(refused.value)
    assert file.read_text(encoding="utf-8") == content
