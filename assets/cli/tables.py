"""Tables of the command line: the last sync, the state of each district, holds, kept files, demo queries."""

from collections.abc import Mapping, Sequence
from typing import Final

import duckdb
import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from assets.cli.output import width_of
from assets.names import DistrictNames, named
from assets.operations import changes_by_role
from pipelines.sync import Group, SyncResult, groups, largest_loss, references
from pipelines.sync.selection import SHORT
from pipelines.warehouse import Archived, Counts, HeldSnapshot, NothingPublishedError, Warehouse, held_snapshots
from pipelines.warehouse.export import Exported
from pipelines.warehouse.kept import UNDONE_BY_A_ROLLBACK, KeptFile
from pipelines.warehouse.reduced import Deidentified
from pipelines.warehouse.statements import statement

STYLES: Final = {
    "applied": "green",
    "would be applied": "green",
    "unchanged": "dim",
    "held": "yellow",
    "would be held": "yellow",
    "failed": "red",
}
"""Styles of outcomes, in a terminal."""

MAX_DISTRICTS: Final = 20
"""Districts of a group of holds that are listed at most."""

GAP: Final = "  "
"""What separates two columns."""


def show_sync(warehouse: Warehouse, sync_id: str, seconds: float, console: Console) -> None:
    """Show one row per district of a sync, one row per role over all districts, the duration, and what is held."""
    try:
        with warehouse.reading() as connection:
            rows = connection.execute(statement("shown/sync"), [sync_id]).fetchall()
            roles = connection.execute(statement("shown/sync_by_role"), [sync_id]).fetchall()
    except NothingPublishedError:
        return
    if rows:
        table(
            console,
            ["district", "outcome", "people", "added", "updated", "archived", "restored", "name"],
            with_total([row[:8] for row in rows]),
        )
        if roles:
            console.print("By role and record type (districts that synced successfully):")
            table(console, ["role or type", "before", "added", "updated", "archived", "restored", "unchanged"], roles)
        districts = "1 district" if len(rows) == 1 else f"{len(rows):,} districts"
        console.print(f"{districts} in {seconds:,.1f} seconds.", markup=False)
    names = DistrictNames(warehouse)
    for sentence in (reason for _, outcome, *_, reason, _ in rows if outcome == "held"):
        console.print(names.in_text(sentence), markup=False, style=STYLES["held"])


def show_preview(result: SyncResult, console: Console) -> None:
    """Show what a sync would change, with one row per district and role, and which limits that exceeds."""
    rows = changes_by_role(result.outcomes)
    if rows:
        table(console, list(rows[0]), [list(row.values()) for row in rows])
    for outcome in result.outcomes:
        if outcome.outcome == "applied":
            continuing = f" {outcome.archived}" if outcome.archived.people else ""
            console.print(
                f"District {outcome.district_id}: would be applied ({outcome.counts}).{continuing}", markup=False
            )
        elif outcome.outcome == "unchanged":
            console.print(f"District {outcome.district_id}: unchanged.", markup=False)
    for district_id in result.disconnected:
        console.print(f"District {district_id} is disconnected: its data would stay unchanged.", markup=False)
    for hold in result.holds:
        console.print(hold, markup=False, style="yellow")
    console.print("Preview only: nothing was applied.")


def show_holds(connection: duckdb.DuckDBPyConnection, console: Console, only: tuple[str, str] | None = None) -> None:
    """Show the snapshots that wait for approval, with what each would change and how to decide it, then past decisions.

    Those of several districts that would do the same are shown together. With ``only``, a district and a digest, just that snapshot.
    """
    names = dict(connection.execute(statement("shown/district_names")).fetchall())
    waiting = {
        district_id: snapshot
        for district_id, snapshot in held_snapshots(connection).items()
        if only in {None, (district_id, snapshot.digest)}
    }
    reference = references(waiting)
    decided = [row for row in connection.execute(statement("shown/decisions")).fetchall() if only in {None, row[:2]}]
    if not waiting and not decided:
        console.print("No holds.")
    for group in groups(waiting):
        if len(group.snapshots) > 1:
            show_groups([group], names, console)
            console.print(
                f'  To decide all: clever-warehouse approve --all-like {_first(group).digest[:SHORT]} --reason "why"',
                markup=False,
            )
            continue
        for district_id, snapshot in group.snapshots.items():
            console.print(
                f"District {named(district_id, names)}: held since {snapshot.held_since}, waiting for a decision",
                markup=False,
            )
            _show_snapshot(snapshot, console)
            if only is None:
                console.print(
                    f'  To decide: clever-warehouse approve {reference[district_id]} --reason "why", or reject',
                    markup=False,
                )
    for district_id, digest, state, why, decision, by_role, archived, continuing in decided:
        console.print(f"District {named(district_id, names)}: {state}", markup=False)
        _show_details(digest, why, decision, msgspec.json.decode(by_role), archived, continuing, console)


