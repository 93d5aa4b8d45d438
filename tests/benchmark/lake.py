"""What does a lake cost, compared with a file, and what do many districts and nights cost there? `make bench-lake` runs this.

The lake has its catalog in a PostgreSQL server of this machine and its data in a folder. Everything is done in this process as a sync
does it, without Dagster. Seconds are of the clock; processor time is that of this process, without PostgreSQL's.
"""

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from rich.console import Console
from rich.table import Table

from pipelines.clever import Clever, ClientCredentials
from pipelines.clever.app import CleverApp
from pipelines.progress import Report, silent
from pipelines.sync import LimitsByDistrict, sync
from pipelines.warehouse import Warehouse
from pipelines.warehouse.lake import Lake, LakeWarehouse, commit
from tests.benchmark.serving import USERS, Served, served
from tests.lakes import Postgres, postgres

PLENTY = 10**9
"""Requests per minute: the benchmark asks what reading costs, not how long Clever makes one wait."""

MAX_OF_DELAY, MAX_SHARE_OF_BATCH, MAX_TIMES_FILE, MAX_AGING = 1.5, 1 / 8, 3.0, 1.3
"""Targets: a slow server compared with a fast one, a commit of 100 districts compared with one (per district), a night of a lake
compared with a file, a late night compared with an early one.
"""

out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Spent:
    """What something has cost."""

    seconds: float
    processor_seconds: float


@contextmanager
def timed() -> Iterator[Callable[[], Spent]]:
    """Measure the block."""
    begun, began = time.monotonic(), time.process_time()
    yield lambda: Spent(time.monotonic() - begun, time.process_time() - began)


def synced(server: Served, warehouse: Warehouse) -> Spent:
    """Sync all districts, as one sync does."""
    credentials = ClientCredentials("sandbox", "sandbox")
    with (
        timed() as spent,
        Clever(server.url, server.url, "v3.0", credentials, requests_per_minute=PLENTY) as clever,
    ):
        app = CleverApp(clever, [USERS])
        asked = [district.id for district in app.districts]
        result = sync(app, warehouse, f"sync-{next(numbers)}", asked, limits=LimitsByDistrict(), report=silent)
        if not result.succeeded:
            raise SystemExit(f"The sync failed: {result.causes or result.holds}")
        return spent()


class TimedLake(LakeWarehouse):
    """A lake that measures its commits."""

    committing = 0.0
    """Seconds so far."""

    def _put_in_place(self, finished: Path, report: Report, *, keep_former: bool) -> None:
        with timed() as spent:
            super()._put_in_place(finished, report, keep_former=keep_former)
            self.committing += spent().seconds


class Places:
    """Where the warehouses of a run are."""

    def __init__(self, server: Postgres, folder: Path) -> None:
        self._server = server
        self._folder = folder

    def lake(self) -> TimedLake:
        """A new lake."""
        folder = self._folder / f"lake-{next(numbers)}"
        return TimedLake(folder, Lake(self._server.database(), str(folder / "data")))

    def file(self) -> Warehouse:
        """A new file."""
        return Warehouse(self._folder / f"file-{next(numbers)}")


def slow_server(places: Places, districts: int) -> tuple[str, float, float]:
    """A first sync against a server that answers after 200 milliseconds, compared with one that answers immediately."""
    with served(districts, 20) as server:
        fast = synced(server, places.lake())
        server.delay(200)
        slow = synced(server, places.lake())
    _say(f"{districts} districts of 20 people: {fast.seconds:.1f} s; with 200 ms per answer {slow.seconds:.1f} s")
    return "a server that answers after 200 ms, compared with 0 ms, seconds", slow.seconds / fast.seconds, MAX_OF_DELAY


def batches(places: Places, districts: int) -> tuple[str, float, float]:
    """What a commit costs per district, in batches of 100 compared with batches of one."""
    costs = {}
    for size in (1, 100):
        commit.BATCH, whole = size, commit.BATCH
        lake = places.lake()
        try:
            with served(districts, 20) as server:
                synced(server, lake)
        finally:
            commit.BATCH = whole
        costs[size] = lake.committing / districts
    _say(f"a commit per district: {costs[1]:.3f} s in batches of one, {costs[100]:.3f} s in batches of 100")
    return (
        "a commit per district in batches of 100, compared with one, seconds",
        costs[100] / costs[1],
        MAX_SHARE_OF_BATCH,
    )


