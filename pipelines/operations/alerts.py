"""What an operator is alerted of: the causes that there are, and the messages about them that are due."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.operations.notification import Severity
from pipelines.sync import references
from pipelines.warehouse import HeldSnapshot, Present

FEW: Final = 5
"""How many districts, or differences, a message names; of others it says how many there are."""

TOLERANCE: Final = timedelta(hours=1)
"""How late a scheduled sync may begin."""


class Kind(StrEnum):
    """What may need attention."""

    RUN = "run_failed"
    MISSED = "missed_schedule"
    FAILED = "failed"
    HELD = "held"
    STALE = "stale"
    DRIFT = "drift"


OF_DISTRICTS: Final = frozenset({Kind.FAILED, Kind.HELD, Kind.STALE})
"""Kinds whose causes are districts."""

PUBLISHED: Final = OF_DISTRICTS | {Kind.DRIFT}
"""Kinds that are found in the published file."""

SEVERITIES: Final = {
    Kind.RUN: Severity.FAILURE,
    Kind.MISSED: Severity.FAILURE,
    Kind.FAILED: Severity.FAILURE,
    Kind.HELD: Severity.WARNING,
    Kind.STALE: Severity.WARNING,
    Kind.DRIFT: Severity.WARNING,
}


class Phase(StrEnum):
    """Which of the messages about a cause it is."""

    NEW = "new"
    REMINDER = "reminder"
    OVER = "over"


_MORE: Final = {
    Kind.FAILED: "Run `clever-warehouse status` to see all of them.",
    Kind.HELD: "Run `clever-warehouse holds` to see all of them.",
    Kind.STALE: "Run `clever-warehouse status` to see all of them.",
    Kind.DRIFT: "All of them are in `sync.drift`.",
}
"""Where the causes are that a message does not name."""

_ONE: Final = {
    Kind.FAILED: "The latest sync of {} failed",
    Kind.HELD: "{} is held for approval",
    Kind.STALE: "{} is stale",
    Kind.DRIFT: "Records from Clever differ from its specifications, or from before",
    Kind.RUN: "The latest run failed",
    Kind.MISSED: "A scheduled sync is missed",
}

_SEVERAL: Final = {
    Kind.FAILED: "The latest sync of {} districts failed",
    Kind.HELD: "{} districts are held for approval",
    Kind.STALE: "{} districts are stale",
    Kind.DRIFT: "Records from Clever differ from its specifications, or from before, in {} ways",
}

_OVER: Final = {
    Kind.FAILED: "No longer failing",
    Kind.HELD: "No longer held",
    Kind.STALE: "No longer stale",
    Kind.DRIFT: "No longer different",
    Kind.RUN: "The latest run did not fail",
    Kind.MISSED: "No scheduled sync is missed",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that needs attention, for as long as it does."""

    kind: Kind
    what: str = ""
    """ID of the district, or the difference of drift; empty where there is one cause of its kind."""
    explanation: str = ""
    """What is known of it, in sentences."""

    @property
    def key(self) -> str:
        """What identifies the cause from one look to the next."""
        return f"{self.kind} {self.what}".rstrip()


@dataclass(frozen=True, slots=True)
class Situation:
    """The causes that there are at an instant."""

    causes: Mapping[str, Cause]
    """By key."""
    examined: Collection[Kind]
    """The kinds that were looked for. Causes of others may last unseen."""
    names: Mapping[str, str]
    """Names of districts, by ID."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is said of one or several causes of one kind."""

    kind: Kind
    phase: Phase
    keys: Collection[str]
    title: str
    """One line without a full stop."""
    text: str

    @property
    def severity(self) -> Severity:
        """How urgent it is."""
        return Severity.GOOD if self.phase is Phase.OVER else SEVERITIES[self.kind]


def situation(present: Present | None, *, run_failure: str | None = None, missed: str | None = None) -> Situation:
    """Find the causes that there are.

    Args:
        present: what the published file says; None if it cannot be asked.
        run_failure: what is known of the latest run, if it failed before it came to the districts.
        missed: what is known of a scheduled sync that did not begin.
    """
    found = [] if present is None else list(_in_published(present))
    if run_failure:
        found.append(Cause(Kind.RUN, explanation=run_failure))
    if missed:
        found.append(Cause(Kind.MISSED, explanation=missed))
    examined = frozenset(Kind) if present else frozenset(Kind) - PUBLISHED
    return Situation({cause.key: cause for cause in found}, examined, present.names if present else {})


