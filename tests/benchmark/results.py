"""What came of it, and how is it told? A file of all measurements, and a page of their medians, ratios and the targets."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import psutil

from tests.benchmark.measure import Cost
from tests.benchmark.serving import PRODUCT, ROOT

TUNED = "dlt tuned"
CODED = "dlt tuned by code too"
DEFAULTS = "dlt with its defaults"
BARE = "bare floor"
FIRST = "clever-warehouse, first sync"
CHANGED = "clever-warehouse, 1 % changed"
UNCHANGED = "clever-warehouse, unchanged"
ORDER = (DEFAULTS, TUNED, CODED, FIRST, CHANGED, UNCHANGED, BARE)

END = 10
"""Nights at the beginning and at the end that are compared."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of one contestant."""

    contestant: str
    districts: int
    users: int
    """Of all districts together."""
    cost: Cost | None
    """None if it failed."""
    server_processor_seconds: float
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Night:
    """A sync after a night of changes, and the size of the published file after it."""

    cost: Cost
    file_bytes: int


@dataclass(frozen=True, slots=True)
class Growth:
    """What a history costs."""

    users: int
    share: float
    """Of the people, who change each night."""
    nights: Sequence[Night]
    rows: int
    """In the published file at the end: people, roles, links and their history."""
    rows_at_first: int
    """After the first sync."""
    first_file_bytes: int
    """Of the published file after the first sync."""
    compact_bytes: int
    """What a new file with the same content would have at the end."""


def _machine() -> dict[str, str]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    ours = "from importlib.metadata import version as v; print(v('dagster'), v('duckdb'))"
    dagster, duckdb = _said([str(PRODUCT / "python"), "-c", ours]).split()
    return {
        "cores": str(cores),
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "commit": _said(["git", "describe", "--always", "--dirty"]),
        "Python": platform.python_version(),
        "DuckDB": f"{duckdb} (with dlt: {version('duckdb')})",
        "Dagster": dagster,
        "dlt": version("dlt"),
        "pyarrow": version("pyarrow"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), sys.platform)


def _said(command: Sequence[str]) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


@dataclass(slots=True)
class Results:
    """All that was measured in one run."""

    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    load_average: float = field(default_factory=lambda: os.getloadavg()[0])
    """Of the machine in the minute before."""
    machine: dict[str, str] = field(default_factory=_machine)
    turns: list[Turn] = field(default_factory=list)
    growth: Growth | None = None
    minutes: float = 0

    def median(self, contestant: str, users: int, of: str = "seconds", districts: int = 1) -> float | None:
        """The median of a figure of a contestant; None if there is none, or if it ever failed there."""
        costs = [
            turn.cost
            for turn in self.turns
            if (turn.contestant, turn.users, turn.districts) == (contestant, users, districts)
        ]
        return median(float(getattr(cost, of)) for cost in costs if cost) if costs and all(costs) else None

    @property
    def sizes(self) -> list[int]:
        """The sizes that were measured, ascending."""
        return sorted({turn.users for turn in self.turns})

    def rows(self) -> list[list[str]]:
        """A row a contestant a size: people, districts, contestant, runs, seconds, processor seconds, memory, people a second."""
        keys = sorted(
            {(turn.users, turn.districts, ORDER.index(turn.contestant)) for turn in self.turns},
        )
        return [self._row(users, districts, ORDER[place]) for users, districts, place in keys]

    def _row(self, users: int, districts: int, contestant: str) -> list[str]:
        turns = [t for t in self.turns if (t.contestant, t.users, t.districts) == (contestant, users, districts)]
        costs = [turn.cost for turn in turns if turn.cost]
        head = [f"{users:,}", f"{districts:,}", contestant, str(len(turns))]
        if len(costs) < len(turns):
            return [*head, "failed", "", "", "", ""]
        seconds = [cost.seconds for cost in costs]
        middle = median(seconds)
        return [
            *head,
            f"{middle:.1f} ({min(seconds):.1f} to {max(seconds):.1f})",
            f"{median(cost.processor_seconds for cost in costs):.1f}",
            f"{median(cost.peak_memory for cost in costs) / 1e6:,.0f}",
            f"{users / middle:,.0f}",
            f"{median(turn.server_processor_seconds for turn in turns):.1f}",
        ]

    def targets(self) -> list[list[str]]:
        """A row a target of the design: what, wanted, measured, met."""
        big = self.sizes[-1]
        small = self.sizes[0]
        many = max(turn.districts for turn in self.turns)
        at_defaults = max((turn.users for turn in self.turns if turn.contestant == DEFAULTS), default=big)
        rows = [
            _at_least(f"times faster than dlt tuned, {big:,} people", 8, self._ratio(TUNED, FIRST, big)),
            [
                f"times faster than dlt tuned by code too, {big:,} people",
                "to know",
                *_verdict(self._ratio(CODED, FIRST, big), is_met=None),
            ],
            _at_least(
                f"times faster than dlt with its defaults, {at_defaults:,} people",
                40,
                self._ratio(DEFAULTS, FIRST, at_defaults),
            ),
            _at_most(f"peak memory of the first sync, {big:,} people, GB", 1.5, self._memory(FIRST, big)),
            _at_most(
                f"memory at {big:,} people, as a share of what it were if it grew like the people from {small:,}",
                1,
                _divided(self._memory(FIRST, big), self._memory(FIRST, small), big / small),
            ),
            _at_most(
                f"processor time at {big:,} people, as a share of what it were if it grew like the people from {small:,}",
                1,
                _divided(
                    self.median(FIRST, big, "processor_seconds"),
                    self.median(FIRST, small, "processor_seconds"),
                    big / small,
                ),
            ),
            _at_most(
                f"unchanged sync, as a share of the first, {big:,} people", 0.5, self._ratio(UNCHANGED, FIRST, big)
            ),
        ]
        if many > 1:
            many_seconds = self.median(FIRST, big, districts=many)
            rows.append(
                _at_most(
                    f"{many} districts, as times one district, {big:,} people",
                    2,
                    _divided(many_seconds, self.median(FIRST, big)),
                )
            )
        if self.growth:
            rows += _of_growth(self.growth)
        return rows

    def _ratio(self, above: str, below: str, users: int) -> float | None:
        return _divided(self.median(above, users), self.median(below, users))

    def _memory(self, contestant: str, users: int) -> float | None:
        return _divided(self.median(contestant, users, "peak_memory"), 1e9)

    def write(self, folder: Path) -> None:
        """Write results.json and results.md."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "results.json").write_text(json.dumps(asdict(self), default=str, indent=1) + "\n")
        (folder / "results.md").write_text(self._page())

    def _page(self) -> str:
        failures = [
            f"- {turn.contestant}, {turn.users:,} people: {turn.failure}" for turn in self.turns if turn.failure
        ]
        lines = [
            "# What it costs, beside dlt",
            "",
            f"Measured by `make bench` on {self.began_at:%d %B %Y} in {self.minutes:.0f} minutes: "
            + "; ".join(f"{what} {value}" for what, value in self.machine.items())
            + f"; load of the machine before: {self.load_average:.1f}.",
            "",
            "![Seconds against people](results.png)",
            "",
            *_markdown(TARGET_HEAD, self.targets()),
            "",
            *_markdown(HEAD, self.rows()),
            "",
            *(["Failed:", "", *failures, ""] if failures else []),
            *(_growth_lines(self.growth) if self.growth else []),
            NOTES,
        ]
        return "\n".join(lines)


HEAD = [
    "people", "districts", "what", "runs", "seconds", "processor seconds", "peak memory, MB", "people a second", "server",
]  # fmt: skip
TARGET_HEAD = ["target", "wanted", "measured", "met"]

NOTES = """How it is measured

