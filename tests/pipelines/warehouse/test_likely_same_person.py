"""Users who are gone and users who are likely the same person: by each reason, never where the crosswalk explains it, never as a link."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.identity.migration import import_migration
from pipelines.progress import silent
from pipelines.sync import Limits, LimitsByDistrict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Begin, Row, Trial

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = [{"first": first, "last": last} for first, last in (("Ada", "One"), ("Bea", "Two"), ("Cleo", "Three"))]


class Hand:
    """A clock that a test sets; it moves by a microsecond each time that it is read."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        self.time += timedelta(microseconds=1)
        return self.time


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def dated(begin: "Begin", hand: Hand) -> "Iterator[Trial]":
    """Return a new warehouse of one district whose clock the test sets."""
    with begin() as made:
        yield dataclasses.replace(made, clock=hand)


def _likely(trial: "Trial") -> "list[Row]":
    return trial.rows("SELECT former_user_id, user_id, reasons, strength FROM likely_same_person ORDER BY ALL")


def _record(trial: "Trial", user_id: str) -> dict[str, Any]:
    return dict(trial.sandbox.truth().by_id[user_id])


def _arrive(trial: "Trial", role: str, district_id: str | None = None, **fields: object) -> str:
    """Let a user arrive who shares nothing with anyone but the fields given, by their last names or by email and name."""
    new = trial.sandbox.add_person(district_id or trial.districts[0], (role,))
    given: dict[str, object] = {"name": {"first": f"First {new}", "last": f"Last {new}"}, "email": f"{new}@x.example"}
    if role in {"student", "teacher"}:
        given[f"roles.{role}.sis_id"] = f"sis {new}"
    for name, value in fields.items():
        given[name if name in {"email", "name"} else f"roles.{role}.{name}"] = value
    trial.sandbox.change(new, given)
    return new


def _known(trial: "Trial", role: str, number: int = 0, **fields: object) -> str:
    """Return a user of the first sync, with the fields given."""
    user_id = trial.person(role, number)
    named = {name if name in {"email", "name"} else f"roles.{role}.{name}": value for name, value in fields.items()}
    trial.sandbox.change(user_id, named)
    return user_id


def _leave(trial: "Trial", *user_ids: str) -> None:
    for user_id in user_ids:
        trial.sandbox.remove(user_id)


# Reasons


@pytest.mark.parametrize("role", ["student", "teacher", "contact"])
def test_same_sis_id_in_the_same_role_is_strong(trial: "Trial", role: str) -> None:
    former = _known(trial, role, sis_id="4711")
    trial.sync()
    _leave(trial, former)
    trial.sync()
    new = _arrive(trial, role, sis_id="4711")
    trial.sync()
    assert _likely(trial) == [(former, new, ("same_sis_id",), "strong")]


def test_row_has_the_roles_and_dates_of_both(dated: "Trial", hand: Hand) -> None:
    former = _known(dated, "teacher", sis_id="4711")
    dated.sandbox.give_role(former, "staff")
    dated.sync()
    hand.time += timedelta(days=1)
    _leave(dated, former)
    dated.sync()
    hand.time += timedelta(days=2, hours=5)
    new = _arrive(dated, "teacher", sis_id="4711")
    dated.sync()
    ((*row, archived_at, first_seen_at),) = dated.rows(
        "SELECT district_id, former_user_id, user_id, reason, former_roles, roles, days_between, former_last_seen_at, first_seen_at "
        "FROM likely_same_person"
    )
    assert row == [dated.districts[0], former, new, "same_sis_id", ("staff", "teacher"), ("teacher",), 2]
    assert archived_at == dated.value("SELECT ended_at FROM legacy_id_crosswalk WHERE user_id = ? LIMIT 1", former)
    assert first_seen_at == dated.value("SELECT first_seen_at FROM users WHERE user_id = ?", new)


def test_sis_id_of_a_role_that_was_lost_before_counts(trial: "Trial") -> None:
    former = _known(trial, "teacher", sis_id="4711")
    trial.sandbox.give_role(former, "staff")
    trial.sync()
    trial.sandbox.drop_role(former, "teacher")
    trial.sync()
    _leave(trial, former)
    new = _arrive(trial, "teacher", sis_id="4711")
    trial.sync()
    assert _likely(trial) == [(former, new, ("same_sis_id",), "strong")]