def due(now: Situation, memory: Mapping[str, int], instant: datetime, remind_after: timedelta) -> list[Message]:
    """The messages to send at an instant.

    A cause is reported once, reported again each time that ``remind_after`` has passed, and reported once when it is over.

    Args:
        now: the causes that there are.
        memory: by key of each cause that was reported, when that was last, in seconds since 1970.
        instant: the time.
        remind_after: how long after a message the next one about the same cause is due.
    """
    groups: dict[tuple[Phase, Kind], list[Cause]] = defaultdict(list)
    for key, cause in now.causes.items():
        if key not in memory:
            groups[Phase.NEW, cause.kind].append(cause)
        elif instant.timestamp() - memory[key] >= remind_after.total_seconds():
            groups[Phase.REMINDER, cause.kind].append(cause)
    for key in memory:
        kind, _, what = key.partition(" ")
        if key not in now.causes and kind in now.examined:
            groups[Phase.OVER, Kind(kind)].append(Cause(Kind(kind), what))
    return [
        _message(phase, kind, groups[phase, kind], now.names)
        for phase in Phase
        for kind in Kind
        if (phase, kind) in groups
    ]


def remembered(memory: Mapping[str, int], delivered: Iterable[Message], instant: datetime) -> dict[str, int]:
    """The memory after messages were delivered."""
    kept = dict(memory)
    for message in delivered:
        for key in message.keys:
            if message.phase is Phase.OVER:
                kept.pop(key, None)
            else:
                kept[key] = int(instant.timestamp())
    return kept


def latest_due(instant: datetime, time_of_day: str, timezone: str) -> datetime:
    """When the latest daily sync that is not within ``TOLERANCE`` was to begin.

    Args:
        instant: the time.
        time_of_day: hour and minute, such as 02:00.
        timezone: the time zone of that time, such as America/Chicago.
    """
    hour, minute = map(int, time_of_day.split(":"))
    local = (instant - TOLERANCE).astimezone(ZoneInfo(timezone))
    tick = local.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    # Two datetimes of one zone are compared by their clock, which an hour that is there twice sets back.
    if tick.astimezone(UTC) > local.astimezone(UTC):
        tick = (tick - timedelta(days=1)).replace(fold=0)
    return tick.astimezone(UTC)


def _in_published(present: Present) -> Iterable[Cause]:
    for run in present.latest:
        if run.outcome == "failed":
            yield Cause(Kind.FAILED, run.district_id, run.error or " ".join(run.unverified))
    reference = references(present.waiting)
    for district_id, snapshot in present.waiting.items():
        yield Cause(Kind.HELD, district_id, _hold(snapshot, reference[district_id]))
    for each in present.stale:
        # A district whose latest sync failed or is held is stale for that cause, which is one of its own.
        if each.reason not in {"failed", "held"}:
            yield Cause(Kind.STALE, each.district_id, each.explanation)
    for what, records in present.drift.items():
        districts = f"{len(records):,} districts" if len(records) > 1 else "1 district"
        yield Cause(Kind.DRIFT, what, f"{sum(records.values()):,} records in {districts}.")


def _hold(waiting: HeldSnapshot, reference: str) -> str:
    """What a held snapshot would change, by role, and the command that approves it."""
    changes = [
        f"{role}: {', '.join(f'{counts[change]:,} {change}' for change in _CHANGES if counts.get(change))}"
        for role, counts in waiting.by_role.items()
        if any(counts.get(change) for change in _CHANGES)
    ]
    return (
        f"Held since {waiting.held_since}: {waiting.why}. It would change {'; '.join(changes) or 'nothing'}. "
        f"To apply it, run `clever-warehouse approve {reference}`."
    )


_CHANGES: Final = ("added", "updated", "archived", "restored")


def _message(phase: Phase, kind: Kind, causes: list[Cause], names: Mapping[str, str]) -> Message:
    causes = sorted(causes, key=lambda cause: (names.get(cause.what, cause.what), cause.what))
    named = [_named(cause, names) for cause in causes]
    keys = [cause.key for cause in causes]
    if phase is Phase.OVER:
        title = f"{_OVER[kind]}: {_listed(named)}" if named[0] else _OVER[kind]
        return Message(kind, phase, keys, title, f"{title}.")
    one = named[0] if kind in OF_DISTRICTS else ""
    title = _ONE[kind].format(one) if len(causes) == 1 else _SEVERAL[kind].format(f"{len(causes):,}")
    if phase is Phase.REMINDER:
        title = f"Reminder: {title}"
    heading = f"{title}." if len(causes) == 1 else f"{title}: {_listed(named)}."
    lines = [
        " ".join(filter(None, ["" if each == one and len(causes) == 1 else f"{each}:" if each else "", explanation]))
        for each, explanation in zip(named[:FEW], (cause.explanation for cause in causes), strict=False)
    ]
    if len(causes) > 1:
        lines = [f"- {line}" for line in lines]
    if len(causes) > FEW:
        lines.append(_MORE[kind])
    return Message(kind, phase, keys, title, "\n".join([heading, *filter(None, lines)]))


def _named(cause: Cause, names: Mapping[str, str]) -> str:
    name = names.get(cause.what) if cause.kind in OF_DISTRICTS else None
    return f"{name} ({cause.what})" if name else cause.what


def _listed(named: list[str]) -> str:
    """Names for a sentence: the first few, and how many more there are."""
    more = len(named) - FEW
    return f"{', '.join(named[:FEW])}{f' and {more:,} more' if more > 0 else ''}"