- All load from the same server in the same run, in turns, because the machine may be busy with other things: the ratios mean
  more than the seconds. The server is a process of its own that sends pages written in advance; the last column is its own
  processor time (seconds) during a run. Seconds are the median, with the least and the most in brackets.
- dlt loads /users, 10,000 records a page, and nothing else (`write_disposition="replace"`). Tuned: parquet, two workers
  each for extracting, normalizing and loading, extracted files of 20,000 records without compression. Tuned by code too:
  pages unwrapped by a function, the next link read without parsing the page again. With its defaults: as its documentation
  begins.
- clever-warehouse is the whole command `clever-warehouse sync` with Dagster's start, in a new folder: /users and the five role
  views, verified, compared, applied, checked, published. Unchanged and 1 % changed are the syncs after the first.
- The bare floor reads all six streams, splits them into records, scans /users once and writes two tables, and does nothing for
  safety.
- Processor seconds are user and system time of all processes of a command; peak memory is the most the biggest of them
  held, or where there are several, what they hold together (shared pages once, sampled five times a second) if that is
  more. After every run users, roles and changed people are counted: a wrong result is a failure.
"""


def _growth_lines(growth: Growth) -> list[str]:
    early, late = growth.nights[:END], growth.nights[-END:]
    told = (
        f"{len(growth.nights)} nights, each with {growth.share:.0%} of {growth.users:,} people changed: a sync takes "
        f"{median(night.cost.seconds for night in early):.1f} s in the first {END} nights and "
        f"{median(night.cost.seconds for night in late):.1f} s in the last {END} (processor seconds: "
        f"{median(night.cost.processor_seconds for night in early):.1f} and "
        f"{median(night.cost.processor_seconds for night in late):.1f}). The published file grows from "
        f"{growth.first_file_bytes / 1e6:.1f} MB ({growth.rows_at_first:,} rows) to {growth.nights[-1].file_bytes / 1e6:.1f} MB "
        f"({growth.rows:,} rows); a new file with the same content has {growth.compact_bytes / 1e6:.1f} MB."
    )
    return [told, ""]


def _of_growth(growth: Growth) -> list[list[str]]:
    early, late = growth.nights[:END], growth.nights[-END:]
    nights = len(growth.nights)
    return [
        _at_most(
            f"sync in the last {END} of {nights} nights, as times the first {END}",
            1.25,
            median(night.cost.seconds for night in late) / median(night.cost.seconds for night in early),
        ),
        _at_most(
            f"processor time in the last {END} of {nights} nights, as times the first {END}",
            1.25,
            median(night.cost.processor_seconds for night in late)
            / median(night.cost.processor_seconds for night in early),
        ),
        _at_most(
            f"published file after {nights} nights, as times a new file with the same content",
            2,
            growth.nights[-1].file_bytes / growth.compact_bytes,
        ),
    ]


def _divided(above: float | None, *below: float | None) -> float | None:
    if above is None:
        return None
    for divisor in below:
        if not divisor:
            return None
        above /= divisor
    return above


def _at_least(what: str, wanted: float, measured: float | None) -> list[str]:
    return [what, f"at least {wanted:g}", *_verdict(measured, measured is not None and measured >= wanted)]


def _at_most(what: str, wanted: float, measured: float | None) -> list[str]:
    return [what, f"at most {wanted:g}", *_verdict(measured, measured is not None and measured <= wanted)]


def _verdict(measured: float | None, is_met: bool | None) -> list[str]:  # noqa: FBT001 - a verdict on it
    if measured is None:
        return ["not measured", ""]
    return [
        f"{measured:.2f}" if measured < END else f"{measured:.0f}",
        {True: "yes", False: "**no**", None: ""}[is_met],
    ]


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