def show_groups(shown: Sequence[Group], names: Mapping[str, str], console: Console) -> None:
    """Show held snapshots in groups that would do the same: which limits they exceed, their districts, and the sums of what they change."""
    for group in shown:
        districts = "1 district" if len(group.snapshots) == 1 else f"{len(group.snapshots):,} districts"
        console.print(f"{districts}, over these limits:", markup=False)
        for phrase in group.kind:
            console.print(f"  {phrase}", markup=False)
        rows = [
            [
                district_id,
                snapshot.digest[:SHORT],
                snapshot.held_since,
                snapshot.archived,
                largest_loss(snapshot),
                names.get(district_id),
            ]
            for district_id, snapshot in list(group.snapshots.items())[:MAX_DISTRICTS]
        ]
        table(console, ["district", "digest", "held since", "people archived", "largest loss", "name"], rows)
        if len(group.snapshots) > len(rows):
            console.print(
                f" {len(group.snapshots) - len(rows):,} more districts: `clever-warehouse holds --json` lists all.",
                markup=False,
            )
        _show_by_role(group.by_role, console)


def _first(group: Group) -> HeldSnapshot:
    return next(iter(group.snapshots.values()))


def show_group_decision(connection: duckdb.DuckDBPyConnection, run_id: str, districts: int, console: Console) -> None:
    """Show the result of the approval of snapshots of several districts."""
    rows = connection.execute(statement("shown/sync"), [run_id]).fetchall()
    if rows:
        table(
            console,
            ["district", "outcome", "people", "added", "updated", "archived", "restored", "name"],
            with_total([row[:8] for row in rows]),
        )
        console.print("Approved, applied and published.")
    if incomplete := districts - len(rows):
        console.print(
            f"Approved, but their downloaded files are incomplete: {incomplete:,}. The next sync applies each snapshot if Clever still "
            "returns the same data.",
            markup=False,
        )


def show_decision(connection: duckdb.DuckDBPyConnection, decision: str, run_id: str, console: Console) -> None:
    """Show the result of a decision."""
    if decision == "reject":
        console.print("Rejected. The snapshot won't be applied while Clever keeps returning the same data.")
        return
    rows = connection.execute(statement("shown/sync"), [run_id]).fetchall()
    if not rows:
        console.print(
            "Approved. The downloaded files are incomplete: the next sync applies the snapshot if Clever still returns the same data."
        )
    for _, _, _, added, updated, archived, restored, *_ in rows:
        console.print(f"Approved, applied and published ({Counts(added, updated, archived, restored)}).", markup=False)


def _show_snapshot(snapshot: HeldSnapshot, console: Console) -> None:
    _show_details(
        snapshot.digest, snapshot.why, None, snapshot.by_role, snapshot.archived, snapshot.continuing, console
    )


def _show_details(
    digest: str,
    why: str,
    decision: str | None,
    by_role: Mapping[str, Mapping[str, int]],
    archived: int | None,
    continuing: int | None,
    console: Console,
) -> None:
    console.print(f"  digest    {digest}", markup=False)
    console.print(f"  why       {why}", markup=False)
    if archived and continuing is not None:
        console.print(f"  people    {Archived(archived, continuing)}", markup=False)
    if decision:
        console.print(f"  decision  {decision}", markup=False)
    _show_by_role(by_role, console)


def _show_by_role(by_role: Mapping[str, Mapping[str, int]], console: Console) -> None:
    if by_role:
        columns = ["role or type", *next(iter(by_role.values()))]
        table(console, columns, [[role, *counts.values()] for role, counts in by_role.items()])


def show_kept(files: Sequence[KeptFile], console: Console) -> None:
    """Show the kept files, newest first: the people in each, and what a rollback to it would undo."""
    if not files:
        console.print("No earlier file is kept (CLEVER_KEEP_PUBLISHED sets how many).")
        return
    table(console, list(files[0].shown), [list(file.shown.values()) for file in files])
    console.print(UNDONE_BY_A_ROLLBACK, markup=False)


