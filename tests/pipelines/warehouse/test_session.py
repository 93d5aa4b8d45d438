"""How rows of our own are written: a row with the same key is replaced, two rows with one key are refused."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.warehouse import Ledger, Session, Staging, StatementError

if TYPE_CHECKING:
    from tests.conftest import Trial

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)

RUN = {
    "sync_id": "twice",
    "district_id": "d",
    "sequence": 1,
    "mode": "full",
    "started_at": NOON,
    "finished_at": NOON,
    "outcome": "failed",
    "added": 0,
    "updated": 0,
    "archived": 0,
    "restored": 0,
}
RECEIPT = {
    "sync_id": "twice",
    "district_id": "d",
    "feed": "users",
    "pages": 1,
    "records": 1,
    "bytes": 1,
    "complete": True,
}
HOLD = {
    "district_id": "d",
    "digest": "twice",
    "held_at": NOON,
    "sync_id": "s",
    "seen_at": NOON,
    "state": "held",
    "why": "one",
    "by_role": {},
}
ROWS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any], str]] = {
    "sync.runs": (RUN, {"outcome": "applied"}, "sync_id, district_id"),
    "sync.receipts": (RECEIPT, {"records": 2}, "sync_id, district_id, feed"),
    "sync.holds": (HOLD, {"why": "another"}, "district_id, digest, held_at"),
    "sync.checks": ({"check": "twice", "severity": "error", "description": "one"}, {"severity": "warning"}, "check"),
    "staging.pages": ({"filename": "twice", "district_id": "d"}, {"district_id": "e"}, "filename"),
}
"""By table, a row, what another row with the same key has instead, and the key."""


def _writing(trial: "Trial", run: Callable[[Session], object]) -> None:
    trial.warehouse.write("writing", run, lambda _why: None)


@pytest.mark.parametrize("table", ROWS)
def test_insert_refuses_two_rows_with_one_key_and_writes_none(trial: "Trial", table: str) -> None:
    row, other, key = ROWS[table]

    def run(session: Session) -> None:
        Staging(session)
        with pytest.raises(StatementError) as refused:
            session.insert(table, [row, {**row, **other}])
        assert table in str(refused.value)
        assert f"({key})" in str(refused.value)
        assert "twice" not in str(refused.value)
        session.execute(f"SELECT error('something was written') FROM {table}", "nothing was written")

    _writing(trial, run)


def test_insert_replaces_the_row_that_an_earlier_sync_wrote(trial: "Trial") -> None:
    def run(session: Session) -> None:
        session.insert("sync.runs", [RUN])
        session.insert("sync.runs", [{**RUN, "outcome": "unchanged"}])
        session.publish()

    _writing(trial, run)
    assert trial.rows("SELECT sync_id, outcome FROM sync.runs") == [("twice", "unchanged")]


def test_fields_of_which_one_comes_twice_are_refused(trial: "Trial") -> None:
    def run(session: Session) -> None:
        session.execute(
            "CREATE TEMP TABLE fields_of_batch AS SELECT 'users' AS stream, 'd' AS district_id, 'a' AS path, 'known' AS kind, "
            "NULL::BIGINT AS records, "
            "NULL AS example_id, true AS is_present, now() AS first_seen_at, now() AS last_seen_at FROM range(2)",
            "two fields",
        )
        with pytest.raises(StatementError, match=r"sync\.fields: 1 of the keys .*\(stream, district_id, path, kind\)"):
            session.replace("sync.fields", "fields_of_batch")

    _writing(trial, run)


def test_a_district_that_is_listed_twice_is_refused_and_nothing_of_the_sync_is_recorded(trial: "Trial") -> None:
    trial.sync()
    before = trial.rows("SELECT * FROM sync.districts")
    (district_id,) = trial.districts

    def run(session: Session) -> None:
        with pytest.raises(StatementError, match=r"sync\.districts: 1 of the keys .*\(district_id\)"):
            Ledger(session).record(
                runs=[RUN],
                receipts=[RECEIPT],
                seen=[],
                connected=[district_id, district_id],
                disconnected=[],
                not_shared={},
                events=[],
                cursors={},
                observed_at=NOON,
            )
        session.publish()

    _writing(trial, run)
    assert trial.rows("SELECT * FROM sync.districts") == before
    assert trial.rows("SELECT * FROM sync.runs WHERE sync_id = 'twice'") == []
