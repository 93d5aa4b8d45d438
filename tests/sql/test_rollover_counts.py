"""The counts of before and after a rollover are those of the sandbox's people."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from assets.cli import rollover
from pipelines.sync import Limits, LimitsByDistrict

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial


def _primary(trial: "Trial", role: str) -> dict[str, Any]:
    return dict(trial.rows(f"SELECT user_id, school_id FROM {role}s"))


def test_returning_leaving_new_moved_and_promoted_are_counted(begin: "Begin") -> None:
    with begin(users=300) as trial:
        trial.limits = LimitsByDistrict(Limits(100, 100))
        trial.sync()
        before = {role: _primary(trial, role) for role in ("student", "teacher")}
        grades: dict[str, int] = dict(trial.rows("SELECT user_id, sort_order FROM students JOIN grades USING (grade)"))
        instant = trial.warehouse.now() + timedelta(microseconds=1)
        trial.sandbox.roll_over(trial.districts[0])
        schools = sorted(set(before["student"].values()))
        for user_id in trial.sandbox.roster(trial.districts[0]).ids("student")[:7]:
            other = next(each for each in schools if each != before["student"].get(user_id))
            trial.sandbox.change(user_id, {"roles.student.school": other})
        assert trial.outcomes() == ["applied"]
        after = {role: _primary(trial, role) for role in ("student", "teacher")}
        higher: dict[str, int] = dict(trial.rows("SELECT user_id, sort_order FROM students JOIN grades USING (grade)"))
        with trial.warehouse.reading() as connection:
            counted = rollover.read(connection, instant, trial.warehouse.now())
        found = {row["role"]: row for row in counted.people}
        assert (counted.held, counted.later) == ([], {})
        for role, row in found.items():
            was, comes = before[role], after[role]
            stay = was.keys() & comes.keys()
            assert row["before"] == len(was)
            assert row["after"] == len(comes)
            assert row["returning"] == len(stay)
            assert row["leaving"] == len(was.keys() - comes.keys())
            assert row["new"] == len(comes.keys() - was.keys())
            assert row["moved"] == sum(
                was[each] is not None and comes[each] is not None and was[each] != comes[each] for each in stay
            )
        promoted = sum(higher[each] > grades[each] for each in grades.keys() & higher.keys())
        assert (found["student"]["promoted"], found["teacher"]["promoted"]) == (promoted, None)
        assert min(promoted, found["student"]["leaving"], found["student"]["new"], found["student"]["moved"]) > 0


def test_someone_whose_id_was_replaced_returns(begin: "Begin") -> None:
    with begin(users=300) as trial:
        trial.limits = LimitsByDistrict(Limits(100, 100))
        district_id = trial.districts[0]
        teacher, staff = (
            trial.sandbox.add_person(district_id, ("teacher",)),
            trial.sandbox.add_person(district_id, ("staff",)),
        )
        both = trial.sandbox.add_person(district_id, ("teacher", "staff"))
        trial.sync()
        before = {user_id for (user_id,) in trial.rows("SELECT user_id FROM teachers")}
        instant = trial.warehouse.now() + timedelta(microseconds=1)
        trial.sandbox.merge(teacher, staff)
        trial.sandbox.split(both)
        assert trial.outcomes() == ["applied"]
        after = {user_id for (user_id,) in trial.rows("SELECT user_id FROM teachers")}
        assert before - after == {teacher, both}, "the IDs are others, or nothing is tested"
        with trial.warehouse.reading() as connection:
            counted = rollover.read(connection, instant, trial.warehouse.now())
        found = {row["role"]: row for row in counted.people}["teacher"]
        assert found["before"] == found["returning"] == found["after"] == len(before)
        assert found["leaving"] == found["new"] == 0