def test_same_email_in_the_same_role_is_strong_in_whatever_case_it_is_written(trial: "Trial") -> None:
    former = _known(trial, "teacher", email="Ada@x.example")
    trial.sync()
    _leave(trial, former)
    new = _arrive(trial, "teacher", email=" ada@X.example ")
    trial.sync()
    assert _likely(trial) == [(former, new, ("same_email",), "strong")]


def test_same_email_in_another_role_is_medium(trial: "Trial") -> None:
    former = _known(trial, "teacher", email="ada@x.example")
    trial.sync()
    _leave(trial, former)
    new = _arrive(trial, "staff", email="ada@x.example")
    trial.sync()
    assert _likely(trial) == [(former, new, ("same_email",), "medium")]


def test_each_user_who_had_an_email_one_after_the_other_is_listed(trial: "Trial") -> None:
    first = _known(trial, "teacher", email="ada@x.example")
    trial.sync()
    _leave(trial, first)
    second = _arrive(trial, "teacher", email="ada@x.example")
    trial.sync()
    _leave(trial, second)
    third = _arrive(trial, "teacher", email="ada@x.example")
    trial.sync()
    assert _likely(trial) == sorted([(each, third, ("same_email",), "strong") for each in (first, second)])


@pytest.mark.parametrize("name", [NAMES[0], {"last": "Ada One"}], ids=["two names", "the whole name in last"])
def test_recreated_contact_is_medium_by_its_name_and_strong_with_its_email(trial: "Trial", name: object) -> None:
    by_name = _known(trial, "contact", 0, name=name, email=...)
    with_email = _known(trial, "contact", 1, name={"last": "Bea Two"}, email="bea@x.example")
    trial.sync()
    new_by_name, new_with_email = (trial.sandbox.remint_contact(each) for each in (by_name, with_email))
    trial.sandbox.change(new_by_name, {"name": name})
    trial.sandbox.change(new_with_email, {"name": {"first": "", "last": "bea TWO "}})
    trial.sync()
    assert _likely(trial) == sorted(
        [
            (by_name, new_by_name, ("recreated_contact",), "medium"),
            (with_email, new_with_email, ("recreated_contact", "same_email"), "strong"),
        ]
    )
    reasons: dict[str, str] = dict(trial.rows("SELECT user_id, reason FROM likely_same_person"))
    assert reasons == {new_by_name: "recreated_contact", new_with_email: "same_email"}


@pytest.mark.parametrize("role", ["student", "teacher"])
@pytest.mark.parametrize(("school", "strength"), [("a", "medium"), ("b", "weak")])
def test_changed_sis_id_is_medium_with_a_school_in_common_and_weak_without(
    trial: "Trial", role: str, school: str, strength: str
) -> None:
    schools = {"a": "a" * 24, "b": "b" * 24}
    former = _known(trial, role, name=NAMES[0], sis_id="1", school=schools["a"], schools=[schools["a"], "c" * 24])
    trial.sync()
    _leave(trial, former)
    new = _arrive(trial, role, name=NAMES[0], sis_id="2", school=schools[school], schools=[schools[school]])
    trial.sync()
    assert _likely(trial) == [(former, new, ("changed_sis_id",), strength)]


def test_changed_staff_id_is_weak_because_staff_have_no_schools(trial: "Trial") -> None:
    former = _known(trial, "staff", name=NAMES[0], staff_id="1")
    trial.sync()
    _leave(trial, former)
    new = _arrive(trial, "staff", name=NAMES[0], staff_id="2")
    trial.sync()
    assert _likely(trial) == [(former, new, ("changed_sis_id",), "weak")]


