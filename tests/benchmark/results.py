"""What was measured, and how is it reported? A file of all measurements, and a page of medians, ratios and targets."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
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
NARROW = "narrow floor"
WIDE = "wide floor"
EMPTY = "empty Dagster job"
FIRST = "clever-warehouse, first sync"
CHANGED = "clever-warehouse, 1 % changed"
UNCHANGED = "clever-warehouse, unchanged"
WHOLE_FIRST = "whole roster, first sync"
WHOLE_CHANGED = "whole roster, 1 % changed"
WHOLE_UNCHANGED = "whole roster, unchanged"
EVENTS = "whole roster, 1,000 events"
ENCRYPTED_FIRST = "encrypted, first sync"
ENCRYPTED_CHANGED = "encrypted, 1 % changed"
ENCRYPTED_UNCHANGED = "encrypted, unchanged"
OURS = (FIRST, CHANGED, UNCHANGED)
WHOLE = (WHOLE_FIRST, WHOLE_CHANGED, WHOLE_UNCHANGED, EVENTS)
ENCRYPTED = (ENCRYPTED_FIRST, ENCRYPTED_CHANGED, ENCRYPTED_UNCHANGED)
ORDER = (DEFAULTS, TUNED, CODED, *OURS, *ENCRYPTED, *WHOLE, WIDE, NARROW, EMPTY)

CPU = "processor_seconds"

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
    views: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """By view, the processor seconds of writing it to a table, and those of the same query over Parquet files: at the largest size."""
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
        """The sizes of which first syncs were measured, ascending."""
        return sorted({turn.users for turn in self.turns if turn.contestant == FIRST})

    def rows(self) -> list[list[str]]:
        """One row per size and contestant, with the columns of HEAD."""
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
        """One row per target: what, wanted, measured, met."""
        big = self.sizes[-1]
        many = max(turn.districts for turn in self.turns)
        people = f"{big:,} people"
        rows = [
            _at_most(f"first sync beside the wide floor, {people}", 2, self._ratio(FIRST, WIDE, big, CPU)),
            _at_most(f"1 % changed beside the wide floor, {people}", 0.7, self._ratio(CHANGED, WIDE, big, CPU)),
            _at_most(f"unchanged beside the wide floor, {people}", 0.3, self._ratio(UNCHANGED, WIDE, big, CPU)),
            _to_know(f"first sync beside the narrow floor, {people}", self._ratio(FIRST, NARROW, big, CPU)),
            _at_least(
                f"dlt tuned by settings beside the first sync, {people}, seconds", 5, self._ratio(TUNED, FIRST, big)
            ),
            _at_least(
                f"dlt tuned by code too beside the first sync, {people}, seconds", 4, self._ratio(CODED, FIRST, big)
            ),
        ]
        rows += [
            _to_know(
                f"dlt with its defaults beside the first sync, {users:,} people, seconds",
                self._ratio(DEFAULTS, FIRST, users),
            )
            for users in sorted({turn.users for turn in self.turns if turn.contestant == DEFAULTS})
        ]
        if many > 1:
            rows += [
                _at_most(f"{many} districts beside one, first sync, {people}", 1.4, self._many_beside_one(FIRST, many)),
                _at_most(
                    f"{many} districts beside one, unchanged, {people}", 1.6, self._many_beside_one(UNCHANGED, many)
                ),
                _to_know(f"{many} districts beside one, 1 % changed, {people}", self._many_beside_one(CHANGED, many)),
            ]
        whole = (
            (WHOLE_FIRST, FIRST, "first sync", 2.2),
            (WHOLE_CHANGED, CHANGED, "1 % changed", 2),
            (WHOLE_UNCHANGED, UNCHANGED, "unchanged", 2),
        )
        rows += [
            _at_most(f"whole roster beside users alone, {what}, {people}", wanted, self._ratio(all_, users, big, CPU))
            for all_, users, what, wanted in whole
        ]
        rows += [
            _at_most(
                f"1,000 events beside an unchanged sync of the whole roster, {people}",
                0.25,
                self._ratio(EVENTS, WHOLE_UNCHANGED, big, CPU),
            ),
            _to_know(
                f"1,000 events beside a sync of the whole roster with 1 % changed, {people}",
                self._ratio(EVENTS, WHOLE_CHANGED, big, CPU),
            ),
            _at_most(f"peak memory of any sync of users alone, {people}, GB", 1.5, self._peak_memory(big, OURS)),
            _at_most(f"peak memory of any sync of the whole roster, {people}, GB", 2, self._peak_memory(big, WHOLE)),
        ]
        if any(turn.contestant == ENCRYPTED_FIRST for turn in self.turns):
            rows += [
                _at_most(
                    f"encrypted beside plain, first sync, {people}", 1.3, self._ratio(ENCRYPTED_FIRST, FIRST, big, CPU)
                ),
                _to_know(
                    f"encrypted beside plain, 1 % changed, {people}", self._ratio(ENCRYPTED_CHANGED, CHANGED, big, CPU)
                ),
                _to_know(
                    f"encrypted beside plain, unchanged, {people}",
                    self._ratio(ENCRYPTED_UNCHANGED, UNCHANGED, big, CPU),
                ),
                _at_most(f"peak memory of any encrypted sync, {people}, GB", 1.5, self._peak_memory(big, ENCRYPTED)),
            ]
        rows += [
            _at_most(f"view {view} beside the same query over Parquet files, {people}", 2, _divided(seconds, floor))
            for view, (seconds, floor) in self.views.items()
        ]
        if self.sizes[0] < big:
            rows += self._beside_smaller(self.sizes[0], big)
        rows += [
            _at_most(
                f"unchanged beside an empty Dagster job, {users:,} people, seconds",
                1.3,
                self._ratio(UNCHANGED, EMPTY, users),
            )
            for users in sorted({turn.users for turn in self.turns if turn.contestant == EMPTY})
        ]
        if self.growth:
            rows += _of_growth(self.growth)
        return rows

    def _beside_smaller(self, small: int, big: int) -> list[list[str]]:
        """What a first sync of many people costs beside one of few, for each person."""
        names = {CPU: "processor time", "peak_memory": "memory"}
        return [
            _at_most(
                f"{name} per person at {big:,} people beside {small:,} people, first sync",
                1,
                _divided(self.median(FIRST, big, of), self.median(FIRST, small, of), big / small),
            )
            for of, name in names.items()
        ]

    def _ratio(self, above: str, below: str, users: int, of: str = "seconds") -> float | None:
        return _divided(self.median(above, users, of), self.median(below, users, of))

    def _many_beside_one(self, contestant: str, districts: int) -> float | None:
        users = self.sizes[-1]
        return _divided(self.median(contestant, users, CPU, districts), self.median(contestant, users, CPU))

    def _peak_memory(self, users: int, contestants: Sequence[str]) -> float | None:
        """The highest median of some contestants at a size, in GB; None if one of them failed."""
        ran = sorted(
            {(t.contestant, t.districts) for t in self.turns if t.users == users and t.contestant in contestants}
        )
        peaks = [self.median(contestant, users, "peak_memory", districts) for contestant, districts in ran]
        known = [peak for peak in peaks if peak is not None]
        return max(known) / 1e9 if known and len(known) == len(peaks) else None

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
    "people", "districts", "what", "runs", "seconds", "processor seconds", "peak memory, MB", "people per second", "server",
]  # fmt: skip
TARGET_HEAD = ["target", "wanted", "measured", "met"]

NOTES = """How it is measured

