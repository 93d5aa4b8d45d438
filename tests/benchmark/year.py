"""What does a year of nights leave behind, and what does a night cost at its end? `make bench-year` runs this.

Two districts are synced night after night, each time after some people have changed, in one process that does what
`clever-warehouse sync` does. Dagster's runs are dated back by one day after each night, so that old ones are removed as
they would be in a year.
"""

import argparse
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import duckdb
from rich.console import Console
from rich.table import Table

from assets.cli.sync import sync_in_this_process

MONTH = 30
MAX_HOME_BYTES, MAX_HOME_FILES, MAX_FILE_RATIO, MAX_AGING = 40e6, 300, 1.3, 1.1
"""Targets: bytes and files of DAGSTER_HOME, the published file beside a new copy of it, the last month beside the first."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


@dataclass(frozen=True, slots=True)
class Night:
    """What a night cost and left behind."""

    processor_seconds: float
    home_bytes: int
    home_files: int
    file_bytes: int
    copy_bytes: int

    @property
    def file_ratio(self) -> float:
        """The published file beside a new copy of it."""
        return self.file_bytes / self.copy_bytes


class Server:
    """The fake Clever API of the benchmark, in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._answers: IO[str] = _given(process.stdout)
        self._commands: IO[str] = _given(process.stdin)
        self.url: str = json.loads(self._answers.readline())["url"]

    def change(self, share: float) -> None:
        """Let a share of the people of each district change."""
        self._commands.write(f"share {share}\n")
        self._commands.flush()
        self._answers.readline()


def _given(stream: "IO[str] | None") -> "IO[str]":
    if stream is None:
        raise TypeError("the process was started without this pipe")
    return stream


@contextmanager
def served(users: Sequence[int]) -> Iterator[Server]:
    command = [sys.executable, "-m", "tests.benchmark.server", "users", "1", *map(str, users)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Server(process)
        _given(process.stdin).close()


def live(users: Sequence[int], nights: int, share: float, folder: Path) -> list[Night]:
    """Sync districts of these sizes for so many nights."""
    home, file = folder / "dagster", folder / "warehouse" / "warehouse.duckdb"
    silent = Console(file=(folder / "output.txt").open("w", encoding="utf-8"))
    lived: list[Night] = []
    with served(users) as server:
        os.environ |= {
            "CLEVER_API_URL": server.url,
            "CLEVER_OAUTH_URL": server.url,
            "CLEVER_CLIENT_ID": "sandbox",
            "CLEVER_CLIENT_SECRET": "sandbox",
            "CLEVER_RECORDS": "users",
            "CLEVER_WAREHOUSE_DIR": str(file.parent),
            "DAGSTER_HOME": str(home),
        }
        for number in range(1, nights + 1):
            if number > 1:
                server.change(share)
            begin = _processor_seconds()
            if sync_in_this_process([], silent) != 0:
                raise SystemExit(
                    f"Night {number} failed:\n{(folder / 'output.txt').read_text(encoding='utf-8')[-2000:]}"
                )
            cost = _processor_seconds() - begin
            files = [entry for entry in home.rglob("*") if entry.is_file()]
            size = sum(entry.stat().st_size for entry in files)
            lived.append(Night(cost, size, len(files), file.stat().st_size, _copy_bytes(file)))
            _date_back(home)
            if number % MONTH == 0:
                out.print(_line(f"night {number}", lived[-MONTH:]), markup=False)
    return lived


def _processor_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _copy_bytes(file: Path) -> int:
    """The bytes of a new copy of a database."""
    with tempfile.TemporaryDirectory(dir=file.parent) as name, duckdb.connect() as connection:
        copy = Path(name, "copy.duckdb")
        connection.execute(f"ATTACH '{file}' AS published (READ_ONLY); ATTACH '{copy}' AS copy")
        connection.execute("COPY FROM DATABASE published TO copy; DETACH copy")
        return copy.stat().st_size


def _date_back(home: Path) -> None:
    """Let the runs in an instance of Dagster be one day older."""
    with closing(sqlite3.connect(home / "history" / "runs.db")) as connection:
        connection.execute("UPDATE runs SET create_timestamp = datetime(create_timestamp, '-1 day')")
        connection.commit()


def _line(name: str, nights: Sequence[Night]) -> str:
    return (
        f"{name:>9s}: {statistics.median(night.processor_seconds for night in nights):5.2f} processor s, DAGSTER_HOME "
        f"{nights[-1].home_bytes / 1e6:6.1f} MB in {nights[-1].home_files:4d} files, warehouse "
        f"{nights[-1].file_bytes / 1e6:6.1f} MB, at most {max(night.file_ratio for night in nights):4.2f} times a copy"
    )


def main(arguments: Sequence[str]) -> int:
    """Live, report, and give the exit code: 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="make bench-year", description=__doc__)
    parser.add_argument("--nights", type=int, default=366)
    parser.add_argument("--users", type=int, nargs="+", default=[5000, 500], help="people in each district")
    parser.add_argument("--share", type=float, default=0.01, help="of the people, who change before a night")
    parser.add_argument("--retention", type=int, help="CLEVER_DAGSTER_RETENTION_DAYS")
    asked = parser.parse_args(arguments)
    for name in [name for name in os.environ if name.startswith(("CLEVER_", "DAGSTER_"))]:
        del os.environ[name]
    if asked.retention is not None:
        os.environ["CLEVER_DAGSTER_RETENTION_DAYS"] = str(asked.retention)
    with tempfile.TemporaryDirectory(prefix="clever-year-") as name:
        nights = live(asked.users, asked.nights, asked.share, Path(name))
    # The first night reads everybody for the first time.
    first, last = nights[1 : MONTH + 1], nights[-MONTH:]
    aging = statistics.median(n.processor_seconds for n in last) / statistics.median(n.processor_seconds for n in first)
    targets = (
        ("DAGSTER_HOME, MB", nights[-1].home_bytes / 1e6, MAX_HOME_BYTES / 1e6),
        ("DAGSTER_HOME, files", nights[-1].home_files, MAX_HOME_FILES),
        ("published file beside a new copy, worst night", max(n.file_ratio for n in nights), MAX_FILE_RATIO),
        ("processor time of a night, last month beside first", aging, MAX_AGING),
    )
    table = Table(f"after {asked.nights} nights", "measured", "target")
    for what, measured, target in targets:
        table.add_row(what, f"{measured:,.2f}", f"<= {target:g}")
    out.print(table)
    return 1 if any(measured > target for _, measured, target in targets) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