@pytest.mark.parametrize(("days", "reasons"), [(299, ()), (300, ("returned_after_absence",))])
def test_return_after_300_days_is_a_reason(dated: "Trial", hand: Hand, days: int, reasons: tuple[str, ...]) -> None:
    by_sis_id = _known(dated, "student", sis_id="4711")
    by_email = _known(dated, "teacher", 0, email="ada@x.example")
    by_email_in_another_role = _known(dated, "teacher", 1, email="bea@x.example")
    dated.sync()
    _leave(dated, by_sis_id, by_email, by_email_in_another_role)
    dated.sync()
    archived_at = dated.value("SELECT max(valid_from) FROM past.past_users")
    hand.time = archived_at + timedelta(days=days, minutes=1)
    new_by_sis_id = _arrive(dated, "student", sis_id="4711")
    new_by_email = _arrive(dated, "teacher", email="ada@x.example")
    staff = _arrive(dated, "staff", email="bea@x.example")
    dated.sync()
    assert _likely(dated) == sorted(
        [
            (by_sis_id, new_by_sis_id, (*reasons, "same_sis_id"), "strong"),
            (by_email, new_by_email, (*reasons, "same_email"), "strong"),
            (by_email_in_another_role, staff, (*reasons, "same_email"), "medium"),
        ]
    )
    assert dated.rows("SELECT DISTINCT days_between FROM likely_same_person") == [(days,)]
    found: dict[str, str] = dict(dated.rows("SELECT user_id, reason FROM likely_same_person"))
    assert found[new_by_sis_id] == "same_sis_id"
    assert found[new_by_email] == (reasons or ("same_email",))[0]


def test_days_between_are_the_same_in_every_time_zone(dated: "Trial", hand: Hand) -> None:
    former = _known(dated, "student", sis_id="4711")
    dated.sync()
    _leave(dated, former)
    dated.sync()
    hand.time += timedelta(days=100)  # over the change to summer time
    _arrive(dated, "student", sis_id="4711")
    dated.sync()
    with dated.warehouse.reading() as connection:
        for zone in ("UTC", "America/Chicago", "Asia/Tokyo"):
            connection.execute(f"SET TimeZone = '{zone}'")
            assert connection.execute("SELECT days_between FROM likely_same_person").fetchall() == [(100,)]


def test_link_that_only_a_csv_has_explains_no_one(trial: "Trial") -> None:
    former = _known(trial, "teacher", sis_id="4711")
    legacy_id = _record(trial, former)["roles"]["teacher"]["legacy_id"]
    trial.sync()
    _leave(trial, former)
    new = _arrive(trial, "teacher", sis_id="4711")
    trial.sync()
    file = trial.folder / "told.csv"
    file.write_text(f"role_id,user_id\n{legacy_id},{new}\n", encoding="utf-8")
    import_migration(trial.warehouse, [file], "import", report_file=trial.folder / "report.csv", report=silent)
    assert trial.rows("SELECT user_id FROM legacy_id_crosswalk WHERE source = 'migration_csv'") == [(new,)]
    assert _likely(trial) == [(former, new, ("same_sis_id",), "strong")]


# What is no evidence


def test_merged_and_split_users_are_explained_by_the_crosswalk(trial: "Trial") -> None:
    teacher, staff = _known(trial, "teacher", 0, email="ada@x.example"), trial.person("staff")
    several = _known(trial, "teacher", 1, name=NAMES[1], email="bea@x.example")
    trial.sandbox.give_role(several, "staff")
    trial.sync()
    merged = trial.sandbox.merge(teacher, staff)
    trial.sandbox.split(several)
    trial.sync()
    assert trial.rows("SELECT email FROM users WHERE user_id = ?", merged) == [("ada@x.example",)]
    assert _likely(trial) == []


def test_user_whom_the_crosswalk_explains_counts_among_those_who_had_the_email_and_the_name(trial: "Trial") -> None:
    teacher, staff = _known(trial, "teacher", 0, email="ada@x.example", name=NAMES[0]), trial.person("staff")
    other = _known(trial, "teacher", 1, email="ada@x.example", name=NAMES[0], sis_id="another")
    trial.sync()
    _leave(trial, other)
    trial.sandbox.merge(teacher, staff)
    trial.sync()
    assert _likely(trial) == []


def test_two_users_who_were_in_clever_at_the_same_time_are_two_persons(trial: "Trial") -> None:
    former = _known(trial, "teacher", 0, email="ada@x.example", sis_id="1", name=NAMES[0])
    _known(trial, "teacher", 1, email="ada@x.example", sis_id="1", name=NAMES[0])
    trial.sync()
    _leave(trial, former)
    trial.sync()
    assert _likely(trial) == []


