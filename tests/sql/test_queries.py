"""The questions of sql/queries, put to a synced warehouse; the answers must be those of the fake Clever API itself."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.expected.change_log import ChangeLog
from tests.expected.truth import Truth

if TYPE_CHECKING:
    from tests.sql.conftest import Ask, Past

QUESTIONS = sorted(file.stem for file in (Path(__file__).parents[2] / "sql" / "queries").glob("*.sql"))
EMPLOYEES = {"teacher", "staff", "district_admin"}


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_has_an_answer_as_it_stands(
    question: str, ask: "Ask", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_users.csv").write_text("clever_id\n5f0000000000000000000000\n")
    monkeypatch.chdir(tmp_path)
    ask(question)


def test_at_least_ten_questions_are_answered() -> None:
    assert len(QUESTIONS) >= 10


def test_people_are_counted_by_role_and_district(ask: "Ask", past: "Past") -> None:
    counted = {(row["district_id"], row["role"]): row["people"] for row in ask("people_by_role_and_district")}
    assert counted == Counter((row.district_id, row.role) for row in past.after.user_roles)


def test_people_are_counted_as_they_were_between_the_syncs(ask: "Ask", past: "Past") -> None:
    rows = ask("people_by_role_on_a_day", moment=past.between_the_syncs)
    assert {(row["district_id"], row["role"]): (row["people_then"], row["people_now"]) for row in rows} == {
        (district, role): (
            sum((one.district_id, one.role) == (district, role) for one in past.before.user_roles),
            sum((one.district_id, one.role) == (district, role) for one in past.after.user_roles),
        )
        for district, role in {(one.district_id, one.role) for one in past.after.user_roles}
    }


def test_students_are_counted_by_grade_on_count_day(ask: "Ask", past: "Past") -> None:
    (count_day,) = {row["counts_end"] for row in ask("headcount_on_count_day")}
    rows = ask("headcount_on_count_day", count_day=count_day)
    counted: Counter[tuple[str, str | None]] = Counter()
    for row in rows:
        counted[row["district_id"], row["grade"]] += row["students"]
    records = {row.user_id: past.after.by_id[row.user_id] for row in past.after.user_roles if row.role == "student"}
    assert counted == Counter(
        (record["district"], record["roles"]["student"].get("grade") or None) for record in records.values()
    )
    assert all(row["school"] for row in rows if row["district_id"] == past.elsewhere)


def test_headcount_before_the_first_sync_is_null_and_says_when_the_counts_begin(ask: "Ask", past: "Past") -> None:
    rows = ask("headcount_on_count_day", count_day=date(2020, 10, 1))
    assert [(row["district_id"], row["students"]) for row in rows] == [(past.here, None), (past.elsewhere, None)]
    assert all(date(2020, 10, 1) < row["counts_begin"] <= row["counts_end"] for row in rows)


def test_counts_of_each_day_are_those_of_its_last_sync(ask: "Ask", past: "Past") -> None:
    rows = ask("counts_per_night", since=past.between_the_syncs.date())
    last = max(row["day"] for row in rows)
    counted = {(row["district_id"], row["kind"]): row["records"] for row in rows if row["day"] == last}
    roles = Counter((row.district_id, row.role) for row in past.after.user_roles)
    assert {cell: counted[cell] for cell in roles} == roles
    assert counted[past.here, "users"] == sum(row.district_id == past.here for row in past.after.users)


def test_people_with_several_roles_are_listed_with_each(ask: "Ask", past: "Past") -> None:
    several = {row.user_id for row in past.after.users if len(row.roles) > 1}
    assert several
    assert sorted(
        (row["user_id"], row["role"], row["legacy_id"], row["title"]) for row in ask("people_with_several_roles")
    ) == [(row.user_id, row.role, row.legacy_id, row.title) for row in past.after.user_roles if row.user_id in several]


def test_every_kind_of_legacy_id_finds_the_v3_id_that_it_became(ask: "Ask", past: "Past") -> None:
    one_of_each_role = {row.role: row for row in past.after.crosswalk}
    assert len(one_of_each_role) == 5
    for link in one_of_each_role.values():
        assert [
            (row["user_id"], row["role"], row["is_current"])
            for row in ask("v3_id_of_a_legacy_id", legacy_id=link.legacy_id)
            if row["is_the_answer"]
        ] == [(link.user_id, link.role, True)]


def test_a_legacy_id_of_a_merged_person_leads_to_the_new_user_and_names_the_former(ask: "Ask", past: "Past") -> None:
    (link,) = [row for row in past.before.crosswalk if row.user_id == past.merged[0]]
    now, former = ask("v3_id_of_a_legacy_id", legacy_id=link.legacy_id)
    assert (now["user_id"], now["is_current"], now["is_the_answer"]) == (past.merged_into, True, True)
    assert (former["user_id"], former["is_current"], former["end_reason"]) == (past.merged[0], False, "reassigned")


def test_any_id_of_a_merged_person_gives_the_whole_chain(ask: "Ask", past: "Past") -> None:
    before = {(row.user_id, row.legacy_id) for row in past.before.crosswalk if row.user_id in past.merged}
    now = {(past.merged_into, legacy_id) for _, legacy_id in before}
    for id_ in (past.merged_into, *past.merged, *(legacy_id for _, legacy_id in before)):
        rows = ask("identity_of_a_person", id=id_)
        assert {row["user_id"] for row in rows} == {past.merged_into}
        assert {(row["former_user_id"], row["legacy_id"]) for row in rows} == before | now


def test_merges_and_splits_are_listed(ask: "Ask", past: "Past") -> None:
    since = past.between_the_syncs
    told = {
        (row["change"], row["from_user_id"], row["to_user_id"], row["from_is_gone"], row["to_is_new"])
        for row in ask("merged_and_split_people", since=since)
    }
    assert told == {
        *(("merged", former, past.merged_into, True, True) for former in past.merged),
        *(("split", past.split, part, True, True) for part in past.split_into),
    }
    assert ask("merged_and_split_people", since=since + timedelta(days=1)) == []


def test_employees_without_an_email_are_listed(ask: "Ask", past: "Past") -> None:
    expected = sorted(row.user_id for row in past.after.users if row.email is None and EMPLOYEES & set(row.roles))
    assert past.without_email in expected
    rows = ask("employees_without_email_or_role")
    assert sorted(row["user_id"] for row in rows if row["lacks"] == "no e-mail") == expected


def test_employees_who_share_an_email_are_listed_in_whatever_case_it_is_written(ask: "Ask", past: "Past") -> None:
    def shared(truth: Truth) -> set[str]:
        employees = [row for row in truth.users if row.email and EMPLOYEES & set(row.roles)]
        holders = Counter((row.district_id, row.email.lower()) for row in employees if row.email)
        return {row.user_id for row in employees if row.email and holders[row.district_id, row.email.lower()] > 1}

    assert set(past.sharing) <= shared(past.after)
    assert {row["user_id"] for row in ask("employees_who_share_an_email")} == shared(past.after)


def test_students_whose_primary_school_is_not_among_theirs_are_listed(ask: "Ask", past: "Past") -> None:
    expected = [
        row.user_id for row in past.after.user_roles if row.role == "student" and row.school_id not in row.school_ids
    ]
    assert past.in_a_strange_school in expected
    assert sorted(row["user_id"] for row in ask("students_without_a_primary_school_of_theirs")) == expected


def test_students_in_several_schools_are_listed_with_each(ask: "Ask", past: "Past") -> None:
    expected = [
        (row.user_id, school_id, school_id == row.school_id)
        for row in past.after.user_roles
        if row.role == "student" and len(row.school_ids) > 1
        for school_id in row.school_ids
    ]
    assert expected
    assert sorted(
        (row["user_id"], row["school_id"], row["is_primary"]) for row in ask("students_in_several_schools")
    ) == sorted(expected)


def test_people_who_are_new_since_the_first_sync_are_listed(ask: "Ask", past: "Past") -> None:
    known = set(past.before.ids())
    assert {row["user_id"] for row in ask("new_people_since", since=past.between_the_syncs)} == {
        row.user_id for row in past.after.users if row.user_id not in known
    }
    assert past.arrived in set(past.after.ids()) - known


def test_the_last_sync_changed_what_the_fake_api_changed(ask: "Ask", past: "Past") -> None:
    change_log = ChangeLog()
    change_log.sync(past.before)
    change_log.sync(past.after)
    expected = {
        (user_id, what, version.change)
        for versions in (
            {(user_id, "the person"): of for user_id, of in change_log.users.items()},
            change_log.user_roles,
        )
        for (user_id, what), of_key in versions.items()
        for version in of_key
        if version.sync == 2
    }
    rows = ask("changes_of_the_last_sync")
    assert {(row["user_id"], row["what"], row["change"]) for row in rows if row["district_id"] == past.here} == expected
    assert (past.gone, "the person", "archived") in expected
    assert (past.changed, "the person", "updated") in expected


def test_people_and_other_records_are_counted_after_each_day(ask: "Ask", past: "Past") -> None:
    """Of several syncs on one day, the last one counts."""
    counted = {(row["district_id"], row["what"]): row["records"] for row in ask("counts_by_night")}
    sections = {(row["district_id"], row["section_id"]) for row in ask("section_sizes")}
    expected = Counter((row.district_id, row.role) for row in past.after.user_roles)
    expected += Counter((district_id, "sections") for district_id, _ in sections)
    assert {key: counted[key] for key in expected} == expected


def test_changes_since_the_last_applied_sync_are_counted_by_table(ask: "Ask", past: "Past") -> None:
    counted = {row["what"]: row for row in ask("changes_since_by_table") if row["district_id"] == past.here}
    before, after = set(past.before.ids()), set(past.after.ids())
    assert counted["users"]["created"] == len(after - before)
    assert counted["users"]["archived"] == len(before - after)
    assert counted["section_students"]["archived"] > 0


def test_a_persons_history_has_one_row_per_version(ask: "Ask", past: "Past") -> None:
    versions = [(row["what"], row["change"]) for row in ask("one_persons_history", user_id=past.gone)]
    assert versions == [
        ("student", "created"),
        ("the person", "created"),
        ("student", "archived"),
        ("the person", "archived"),
    ]


def test_open_findings_are_counted_by_rule_and_district(ask: "Ask", past: "Past") -> None:
    found = {(row["rule"], row["district_id"]): row["records"] for row in ask("open_findings_by_rule_and_district")}
    assert found["primary_school_is_among_the_schools", past.here] == len(
        ask("students_without_a_primary_school_of_theirs")
    )
    assert sum(records for (rule, _), records in found.items() if rule == "employees_do_not_share_an_email") == len(
        ask("employees_who_share_an_email")
    )


def test_each_district_shows_how_fresh_it_is(ask: "Ask", past: "Past") -> None:
    here, elsewhere = sorted(ask("freshness_of_each_district"), key=lambda row: row["district_id"] != past.here)
    for row in (here, elsewhere):
        assert row["connected"]
        assert past.between_the_syncs < row["up_to_date_as_of"] < datetime.now(UTC)
        assert row["last_error"] is None
    assert (here["last_outcome"], elsewhere["last_outcome"]) == ("applied", "unchanged")
    assert elsewhere["last_changed_at"] < past.between_the_syncs < here["last_changed_at"]


def test_unresolved_legacy_ids_are_listed_with_the_reason(ask: "Ask", past: "Past") -> None:
    current = {(row.role, row.legacy_id) for row in past.after.crosswalk}
    people = set(past.after.ids())
    expected = {
        (row.role, row.legacy_id): (row.user_id, "archived")
        for row in past.before.crosswalk
        if (row.role, row.legacy_id) not in current and row.user_id not in people
    }
    assert expected
    assert {
        (row["role"], row["legacy_id"]): (row["last_user_id"], row["reason"])
        for row in ask("legacy_ids_without_a_current_user")
    } == expected


def test_users_who_are_likely_the_same_person_are_listed_with_both_names(ask: "Ask", past: "Past") -> None:
    former, new = past.recreated
    (row,) = [row for row in ask("likely_same_people") if row["former_user_id"] == former]
    assert row["user_id"] == new
    assert row["strength"] in {"strong", "medium"}
    assert "recreated_contact" in row["reasons"]
    assert row["former_last_name"] == row["last_name"] is not None
    assert row["former_first_name"] == row["first_name"]
    assert row["former_last_seen_at"] == row["first_seen_at"] > past.between_the_syncs


def test_an_applications_own_table_of_legacy_ids_finds_its_people(
    ask: "Ask", past: "Past", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {row.legacy_id for row in past.after.crosswalk}
    (gone,) = [row.legacy_id for row in past.before.crosswalk if row.user_id == past.gone]
    (merged,) = [row.legacy_id for row in past.before.crosswalk if row.user_id == past.merged[1]]
    (lost,) = [
        row.legacy_id for row in past.before.crosswalk if row.user_id == past.lost_a_role and row.legacy_id not in held
    ]
    (tmp_path / "my_users.csv").write_text(f"login,clever_id\na,{merged}\nb,{gone}\nc,{lost}\nd,nobody\n")
    monkeypatch.chdir(tmp_path)
    rows = ask("resolve_the_legacy_ids_of_a_table")
    assert [(row["login"], row["user_id"], row["status"], row["reason"]) for row in rows] == [
        ("a", past.merged_into, "current", None),
        ("b", past.gone, "gone", "archived"),
        ("c", past.lost_a_role, "current", "role_removed"),
        ("d", None, "not_an_id", "malformed"),
    ]
