"""Which contestants run, at which sizes, in which turns? `make bench` runs this."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from tests.benchmark import contestants
from tests.benchmark.contestants import WrongResultError
from tests.benchmark.measure import CommandError, Cost
from tests.benchmark.picture import draw
from tests.benchmark.results import (
    CHANGED,
    CODED,
    DEFAULTS,
    EMPTY,
    ENCRYPTED,
    EVENTS,
    FIRST,
    HEAD,
    NARROW,
    TARGET_HEAD,
    TUNED,
    UNCHANGED,
    WHOLE_CHANGED,
    WHOLE_FIRST,
    WHOLE_UNCHANGED,
    WIDE,
    Growth,
    Night,
    Results,
    Turn,
)
from tests.benchmark.serving import ALL, USERS, Served, served

SIZES = (50_000, 200_000, 1_000_000)
ROUNDS = 3
DISTRICT = 2000
"""People of each of the many districts."""
SHARE = 0.01
"""Of the people, who change before a sync that finds changes."""
RECORDS = 1000
"""How many records change, once each, before a sync by events."""
SMALL = 500
"""People of the district beside which an empty Dagster job is measured, and with which all contestants warm up."""
SMALL_ROUNDS = 5

out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


class Bench:
    """One run of the benchmark."""

    def __init__(self, folder: Path) -> None:
        self.results = Results()
        self._folder = folder

    def compare(
        self, users: int, rounds: int, *, with_many: bool, with_dlt: bool, with_encryption: bool = False
    ) -> None:
        """Let all contestants load a district of this size in turns.

        At the end of each round our command syncs many districts of the same total, if that is asked for.
        """
        with ExitStack() as servers:
            one = servers.enter_context(served(1, users, ALL))
            many = servers.enter_context(served(users // DISTRICT, DISTRICT)) if with_many else None
            for _ in range(rounds):
                if with_dlt:
                    self._turn(TUNED, one, partial(contestants.dlt, how="settings"), self._new_folder())
                self._syncs(one)
                if with_encryption:
                    self._syncs(one, ENCRYPTED, is_encrypted=True)
                self._whole_syncs(one)
                if with_dlt:
                    self._turn(CODED, one, partial(contestants.dlt, how="code"), self._new_folder())
                for floor, how in ((WIDE, "wide"), (NARROW, "narrow")):
                    self._turn(floor, one, partial(contestants.bare, how=how), self._new_folder())
                if many:
                    self._syncs(many)

    def load_with_defaults(self, users: int) -> None:
        """Let dlt with its defaults load a district of this size, once: of a million people that takes a quarter of an hour."""
        with served(1, users) as server:
            self._turn(DEFAULTS, server, partial(contestants.dlt, how="defaults"), self._new_folder())

    def compare_with_dagster(self, users: int, rounds: int) -> None:
        """Let an unchanged sync of a small district and an empty Dagster job take turns, both with the same instance."""
        with served(1, users) as server, self._new_folder() as name:
            folder = Path(name)
            contestants.sync(server, folder, "applied")
            for _ in range(rounds):
                self._sync(UNCHANGED, server, folder, "unchanged")
                self._measure(EMPTY, server, lambda: contestants.empty_job(folder))

    def look(self, users: int) -> None:
        """Measure the analysts' views over a roster of this size."""
        with self._new_folder() as name:
            try:
                self.results.views = contestants.views(users, Path(name))
            except CommandError as error:
                out.print(f"The views failed: {error}", markup=False)

    def grow(self, users: int, nights: int) -> None:
        """Sync a district night after night, each with some people changed."""
        with served(1, users) as server, self._new_folder() as name:
            folder = Path(name)
            contestants.sync(server, folder, "applied")
            first_size, first_rows, _ = _content(folder)
            passed: list[Night] = []
            for number in range(1, nights + 1):
                server.change(SHARE)
                cost = contestants.sync(server, folder, "applied")
                passed.append(Night(cost, contestants.published(folder).stat().st_size))
                if number % 10 == 0:
                    out.print(f"night {number:4d}: {cost.seconds:.1f} s, {passed[-1].file_bytes / 1e6:.1f} MB")
            _, rows, compact = _content(folder)
            self.results.growth = Growth(users, SHARE, passed, rows, first_rows, first_size, compact)

    def _syncs(
        self, server: Served, names: Sequence[str] = (FIRST, CHANGED, UNCHANGED), *, is_encrypted: bool = False
    ) -> None:
        """The first sync, one with nothing changed, and one with some people changed."""
        first, changed, unchanged = names
        with self._new_folder() as name:
            sync = partial(contestants.sync, server, Path(name), is_encrypted=is_encrypted)
            self._measure(first, server, lambda: sync("applied"))
            self._measure(unchanged, server, lambda: sync("unchanged"))
            server.change(SHARE)
            self._measure(changed, server, lambda: sync("applied"))

    def _whole_syncs(self, server: Served) -> None:
        """The same with the whole roster, and then one by events."""
        with self._new_folder() as name:
            self._sync(WHOLE_FIRST, server, Path(name), "applied", ALL)
            self._sync(WHOLE_UNCHANGED, server, Path(name), "unchanged", ALL)
            server.change(SHARE)
            self._sync(WHOLE_CHANGED, server, Path(name), "applied", ALL)
            server.change_records(min(RECORDS, server.users // 5))
            self._sync(EVENTS, server, Path(name), "applied", ALL, "events")

    def _sync(
        self, contestant: str, server: Served, folder: Path, outcome: str, records: str = USERS, mode: str = "full"
    ) -> None:
        self._measure(contestant, server, lambda: contestants.sync(server, folder, outcome, records, mode))

    def _turn(
        self,
        contestant: str,
        server: Served,
        load: Callable[[Served, Path], Cost],
        new: tempfile.TemporaryDirectory[str],
    ) -> None:
        with new as name:
            self._measure(contestant, server, lambda: load(server, Path(name)))

    def _measure(self, contestant: str, server: Served, load: Callable[[], Cost]) -> None:
        users = server.districts * server.users
        before = server.processor_seconds
        cost: Cost | None = None
        failure = ""
        try:
            cost = load()
        except (CommandError, WrongResultError, duckdb.Error) as error:
            failure = f"{type(error).__name__}: {error}"
        turn = Turn(contestant, server.districts, users, cost, server.processor_seconds - before, failure)
        self.results.turns.append(turn)
        shown = (
            f"{cost.seconds:8.1f} s {cost.processor_seconds:8.1f} processor s {cost.peak_memory / 1e6:8,.0f} MB"
            if cost
            else f" failed: {failure}"
        )
        out.print(f"{users:10,} in {server.districts:4,}  {contestant:32s}{shown}", markup=False)

    def _new_folder(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(dir=self._folder)


def _content(folder: Path) -> tuple[int, int, int]:
    """Of the published file: its bytes, the rows of its tables and their history, and the bytes of a new copy."""
    file, copy = contestants.published(folder), folder / "copy.duckdb"
    tables = "SELECT schema_name, table_name FROM duckdb_tables() WHERE schema_name IN ('main', 'past')"
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = sum(
            connection.execute(f'SELECT count(*) FROM "{schema}"."{table}"').fetchall()[0][0]
            for schema, table in connection.execute(tables).fetchall()
        )
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{file}' AS published (READ_ONLY); ATTACH '{copy}' AS copy")
        connection.execute("COPY FROM DATABASE published TO copy; DETACH copy")
    size = copy.stat().st_size
    copy.unlink()
    return file.stat().st_size, rows, size


def _keep(results: Results, begin: float, folder: Path) -> None:
    results.minutes = (time.monotonic() - begin) / 60
    results.write(folder)
    draw(results, folder / "results.png")


def main(arguments: Sequence[str]) -> int:
    """Measure, report, and return the exit code: 1 if anything failed."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="people in the district")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--nights", type=int, default=100, help="0 leaves the growth out")
    parser.add_argument("--nights-users", type=int, default=20_000)
    parser.add_argument("--without-dlt", action="store_true")
    parser.add_argument(
        "--with-defaults", action="store_true", help="load the largest district with dlt's defaults too (20 minutes)"
    )
    parser.add_argument("--encrypted", action="store_true", help="also sync with CLEVER_ENCRYPTION_KEY_FILE")
    parser.add_argument("--without-many", action="store_true", help="leave the many districts out")
    parser.add_argument(
        "--results", type=Path, default=Path(__file__).parent, help="where results.json, .md and .png go"
    )
    asked = parser.parse_args(arguments)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="clever-bench-") as name:
        bench = Bench(Path(name))
        results = bench.results
        bench.compare(SMALL, 1, with_many=False, with_dlt=not asked.without_dlt)
        results.turns.clear()
        bench.compare_with_dagster(SMALL, SMALL_ROUNDS)
        for users in sorted(asked.sizes):
            is_largest = users == max(asked.sizes)
            bench.compare(
                users,
                asked.rounds,
                with_many=is_largest and not asked.without_many,
                with_dlt=not asked.without_dlt,
                with_encryption=asked.encrypted,
            )
            if not asked.without_dlt and users == min(asked.sizes):
                bench.load_with_defaults(users)
        bench.look(max(asked.sizes))
        if asked.nights:
            bench.grow(asked.nights_users, asked.nights)
        if asked.with_defaults and not asked.without_dlt and len(asked.sizes) > 1:
            # The longest of all comes last: if it is interrupted, the rest is reported.
            _keep(results, begin, asked.results)
            bench.load_with_defaults(max(asked.sizes))
    _keep(results, begin, asked.results)
    for head, rows in ((HEAD, results.rows()), (TARGET_HEAD, results.targets())):
        table = Table(*head)
        for row in rows:
            table.add_row(*row)
        out.print(table)
    out.print(f"Written to {asked.results}/results.md, .json and .png", markup=False)
    return 1 if any(turn.failure for turn in results.turns) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