def test_user_who_returns_under_the_same_id_does_not_arrive(trial: "Trial") -> None:
    former = _known(trial, "teacher", 0, email="ada@x.example", sis_id="1")
    returning = _known(trial, "teacher", 1, email="ada@x.example", sis_id="1")
    trial.sync()
    _leave(trial, returning)
    trial.sync()
    _leave(trial, former)
    trial.sandbox.restore(returning)
    trial.sync()
    assert _likely(trial) == []


def test_user_who_arrived_while_the_other_was_away_for_a_time_is_another_person(trial: "Trial") -> None:
    former, earlier = _known(trial, "teacher", email="ada@x.example", sis_id="1"), trial.person("student")
    trial.sync()
    _leave(trial, former, earlier)
    trial.sync()
    new = _arrive(trial, "teacher", email="ada@x.example", sis_id="1")
    trial.sync()
    assert [row[:2] for row in _likely(trial)] == [(former, new)]
    trial.sandbox.restore(former)
    trial.sync()
    assert _likely(trial) == []
    _leave(trial, former)
    trial.sync()
    assert _likely(trial) == []


def test_email_that_several_have_is_no_evidence(trial: "Trial") -> None:
    """Two contacts of a family share an e-mail, and both or one of them is created again."""
    one, other = (_known(trial, "contact", number, email="home@x.example", name=NAMES[number]) for number in (0, 1))
    former = _known(trial, "teacher", email="ada@x.example")
    trial.sync()
    _leave(trial, one, former)
    _arrive(trial, "contact", email="home@x.example")
    _arrive(trial, "teacher", email="ada@x.example")
    _arrive(trial, "teacher", email="ADA@x.example")
    trial.sync()
    assert _likely(trial) == []
    _leave(trial, other)
    trial.sync()
    assert _likely(trial) == [], "one of two who had it at the same time"


def test_contacts_who_share_an_email_are_distinguished_by_their_names(trial: "Trial") -> None:
    family = [_known(trial, "contact", number, email="home@x.example", name=NAMES[number]) for number in (0, 1)]
    trial.sync()
    _leave(trial, *family)
    new = [_arrive(trial, "contact", email="home@x.example", name=NAMES[number]) for number in (0, 1)]
    trial.sync()
    assert _likely(trial) == sorted((*pair, ("recreated_contact",), "medium") for pair in zip(family, new, strict=True))


@pytest.mark.parametrize("role", ["student", "contact"])
@pytest.mark.parametrize(("leaving", "arriving"), [(2, 1), (1, 2), (2, 2)])
def test_name_that_several_have_is_no_evidence(trial: "Trial", role: str, leaving: int, arriving: int) -> None:
    former = [_known(trial, role, number, name=NAMES[0]) for number in range(leaving)]
    trial.sync()
    _leave(trial, *former)
    for _ in range(arriving):
        _arrive(trial, role, name=NAMES[0])
    trial.sync()
    assert _likely(trial) == []


@pytest.mark.parametrize("role", ["student", "contact"])
def test_name_is_no_evidence_in_a_later_sync_or_another_role(trial: "Trial", role: str) -> None:
    former = _known(trial, role, name=NAMES[0])
    trial.sync()
    _leave(trial, former)
    _arrive(trial, "staff", name=NAMES[0])
    trial.sync()
    _arrive(trial, role, name=NAMES[0])
    trial.sync()
    assert _likely(trial) == []


def test_sis_id_that_several_have_is_no_evidence(trial: "Trial") -> None:
    former = _known(trial, "student", 0, sis_id="1")
    one, other = (_known(trial, "student", number, sis_id="2") for number in (1, 2))
    trial.sync()
    _leave(trial, former, one, other)
    for sis_id in ("1", "1", "2"):
        _arrive(trial, "student", sis_id=sis_id)
    trial.sync()
    assert _likely(trial) == []


def test_users_who_shared_an_email_or_sis_id_stay_unlisted_when_a_later_user_had_it_alone(trial: "Trial") -> None:
    by_email = [_known(trial, "teacher", number, email="ada@x.example") for number in (0, 1)]
    by_sis_id = [_known(trial, "student", number, sis_id="1") for number in (0, 1)]
    trial.sync()
    _leave(trial, *by_email, *by_sis_id)
    trial.sync()
    teacher, student = _arrive(trial, "teacher", email="ada@x.example"), _arrive(trial, "student", sis_id="1")
    trial.sync()
    _leave(trial, teacher, student)
    new_teacher, new_student = _arrive(trial, "teacher", email="ada@x.example"), _arrive(trial, "student", sis_id="1")
    trial.sync()
    assert [row[:2] for row in _likely(trial)] == sorted([(teacher, new_teacher), (student, new_student)])


