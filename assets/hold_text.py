"""What the UI shows of held snapshots, as Markdown: what they would change, and links to decide them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from assets.location import launchpad
from assets.names import named
from pipelines.operations.report.suppression import shown
from pipelines.sync import Group, largest_loss
from pipelines.sync.selection import SHORT
from pipelines.warehouse import Archived, HeldSnapshot

MAX_GROUPS: Final = 40
"""Schools and grades that are shown at most, those in which most changes."""

MAX_DISTRICTS: Final = 200
"""Districts of a selection that are shown at most."""

MAX_KINDS: Final = 20
"""Groups of held snapshots that would do the same that are shown at most, the largest."""

_CHANGES: Final = ("arriving", "archived", "leaving_for_another_school", "changing_grade")


def text(name: str, district_id: str, snapshot: HeldSnapshot, reference: str) -> str:
    """A held snapshot for the person who decides it; ``reference`` is how a command names it."""
    parts = [
        f"### {escaped(name)}",
        f"Held since {snapshot.held_since}: {snapshot.why}.",
        to_decide(district_id, snapshot, reference),
    ]
    if snapshot.archived and snapshot.continuing is not None:
        parts.append(str(Archived(snapshot.archived, snapshot.continuing)))
    parts.append(_table(["role or type", *next(iter(snapshot.by_role.values()), {})], _by_role(snapshot.by_role)))
    groups = [group for group in snapshot.students if any(group[change] for change in _CHANGES)]
    if groups:
        groups = sorted(groups, key=lambda group: -sum(group[change] for change in _CHANGES))
        parts.append("**Students by school and grade**")
        headings = ["school", "grade", "before", *(change.replace("_", " ") for change in _CHANGES)]
        parts.append(_table(headings, [_group(group) for group in groups[:MAX_GROUPS]]))
        if len(groups) > MAX_GROUPS:
            parts.append(f"{len(groups) - MAX_GROUPS} more groups are in `sync.holds`, column `students`.")
    return "\n\n".join(parts)


def to_decide(district_id: str, snapshot: HeldSnapshot, reference: str) -> str:
    """How to decide a held snapshot: links to the jobs, and the command."""
    config = {"digest": snapshot.digest, "district": district_id, "reason": "", "decided_by": ""}
    links = f"[Approve]({launchpad('approve_hold', config)}) or [reject]({launchpad('reject_hold', config)})"
    return (
        f"{links}: the link opens the job filled in; write a reason and your name. "
        f"In a terminal: `clever-warehouse approve {reference}`."
    )


def selection(groups: Sequence[Group], names: Mapping[str, str], launch: str = "") -> str:
    """The held snapshots that a filter selects, one row per district, with the link that approves all of them."""
    chosen = [(district_id, group, held) for group in groups for district_id, held in group.snapshots.items()]
    rows = [
        [
            escaped(named(district_id, names)),
            held.digest[:SHORT],
            "unknown" if held.archived is None else f"{held.archived:,}",
            largest_loss(held),
            "; ".join(group.kind),
        ]
        for district_id, group, held in chosen[:MAX_DISTRICTS]
    ]
    parts = [_table(["district", "digest", "people archived", "largest loss", "exceeds its limit"], rows)]
    if launch:
        parts.insert(
            0,
            f"[Approve all {len(chosen):,}]({launch}): the link opens the job filled in; write a reason and your name.",
        )
    if len(chosen) > MAX_DISTRICTS:
        parts.append(f"{len(chosen) - MAX_DISTRICTS:,} more districts: `clever-warehouse holds --json` lists all.")
    return "\n\n".join(parts)


def several(groups: Sequence[Group]) -> str:
    """What several held districts would do, with a link per group to the job that lists and approves it."""
    rows = [
        [f"{len(group.snapshots):,}", "; ".join(group.kind), _list_and_approve(group)] for group in groups if group.kind
    ]
    parts = ["### Held districts, by what they would do"]
    if rows:
        parts.append(_table(["districts", "exceeds its limit", "decide"], rows[:MAX_KINDS]))
    if len(rows) > MAX_KINDS:
        parts.append(f"{len(rows) - MAX_KINDS:,} more groups: run the job `approve_holds` to list all.")
    if left_out := sum(len(group.snapshots) for group in groups if not group.kind):
        parts.append(
            f"{left_out:,} more were held by an earlier version: approve or reject each individually, or sync again."
        )
    return "\n\n".join(parts)


def escaped(name: str) -> str:
    """A name as Markdown shows it: nothing in it is markup."""
    return re.sub(r"([\\`*_\[\]<>#|~&])", r"\\\1", name.replace("\n", " "))


def _list_and_approve(group: Group) -> str:
    first = next(iter(group.snapshots.values()))
    return f"[List and approve]({launchpad('approve_holds', {'like': [first.digest[:SHORT]]})})"


def _by_role(by_role: Mapping[str, Mapping[str, int]]) -> list[list[str]]:
    return [[role, *(f"{count:,}" for count in counts.values())] for role, counts in by_role.items()]


def _group(group: Mapping[str, Any]) -> list[str]:
    counts = (group["before"], *(group[change] for change in _CHANGES))
    return [escaped(group["school"]), escaped(group["grade"]), *map(shown, counts)]


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
