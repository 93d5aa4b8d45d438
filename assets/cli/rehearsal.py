"""What `clever-warehouse sandbox` shows: the settings to use, each night that passes, and what to do next."""

import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console

from assets.settings import load
from pipelines.sandbox import SHARED, Change, Lines, Night, Rehearsal, Sandbox
from pipelines.sync import Limits

SYNC = "`clever-warehouse sync`"
STOP = "Press Ctrl-C to stop."


class RehearsalRefusedError(Exception):
    """The options of a rehearsal do not fit the districts; the message is a sentence that says what to do."""


def plan(box: Sandbox, nights: int, hold: str | None, fail: int, *, rollover: bool) -> Rehearsal:
    """The nights that the options ask for: one, if they ask for what happens in a night and say no number.

    Raises:
        RehearsalRefusedError: an option does not fit the districts, or what it asks for would hold no sync.
        SettingsError: the limits of what is held cannot be used.
    """
    districts = list(box.districts)
    if hold is not None and hold not in SHARED:
        message = f"A district cannot stop sharing {hold}. Give --hold one of {', '.join(SHARED)}."
        raise RehearsalRefusedError(message)
    if fail > len(districts):
        message = f"--fail {fail} is more than the number of districts ({len(districts)}). Add --districts {fail}, or lower it."
        raise RehearsalRefusedError(message)
    is_anything_asked = hold is not None or fail > 0 or rollover
    made = Rehearsal(box, nights or int(is_anything_asked), hold=hold, fail=fail, rollover=rollover)
    if hold is not None:
        _require_hold(made.count_held(), hold, load().limits.of(districts[0]))
    return made


def _require_hold(count: int, hold: str, limits: Limits) -> None:
    """Refuse to rehearse a hold that no sync would have."""
    if limits.max_archived_percent >= 100:  # noqa: PLR2004 (exactly the limit is allowed)
        message = (
            f"--hold {hold} would hold no sync: CLEVER_MAX_ARCHIVED_PERCENT is 100. Set it lower, or leave out --hold."
        )
        raise RehearsalRefusedError(message)
    if count < max(1, limits.min_records):
        message = (
            f"--hold {hold} would hold no sync: the first district has {count} of them, and fewer than {limits.min_records} "
            "never hold one (CLEVER_HOLD_MIN_RECORDS). Add --users with a larger number, or name another role."
        )
        raise RehearsalRefusedError(message)


def summary(changes: Iterable[Change]) -> str:
    """Count changes of people by what happened, in one line."""
    happened = Counter(change.what for change in changes)
    return ", ".join(f"{count} x {what}" for what, count in sorted(happened.items())) or "nothing"


class Guide:
    """Shows the operator a rehearsal as it goes on."""

    def __init__(self, rehearsal: Rehearsal, console: Console) -> None:
        """Show this rehearsal."""
        self._rehearsal = rehearsal
        self._console = console

    def begin(self, settings: Mapping[str, str], folder: Path) -> None:
        """Show the settings, and what to do first."""
        rehearsal = self._rehearsal
        for name, value in settings.items():
            self._say(f"export {name}={shlex.quote(value)}")
        if (folder / "warehouse.duckdb").exists():
            self._say(
                f"{folder} has a warehouse already, and a sync continues it. To begin with a first sync, remove that folder."
            )
        if rehearsal.holding in rehearsal.failing:
            self._say(
                f"District {rehearsal.holding} is also one of those that fail, so it fails and is not held: add --districts with a larger "
                "number to see both."
            )
        if rehearsal.nights:
            self._say(
                f"First run {SYNC} with these settings in another terminal. Then press Enter here for each night that is to pass in "
                f"Clever (nights: {rehearsal.nights})."
            )
        self._say(STOP)
        sys.stdout.flush()

    def lines(self) -> Lines | None:
        """What standard input is read for; None if no night can pass."""
        return Lines(sys.stdin.fileno(), self._on_line, self._on_end) if self._rehearsal.nights else None

    def _on_line(self) -> bool:
        self._show(self._rehearsal.pass_night())
        return not self._rehearsal.is_over

    def _on_end(self) -> None:
        self._say(
            f"\nStandard input ended after {self._rehearsal.passed} of {self._rehearsal.nights} nights: no further night passes. The mock "
            f"Clever API keeps serving. {STOP}"
        )
        sys.stdout.flush()

    def _show(self, night: Night) -> None:
        rehearsal = self._rehearsal
        self._say(f"\nNight {night.number} of {rehearsal.nights}. Changes in Clever: {summary(night.changes)}.")
        if night.unshared_by and night.unshared_by not in night.failing:
            self._say(
                f"District {night.unshared_by} stopped sharing {rehearsal.hold}: the next sync of it is held (exit code 3, or 1 if a "
                "district fails, too). See `clever-warehouse holds`, then approve or reject the snapshot, or let a night pass."
            )
        for district_id in night.failing:
            self._say(
                f"District {district_id} answers with server errors: the next sync of it fails (exit code 1), after a minute of retries."
            )
        if night.shared_by:
            self._say(
                f"District {night.shared_by} shares {rehearsal.hold} again: the next sync releases a hold that is undecided, and restores "
                "what was archived if you approved it."
            )
        for district_id in night.recovered:
            self._say(f"District {district_id} answers again: the next sync of it succeeds.")
        if night.is_rollover:
            self._say(
                "The school year rolled over in all districts: students moved up, graduates left, new students arrived; terms, sections "
                "and memberships are new. A sync holds that much change: see `clever-warehouse holds`, then approve the snapshots."
            )
        self._say(f"Next: run {SYNC}.")
        if rehearsal.is_over:
            self._say(f"This was the last night. The mock Clever API keeps serving. {STOP}")
        else:
            self._say(f"Then press Enter for night {night.number + 1}.")
        sys.stdout.flush()

    def _say(self, sentence: str) -> None:
        self._console.print(sentence, markup=False)