def show_exported(exported: Sequence[Exported], console: Console) -> None:
    """Show the files that tables and views were written to."""
    table(console, ["table", "rows", "file"], [(each.relation, each.rows, each.file) for each in exported])


def show_deidentified(made: Deidentified, console: Console) -> None:
    """Show where the de-identified file is, and how small the groups of students in it are."""
    console.print(
        f"Wrote {made.file}: {made.rows:,} rows, with pseudonyms in place of IDs. {made.withheld_columns} columns are withheld; the table "
        "treated_columns lists what was done with each.",
        markup=False,
        soft_wrap=True,
    )
    if made.groups:
        console.print("Students with the same values in columns that others may know (table k_anonymity):")
        table(
            console,
            ["known", "students", "smallest group", "alone", "in groups below 5"],
            [
                (
                    ", ".join(group.quasi_identifiers),
                    group.students,
                    group.smallest_group,
                    group.students_alone,
                    group.students_in_groups_below_5,
                )
                for group in made.groups
            ],
        )


def show_answers(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """Show a few query results: people and their IDs, a class roster, a contact list, and headcount by grade."""
    console.print("\nPeople per role:")
    table(console, ["district", "role", "people"], connection.execute(statement("shown/roles")).fetchall())
    console.print("\nA person with three roles, with the legacy ID for each:")
    table(
        console,
        ["user_id", "role", "legacy_id", "title"],
        connection.execute(statement("shown/three_roles")).fetchall(),
    )
    console.print("\nA legacy ID and its v3 ID (SELECT v3_user_id('...')):")
    table(console, ["legacy_id", "v3_user_id"], connection.execute(statement("shown/resolved")).fetchall())
    console.print("\nA class roster, the first five students (FROM section_rosters):")
    table(
        console,
        ["section", "term", "teacher", "student", "grade"],
        connection.execute(statement("shown/class_roster")).fetchall(),
    )
    console.print("\nA contact list, the first five (FROM student_contacts):")
    table(
        console,
        ["student", "contact", "relationship", "phone"],
        connection.execute(statement("shown/contact_list")).fetchall(),
    )
    console.print("\nHeadcount by grade, the lowest grades of one school (FROM enrollment_by_grade):")
    table(
        console,
        ["school", "grade", "primary school", "any school"],
        connection.execute(statement("shown/headcount")).fetchall(),
    )


def show_changes(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """Show how IDs changed over the syncs."""
    console.print("\nChanges of legacy IDs (crosswalk_changes):")
    table(
        console,
        ["observed_at", "change", "role", "legacy_id", "from_user_id", "to_user_id"],
        connection.execute(statement("shown/changes")).fetchall(),
    )


def with_total(rows: Sequence[Sequence[object]]) -> list[Sequence[object]]:
    """The rows, and if they are several, their sums as a last one; what is no number has no sum."""
    if len(rows) < 2:  # noqa: PLR2004
        return list(rows)
    sums = [
        sum(value for value in column if isinstance(value, int))
        if any(isinstance(value, int) for value in column)
        else None
        for column in list(zip(*rows, strict=True))[1:]
    ]
    return [*rows, ["total", *sums]]


def table(console: Console, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table of which nothing is cut.

    Where a terminal is too narrow, each row takes several lines: what it is about, then its other columns, indented.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    width = width_of(console)
    lines = [list(range(len(columns)))]
    if width is not None and sum(widths) + len(widths) * len(GAP) > width:
        lines = _stacked(columns, widths, width)
    for number, row in enumerate([columns, *cells]):
        for line in lines:
            indented = GAP if line[0] > 0 and len(lines) > 1 else ""
            text = Text(f" {indented}", style="bold" if number == 0 else "")
            for column in line:
                style = STYLES.get(row[column], "") if columns[column] == "outcome" else ""
                text.append(f"{row[column]}{' ' * (widths[column] - cell_len(row[column]))}", style)
                text.append(GAP)
            text.rstrip()
            if text:
                console.print(text)


def _stacked(columns: Sequence[str], widths: Sequence[int], width: int) -> list[list[int]]:
    """The columns of each line, by number: the first column, with the name beside it, then as many as fit."""
    head = [number for number, column in enumerate(columns) if number == 0 or column == "name"]
    lines = [head]
    left = 0
    for number, column_width in enumerate(widths):
        if number in head:
            continue
        needed = column_width + len(GAP)
        if needed > left:
            lines.append([])
            left = width - len(GAP)
        lines[-1].append(number)
        left -= needed
    return lines


def _cell(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "" if value is None else str(value)
