"""What `clever-warehouse rollback` shows of a lake, and which state it restores."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from assets.cli.tables import table

if TYPE_CHECKING:
    from pipelines.warehouse.lake.destination import State

HEADINGS = ("state", "committed", "by")


def rows(states: "Sequence[State]") -> list[dict[str, str | int]]:
    """The states as rows by heading; the first one is the present state."""
    return [
        {
            "state": state.snapshot,
            "committed": f"{state.committed_at:%Y-%m-%d %H:%M:%S} UTC",
            "by": state.message if number else f"{state.message} (present)",
        }
        for number, state in enumerate(states)
    ]


def show(states: "Sequence[State]", console: Console) -> None:
    """Show the states as a table."""
    table(console, HEADINGS, [list(row.values()) for row in rows(states)])


def chosen(states: "Sequence[State]", to: str | None) -> "State | None":
    """The state that is named, or the one before the present one; None if there is none."""
    if to is None:
        return states[1] if len(states) > 1 else None
    return next((state for state in states[1:] if str(state.snapshot) == to), None)


def is_confirmed(states: "Sequence[State]", state: "State", console: Console) -> bool:
    """Show the present state and the one that would be restored, and ask; no answer is a no."""
    show([states[0], state], console)
    try:
        return typer.confirm("Restore the second of these states?")
    except typer.Abort:
        return False
