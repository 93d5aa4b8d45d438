"""The same rosters and imports in another order: the same answers, and the same links apart from instants."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pipelines.identity.migration import import_migration
from pipelines.progress import silent
from tests.conftest import Trial
from tests.expected.identity import IdentityOracle
from tests.pipelines.sync.test_histories import EXAMPLES, LOST_SOCKETS, UNKNOWN, Day, Memory

if TYPE_CHECKING:
    from tests.conftest import Begin, Row

NIGHTS = 3
"""Syncs of every district in each history; all but the first follow some changes."""

COMPARED = (
    "SELECT id, status, user_id, user_ids, is_living, role, source, is_legacy_id FROM living_heirs ORDER BY ALL",
    "SELECT district_id, role, legacy_id, user_id, is_current, end_reason, source FROM legacy_id_crosswalk ORDER BY ALL",
    "SELECT user_id, former_user_id, district_id, role, legacy_id, is_current, end_reason FROM identity_chains ORDER BY ALL",
)
"""Questions whose answers must not depend on the order."""

CSVS = 2
"""Migration CSVs of each history."""


@pytest.mark.search
@pytest.mark.filterwarnings(LOST_SOCKETS)
@settings(max_examples=EXAMPLES // 2)
@given(data=st.data())
def test_answers_do_not_depend_on_the_order_of_districts_and_imports(begin: "Begin", data: st.DataObject) -> None:
    with begin(districts=2, seed=data.draw(st.integers(0, 10**6)), users=data.draw(st.integers(6, 20))) as trial:
        csvs = [_pairs(trial, data) for _ in range(CSVS)]
        order = data.draw(st.sampled_from(["ascending", "descending"]), "order")
        warehouses = [_Ordered(trial, name, data) for name in ("together", order)]
        memories = {district_id: Memory() for district_id in trial.districts}
        oracle, race = IdentityOracle(), _Race()
        for night in range(NIGHTS):
            for district_id, memory in memories.items() if night else ():
                for _ in range(data.draw(st.integers(0, 5))):
                    Day(trial.sandbox, district_id, memory, data.draw).apply()
            oracle.begin()
            for district_id, memory in memories.items():
                truth = trial.sandbox.truth(district_id)
                memory.change_log.sync(truth)
                oracle.apply(district_id, truth)
                race.apply(night, district_id, {row.legacy_id for row in truth.crosswalk})
            for warehouse in warehouses:
                warehouse.pass_night(night, csvs)
        if race.has_draw():
            event("the order within a night decides")
            return
        for csv in csvs:
            oracle.tell(csv)
        first, second = (warehouse.answers() for warehouse in warehouses)
        for one, other in zip(first, second, strict=True):
            assert (set(one) - set(other), set(other) - set(one)) == (set(), set())
        assert {row[0]: row[1:4] for row in first[0]} == {
            id_: (answer.status, answer.user_id, answer.listed)
            for id_ in oracle.ids()
            for answer in [oracle.answer(id_)]
        }


class _Ordered:
    """A warehouse that syncs the districts of each night in an order of its own, and imports when it is drawn to."""

    def __init__(self, trial: Trial, name: str, data: st.DataObject) -> None:
        self._trial = Trial(trial.sandbox, trial.url, trial.folder / name)
        self._steps = {
            "together": [trial.districts],
            "ascending": [[each] for each in trial.districts],
            "descending": [[each] for each in reversed(trial.districts)],
        }[name]
        self._imported_in = [data.draw(st.integers(0, NIGHTS), f"{name} imports in night") for _ in range(CSVS)]
        self._is_import_first = data.draw(st.booleans(), f"{name} imports before it syncs")

    def pass_night(self, night: int, csvs: list[list[tuple[str, str]]]) -> None:
        """Sync, and import what this warehouse imports in this night; whatever is left in the last one."""
        is_last = night == NIGHTS - 1
        due = [number for number, when in enumerate(self._imported_in) if when == night or (is_last and when > night)]
        for number in due if self._is_import_first else ():
            self._tell(number, csvs[number])
        for asked in self._steps:
            assert {outcome.outcome for outcome in self._trial.sync(*asked).outcomes} <= {"applied", "unchanged"}
        for number in () if self._is_import_first else due:
            self._tell(number, csvs[number])

    def answers(self) -> "list[list[Row]]":
        """Ask the questions of COMPARED."""
        return [self._trial.rows(query) for query in COMPARED]

    def _tell(self, number: int, pairs: list[tuple[str, str]]) -> None:
        self._trial.folder.mkdir(exist_ok=True)
        file = self._trial.folder / f"{number}.csv"
        file.write_text("\n".join(["role_id,user_id", *map(",".join, pairs)]) + "\n")
        import_migration(
            self._trial.warehouse, [file], f"import-{number}", report_file=file.with_suffix(".report"), report=silent
        )


class _Race:
    """Legacy IDs that one district lost in the night in which another showed them last.

    Which of their syncs was later that night decides whether the second district's user held the ID longer: there the order counts.
    """

    def __init__(self) -> None:
        self._shown: dict[tuple[str, str], int] = {}
        self._ended: dict[tuple[str, str], int] = {}
        self._before: dict[str, set[str]] = {}

    def apply(self, night: int, district_id: str, legacy_ids: set[str]) -> None:
        """Learn which legacy IDs a district shows in a night."""
        for legacy_id in legacy_ids:
            self._shown[district_id, legacy_id] = night
        for legacy_id in self._before.get(district_id, set()) - legacy_ids:
            self._ended[district_id, legacy_id] = night
        self._before[district_id] = legacy_ids

    def has_draw(self) -> bool:
        """Return whether the order within a night decides about any legacy ID."""
        return any(
            legacy_id == other_id and district_id != other and ended == shown
            for (district_id, legacy_id), ended in self._ended.items()
            for (other, other_id), shown in self._shown.items()
        )


def _pairs(trial: Trial, data: st.DataObject) -> list[tuple[str, str]]:
    """Choose links for a migration CSV out of the IDs that the rosters show, and unknown ones."""
    truth = trial.sandbox.truth()
    unknown: Any = st.sampled_from(UNKNOWN)
    legacy_ids, users = st.sampled_from(sorted(truth.v3_user_id)), st.sampled_from(sorted(truth.by_id))
    pairs = st.tuples(st.one_of(unknown, legacy_ids, unknown, users), st.one_of(unknown, users, legacy_ids))
    return data.draw(st.lists(pairs, max_size=8), "pairs")