def test_sis_id_of_another_role_and_missing_values_are_no_evidence(trial: "Trial") -> None:
    former = _known(trial, "teacher", sis_id="4711", email="", name={"first": "", "last": ""})
    trial.sync()
    _leave(trial, former)
    _arrive(trial, "student", sis_id="4711", email="", name={"first": "", "last": ""})
    _arrive(trial, "teacher", email=" ", sis_id=None, name={"first": "", "last": ""})
    trial.sync()
    assert _likely(trial) == []


def test_another_district_is_no_evidence(two: "Trial") -> None:
    _, elsewhere = two.districts
    former = _known(two, "teacher", 0, email="ada@x.example", sis_id="1", name=NAMES[0])
    moving = _known(two, "teacher", 1, email="bea@x.example", sis_id="2", name=NAMES[1])
    record = _record(two, moving)
    two.sync()
    _leave(two, former, moving)
    two.sandbox.roster(elsewhere).show(record)
    _arrive(two, "teacher", elsewhere, email="ada@x.example", sis_id="1", name=NAMES[0])
    _arrive(two, "teacher", email="bea@x.example", sis_id="2", name=NAMES[1])
    two.sync()
    assert two.rows("SELECT district_id FROM users WHERE user_id = ?", moving) == [(elsewhere,)]
    assert _likely(two) == []


# Never as a link


def test_no_id_resolves_by_it(trial: "Trial") -> None:
    former = _known(trial, "teacher", sis_id="1", email="ada@x.example")
    legacy_id = _record(trial, former)["roles"]["teacher"]["legacy_id"]
    trial.sync()
    _leave(trial, former)
    trial.sync()
    answers = f"""
        SELECT id, status, user_id, user_ids FROM living_heirs WHERE id IN ('{former}', '{legacy_id}')
        UNION ALL
        SELECT id, 'macro', v3_user_id(id), NULL FROM (VALUES ('{former}'), ('{legacy_id}')) AS ids (id)
        ORDER BY ALL
    """
    before = trial.rows(answers)
    assert {row[2] for row in before} == {former}
    new = _arrive(trial, "teacher", sis_id="1", email="ada@x.example")
    trial.sync()
    assert [row[:2] for row in _likely(trial)] == [(former, new)]
    assert trial.rows(answers) == before
    assert trial.rows("SELECT DISTINCT former_user_id FROM identity_chains WHERE user_id = ?", new) == [(new,)]
    reading = "SELECT view_name FROM duckdb_views() WHERE sql LIKE '%likely_same_person%' AND view_name <> 'likely_same_person'"
    assert trial.rows(reading) == []


def test_it_shows_no_name_email_or_sis_id(trial: "Trial") -> None:
    former = _known(trial, "student", sis_id="secret", email="ada@x.example", name=NAMES[0])
    trial.sync()
    _leave(trial, former)
    _arrive(trial, "student", sis_id="secret", email="ada@x.example", name=NAMES[0])
    trial.sync()
    (row,) = trial.rows("FROM likely_same_person")
    assert not [word for word in ("secret", "ada", "Ada", "One") if word in str(row)]


def test_random_changes_of_a_roster_list_only_users_without_an_heir(trial: "Trial") -> None:
    trial = dataclasses.replace(trial, limits=LimitsByDistrict(Limits(min_records=10**6)))
    trial.sync()
    for _ in range(5):
        trial.sandbox.advance(5)
        trial.sync()
    wrong = """
        FROM likely_same_person AS likely
        LEFT JOIN living_heirs ON living_heirs.id = likely.former_user_id
        LEFT JOIN users ON users.district_id = likely.district_id AND users.user_id = likely.user_id
        WHERE
            living_heirs.is_living IS DISTINCT FROM false
            OR users.user_id IS NULL
            OR likely.former_user_id IN (SELECT user_id FROM users)
            OR likely.first_seen_at < likely.former_last_seen_at
    """
    assert trial.rows(wrong) == []
    assert trial.value(
        "SELECT count(*) = count(DISTINCT (district_id, former_user_id, user_id)) FROM likely_same_person"
    )