- All load from the same server in the same run, in turns, because the machine may be busy with other things: the ratios mean
  more than the seconds. The server is a process of its own that sends pages written in advance; the last column is its own
  processor time (seconds) during a run. Seconds are the median, with the least and the most in brackets.
- Targets compare processor seconds, user and system time of all processes of a command, unless they name seconds.
- dlt loads /users, 10,000 records per page, and nothing else (`write_disposition="replace"`). Tuned: parquet, two workers
  each for extracting, normalizing and loading, extracted files of 20,000 records without compression. Tuned by code too:
  pages unwrapped by a function, the next link read without parsing the page again. With its defaults: as its documentation
  begins.
- clever-warehouse is the whole command `clever-warehouse sync` with Dagster's start, in a new folder, with CLEVER_RECORDS=users:
  /users and the five role views, verified, compared, applied, checked, published. Unchanged and 1 % changed are the syncs after
  the first. Of the 1 %, one in ten leaves and as many arrive; the others get another e-mail address, another grade and home, or
  another phone.
- Encrypted is the same with CLEVER_ENCRYPTION_KEY_FILE (`--encrypted`).
- The whole roster also has the district, its schools, courses, terms, sections and resources: per million people 300,000 sections
  with 6,000,000 places of students and teachers, and 30,000 courses. Where 1 % of the people changed, each person who arrives takes a
  place in the sections of one who left, and these sections, 2 % of all, get another name. The 1,000 events are of as many records that
  changed once each, 250 of them sections.
- Views are measured in a file that DuckDB alone has filled, each written to a table in turns with the same query over Parquet files.
- The floors read all six lists, split them into records and scan /users once. The wide floor writes every column of users,
  user_roles and the seven tables of roles and their lists; the narrow floor writes few columns of users and user_roles.
  Neither verifies, compares or keeps anything.
- The empty Dagster job is a process that runs one step without content in the same environment, with the instance and the
  storage of the syncs.
- Peak memory is the most the biggest process of a command held, or where there are several, what they hold together (shared
  pages once, sampled five times per second) if that is more. After every run users, roles, sections, their members and what has changed
  are counted: a wrong result is a failure.
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


def _to_know(what: str, measured: float | None) -> list[str]:
    return [what, "to know", *_verdict(measured, is_met=None)]


def _verdict(measured: float | None, is_met: bool | None) -> list[str]:  # noqa: FBT001 - a verdict on it
    if measured is None:
        return ["not measured", ""]
    return [
        f"{measured:.2f}" if measured < END else f"{measured:.0f}",
        {True: "yes", False: "**no**", None: ""}[is_met],
    ]


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
