"""What a warehouse takes on disk: the rows, and little else."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines.progress import silent
from pipelines.warehouse import Warehouse
from pipelines.warehouse.store import STORAGE
from tests.conftest import shape

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

pytestmark = pytest.mark.usefixtures("compacted")

YEAR_OF_RECEIPTS = """
INSERT INTO sync.receipts
SELECT
    md5(night::VARCHAR)::UUID::VARCHAR AS sync_id,
    format('{:024x}', 100_000_000_000 + district) AS district_id,
    feed,
    1 + district % 3 AS pages,
    2_000 + district % 50 AS records,
    900_000 + hash(district) % 10_000 AS bytes,
    md5(concat(feed, district))[:24] AS first_id,
    md5(concat(district, feed))[:24] AS last_id,
    sha256(concat(district, feed, CASE WHEN hash(district, feed, night) % 16 = 0 THEN night ELSE 0 END))[:32] AS digest,
    true AS complete
FROM
    range(366) AS nights (night),
    range(500) AS districts (district),
    (SELECT unnest(['users', 'students', 'teachers', 'staff', 'district_admins', 'contacts'])) AS feeds (feed)
ORDER BY night, district, feed
"""
"""What 366 nights of 500 districts write down: every sixteenth time a stream shows something new."""


def _published(warehouse: Warehouse) -> int:
    warehouse.write("a sync", lambda session: session.publish(keep_former=False), silent)
    return warehouse.published.stat().st_size


@pytest.mark.search
def test_year_of_receipts_of_500_districts_takes_at_most_25_megabytes(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    before = _published(warehouse)
    with contextlib.closing(duckdb.connect(str(tmp_path / "state" / "work.duckdb"))) as connection:
        connection.execute(YEAR_OF_RECEIPTS)
    assert _published(warehouse) - before <= 25_000_000


def _copy(file: Path, to: Path) -> int:
    """Copy a database, and give the size of the copy in bytes."""
    to.unlink(missing_ok=True)
    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute(f"ATTACH '{file}' AS original (READ_ONLY)")
        connection.execute(f"ATTACH '{to}' AS copied (STORAGE_VERSION '{STORAGE}')")
        connection.execute("COPY FROM DATABASE original TO copied")
        connection.execute("CHECKPOINT copied")
    return to.stat().st_size


@pytest.mark.search
def test_published_file_is_on_every_night_at_most_1_3_times_its_copy(begin: "Begin", tmp_path: Path) -> None:
    with begin(users=800) as trial:
        roster = trial.sandbox.roster(trial.districts[0])
        trial.sync()
        first = shape(trial.warehouse.published)
        for _ in range(8):
            assert trial.warehouse.published.stat().st_size <= 1.3 * _copy(
                trial.warehouse.published, tmp_path / "copy.duckdb"
            )
            for user_id in roster.ids()[::100]:
                trial.sandbox.change_email(user_id)
            trial.sandbox.remove(trial.person("student"))
            trial.sandbox.add_person(trial.districts[0])
            assert trial.outcomes() == ["applied"]
        assert trial.wrong() == []
        assert shape(trial.warehouse.published) == first
        assert trial.outcomes() == ["unchanged"]


@pytest.mark.parametrize("table", ["users", "user_roles"])
def test_rows_of_a_first_sync_lie_by_district_and_id(two: "Trial", table: str) -> None:
    two.page_limit = 7
    two.sync()
    ids = two.rows(f"SELECT district_id, user_id FROM {table} ORDER BY rowid")
    assert ids == sorted(ids)


def test_compact_copy_keeps_every_row_in_its_place(trial: "Trial") -> None:
    trial.sync()
    trial.sandbox.advance(3)
    trial.sync()
    places = "SELECT rowid, user_id FROM users ORDER BY rowid"
    before = trial.rows(places)
    (trial.folder / "state" / "compact_size").unlink()
    assert trial.outcomes() == ["unchanged"]
    assert (trial.folder / "state" / "compact_size").exists()
    assert trial.rows(places) == before


@pytest.mark.parametrize("table", ["runs", "receipts"])
def test_sync_that_is_recorded_again_replaces_its_rows(two: "Trial", table: str) -> None:
    two.sync(sync_id="first")
    rows = f"SELECT sync_id, district_id FROM sync.{table} ORDER BY ALL"
    first = two.rows(rows)
    two.sync(two.districts[0], sync_id="second")
    once = two.rows(rows)
    assert len(once) == len(first) * 3 / 2
    two.sync(two.districts[0], sync_id="second")
    assert two.rows(rows) == once
