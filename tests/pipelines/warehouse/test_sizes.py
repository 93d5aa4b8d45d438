"""What a warehouse takes on disk: the rows, and little else."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines.progress import silent
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from tests.conftest import Trial

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
    sha256(concat(district, feed, CASE WHEN hash(district, feed, night) % 16 = 0 THEN night ELSE 0 END)) AS digest,
    true AS complete
FROM
    range(366) AS nights (night),
    range(500) AS districts (district),
    (SELECT unnest(['users', 'students', 'teachers', 'staff', 'district_admins', 'contacts'])) AS feeds (feed)
ORDER BY night, district, feed
"""
"""What 366 nights of 500 districts write down: every sixteenth time a feed shows something new."""


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