def night(places: Places, districts: int, people: int) -> list[tuple[str, float, float]]:
    """A night in which 1 % of the people changed, in a lake compared with a file; and one in which nothing changed."""
    found = []
    with served(districts, people) as server:
        lake = places.lake()
        both = {"lake": lake, "file": places.file()}
        first = {name: synced(server, warehouse) for name, warehouse in both.items()}
        server.change(0.01)
        committed = [lake.committing]
        changed = {name: synced(server, warehouse) for name, warehouse in both.items()}
        committed.append(lake.committing - committed[0])
        unchanged = {name: synced(server, warehouse) for name, warehouse in both.items()}
    _say(
        f"of these, commits took {committed[0]:.1f} s in the first sync, and {committed[1]:.1f} s in the night with changes"
    )
    for what, spent, wanted in (
        ("a first sync", first, MAX_TIMES_FILE),
        ("a night with 1 % changed", changed, MAX_TIMES_FILE),
        ("a night without changes", unchanged, MAX_TIMES_FILE),
    ):
        of_lake, of_file = spent["lake"], spent["file"]
        _say(
            f"{what} of {districts} districts of {people} people: lake {of_lake.seconds:.1f} s and {of_lake.processor_seconds:.1f} "
            f"processor seconds, file {of_file.seconds:.1f} and {of_file.processor_seconds:.1f}"
        )
        found.append((f"{what}, lake compared with file, seconds", of_lake.seconds / of_file.seconds, wanted))
    return found


def ageing(places: Places, districts: int, nights: int) -> list[tuple[str, float, float]]:
    """The last night compared with the fifth; and how the catalog grows, in rows per night."""
    spent, rows = [], []
    lake = places.lake()
    with served(districts, 50) as server:
        synced(server, lake)
        for _ in range(nights):
            server.change(0.01)
            spent.append(synced(server, lake))
            rows.append(_catalog_rows(lake.lake.dsn))
    late, early = (statistics.median(each.seconds for each in part) for part in (spent[-5:], spent[2:7]))
    _say(
        f"{districts} districts of 50 people: the fifth night {early:.2f} s, the last of {nights} {late:.2f} s (medians of five)"
    )
    half = len(rows) // 2
    first_half, second_half = rows[half] - rows[0], rows[-1] - rows[half]
    _say(
        f"rows of the catalog: {rows[0]} after the first night, {rows[half]} after {half + 1}, {rows[-1]} after {nights}"
    )
    return [
        (f"night {nights} compared with the fifth, seconds", late / early, MAX_AGING),
        (
            "rows that the catalog gains in the second half of the nights, compared with the first",
            second_half / first_half,
            1.1,
        ),
    ]


def _catalog_rows(dsn: str) -> int:
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'ducklake%'")
        tables = [table for (table,) in cursor.fetchall()]
        counts = []
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table}")
            counts += cursor.fetchall()
    return sum(count for (count,) in counts)


def _say(line: str) -> None:
    out.print(line, markup=False)


def main() -> None:
    """Measure, and show which targets are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--districts", type=int, default=300)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--nights", type=int, default=100)
    parser.add_argument("--only", choices=("slow", "batches", "night", "ageing"), nargs="*")
    given = parser.parse_args()
    wanted = given.only or ("slow", "batches", "night", "ageing")
    rows: list[tuple[str, float, float]] = []
    with postgres() as server, tempfile.TemporaryDirectory() as folder:
        places = Places(server, Path(folder))
        if "slow" in wanted:
            rows.append(slow_server(places, given.districts))
        if "batches" in wanted:
            rows.append(batches(places, min(given.districts, 200)))
        if "night" in wanted:
            rows += night(places, given.districts, given.people)
        if "ageing" in wanted:
            rows += ageing(places, 20, given.nights)
    table = Table("what", "measured", "wanted", box=None)
    for what, measured, at_most in rows:
        table.add_row(
            what, f"{measured:.2f}", f"at most {at_most:.2f}", style=None if measured <= at_most else "yellow"
        )
    out.print(table)


if __name__ == "__main__":
    main()
