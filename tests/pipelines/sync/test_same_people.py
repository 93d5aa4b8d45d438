"""Promise 7: whatever the path, the same people; and promise 6: whatever happens, every legacy id resolves."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sandbox import Rendering, Status
from tests.expected.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

pytestmark = pytest.mark.search

FEWER = settings(max_examples=(settings().max_examples + 1) // 2)
"""For examples of many syncs."""

seeds = st.integers(0, 10_000)
renderings = st.builds(
    Rendering, indent=st.booleans(), escape=st.booleans(), reorder=st.booleans(), links_first=st.booleans()
)


def _with_extras(sandbox: Sandbox) -> None:
    """Give someone unknown fields, the sort whose order of keys shows."""
    (district_id, *_) = sandbox.districts
    user_id = sandbox.roster(district_id).ids("teacher")[0]
    sandbox.change(
        user_id,
        {"nick": {"b": [1, {"y": 1, "x": "ü/ß"}], "a": None}, "roles.teacher.badge": {"to": "a/b", "from": "ж"}},
    )


@given(seed=seeds, limit=st.integers(1, 60), full_page=st.booleans())
def test_any_page_size_gives_the_same_tables(begin: "Begin", *, seed: int, limit: int, full_page: bool) -> None:
    with begin(seed=seed, users=30) as trial:
        trial.sandbox.next_after_full_page = full_page
        trial.page_limit = limit
        assert trial.outcomes() == ["applied"]
        assert trial.wrong() == []
        digests = trial.rows("SELECT feed, digest FROM sync.receipts ORDER BY ALL")
        trial.page_limit = 10_000
        assert trial.outcomes() == ["unchanged"]
        assert trial.rows("SELECT DISTINCT feed, digest FROM sync.receipts ORDER BY ALL") == digests


@given(seed=seeds, first=renderings, second=renderings)
def test_any_rendering_of_the_json_gives_the_same_tables_and_no_change(
    begin: "Begin", seed: int, first: Rendering, second: Rendering
) -> None:
    with begin(seed=seed, users=30) as trial:
        _with_extras(trial.sandbox)
        trial.sandbox.rendering = first
        assert trial.outcomes() == ["applied"]
        assert trial.wrong() == []
        before = trial.fingerprint()
        trial.sandbox.rendering = second
        outcome = trial.outcome()
        assert outcome.outcome == "unchanged"
        assert (outcome.counts.added, outcome.counts.updated, outcome.counts.archived) == (0, 0, 0)
        assert trial.fingerprint() == before


@given(seed=seeds, nights=st.integers(0, 5), times=st.integers(2, 3))
def test_syncing_several_times_equals_once(begin: "Begin", seed: int, nights: int, times: int) -> None:
    with begin(seed=seed) as trial:
        trial.sync()
        trial.sandbox.advance(nights)
        trial.sync()
        once = trial.fingerprint()
        for _ in range(times - 1):
            assert trial.outcomes() == ["unchanged"]
            assert trial.fingerprint() == once
        assert trial.wrong() == []


@FEWER
@given(seed=seeds, order=st.permutations([0, 1, 2]), page_limit=st.sampled_from([3, 11, 10_000]))
def test_any_order_of_districts_gives_the_same_tables(
    begin: "Begin", seed: int, order: list[int], page_limit: int
) -> None:
    with begin(seed=seed, districts=3, users=15) as apart, begin(seed=seed, districts=3, users=15) as together:
        for trial in (apart, together):
            trial.page_limit = page_limit
        for night in range(2):
            assert together.outcomes() == ["applied"] * 3 or night
            for number in order:
                apart.outcome(apart.districts[number])
            assert apart.wrong() == []
            assert apart.fingerprint() == together.fingerprint()
            for trial in (apart, together):
                trial.sandbox.advance()


@FEWER
@given(seed=seeds, nights=st.lists(st.integers(1, 3), min_size=1, max_size=4), page_limit=st.sampled_from([7, 10_000]))
def test_after_any_nights_the_tables_are_the_truth_and_every_legacy_id_ever_seen_resolves(
    begin: "Begin", seed: int, nights: list[int], page_limit: int
) -> None:
    with begin(seed=seed) as trial:
        trial.page_limit = page_limit
        newest: dict[str, str] = {}
        for passed in [0, *nights]:
            trial.sandbox.advance(passed)
            (outcome,) = trial.sync().outcomes
            assert (outcome.outcome in {"applied", "unchanged"}, outcome.error) == (True, None)
            assert trial.wrong() == []
            newest |= trial.sandbox.truth().v3_user_id
            assert _unresolved(trial, newest) == []


def _unresolved(trial: "Trial", newest: dict[str, str]) -> list[str]:
    """Name the legacy ids that do not lead to the user whom they named last, or, if that user is gone, to where the user leads."""
    resolved: dict[str, str] = dict(
        trial.rows(
            "SELECT id, v3_user_id(id) FROM (SELECT DISTINCT unnest(?::VARCHAR[]) AS id)", [*newest, *newest.values()]
        )
    )
    here = {user.user_id for user in trial.sandbox.truth().users}
    return [
        legacy_id
        for legacy_id, user_id in newest.items()
        if resolved[legacy_id] != (user_id if user_id in here else resolved[user_id])
    ]


@given(seed=seeds, cut=st.integers(1, 40), page_limit=st.integers(1, 9), nights=st.integers(0, 2))
def test_a_sync_that_is_interrupted_anywhere_and_tried_again_ends_in_the_same_tables(
    begin: "Begin", seed: int, cut: int, page_limit: int, nights: int
) -> None:
    with begin(seed=seed, users=20) as trial:
        trial.sync()
        trial.sandbox.advance(nights)
        trial.page_limit = page_limit
        trial.sandbox.inject(Status(404), stream="users", after=cut)
        trial.sync(sync_id="torn")
        trial.sandbox.heal()
        (outcome,) = trial.sync(sync_id="torn").outcomes
        assert outcome.error is None
        assert trial.wrong() == []
