"""Output about legacy IDs: an import, a resolution, a summary, a verification. IDs and counts only, no personal data."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from rich.console import Console

from assets.cli.tables import table
from pipelines.identity.migration import VERDICTS, ImportResult
from pipelines.identity.resolution import REASONS, MergeList, Resolution, ResolutionSummary
from pipelines.identity.verification import VERSION, RoleVerified, VerificationResult
from pipelines.warehouse.statements import statement

SINCE = {
    "current": "but not under this ID since",
    "inherited": "its last user has been gone since",
    "gone": "since",
    "unconfirmed": "since",
}
"""Text before the date of a resolution, by status."""


def show_import(result: ImportResult, report_file: Path, console: Console) -> None:
    """One row per migration CSV with its rows by verdict, what was passed over, and where the report is."""
    table(
        console,
        ["file", "rows", *VERDICTS],
        [
            [file.name, sum(file.rows.values()), *(file.rows.get(verdict, 0) for verdict in VERDICTS)]
            for file in result.files
        ],
    )
    for file in result.files:
        if file.passed_over:
            console.print(f"{file.name}: columns ignored: {', '.join(file.passed_over)}.", markup=False)
    console.print(_entered(result), markup=False)
    console.print(f"Report per row: {report_file}", markup=False)


def _entered(result: ImportResult) -> str:
    if result.import_id is None and not result.left:
        return "The crosswalk already has all of these links; nothing was changed."
    placed = f", {result.placed:,} got their missing role or district" if result.placed else ""
    left = f", {result.left:,} removed" if result.left else ""
    sentence = f"{result.entered:,} links added to the crosswalk{left}{placed}; published."
    if result.import_id is None:
        return sentence
    return f"{sentence}\nTo revert this import: clever-warehouse import-migration --take-back {result.import_id}"


def show_resolution(legacy_id: str, answer: Resolution, console: Console) -> None:
    """Show what one legacy ID leads to, with every link that the crosswalk has for it."""
    if answer.is_resolved:
        since = f" ({SINCE[answer.status]} {answer.since:%Y-%m-%d %H:%M} UTC)" if answer.since else ""
        words = ", ".join(filter(None, [answer.role, answer.status]))
        console.print(f"{legacy_id} -> {answer.user_id}  {words}{since}", markup=False)
    else:
        console.print(f"{legacy_id} is {answer.status.replace('_', ' ')}.", markup=False)
    if answer.reason:
        console.print(_in_words(answer.reason), markup=False)
    if answer.user_ids:
        console.print(f"Possible v3 IDs: {', '.join(answer.user_ids)}", markup=False)
    if len(answer.links) > 1 or (answer.links and not answer.is_resolved):
        table(
            console,
            ["legacy ID", "v3 ID", "role", "district", "current", "first seen", "ended", "why", "source"],
            [
                [
                    link.legacy_id,
                    link.user_id,
                    link.role,
                    link.district_id,
                    "yes" if link.is_current else "no",
                    f"{link.first_seen_at:%Y-%m-%d %H:%M}",
                    f"{link.ended_at:%Y-%m-%d %H:%M}" if link.ended_at else None,
                    link.why,
                    link.source,
                ]
                for link in answer.links
            ],
        )


def show_summary(summary: ResolutionSummary, output: Path, console: Console) -> None:
    """Show how many IDs of a list resolve, and why the others do not."""
    console.print(
        f"{summary.coverage:.2f}% resolved: {summary.resolved:,} of {summary.ids:,} distinct IDs in column {summary.column} "
        f"({summary.lines:,} lines).",
        markup=False,
    )
    table(
        console,
        ["status", "reason", "IDs", "lines"],
        [[count.status, count.reason, count.ids, count.lines] for count in summary.counts],
    )
    for reason in dict.fromkeys(count.reason for count in summary.counts if count.reason):
        console.print(f"{reason}: {REASONS[reason]}.", markup=False)
    if summary.people_with_several_ids:
        console.print(
            f"Many-to-one: {summary.ids_of_these:,} of the IDs lead to {summary.people_with_several_ids:,} people with more than "
            "one ID each.",
            markup=False,
        )
    if summary.ids_in_another_district:
        console.print(
            f"Warning: {summary.ids_in_another_district:,} of the IDs lead to a user of another district than the file says.",
            markup=False,
        )
    console.print(f"Report per line: {output}", markup=False)


def show_migrated(summary: ResolutionSummary, console: Console) -> None:
    """What is left to do in a file of accounts that were migrated."""
    for lines, sentence in (
        (summary.lines_to_set, "have an ID that is not the v3 ID of the person: set it to v3_id"),
        (summary.lines_to_merge, "are one person with another line: run the command with --merge-list"),
        (summary.lines_left, "do not lead to one person and stay as they are; the table shows why"),
    ):
        if lines:
            console.print(f"{lines:,} of the {summary.lines:,} lines {sentence}.", markup=False)
    if summary.is_migrated:
        done = summary.lines - summary.lines_left
        console.print(f"Migrated: {done:,} lines have the v3 ID of a person, each a different person.", markup=False)


def show_merge_list(merges: MergeList, output: Path, console: Console) -> None:
    """How many lines of a list are to be merged, and what of the list is in no merge list."""
    people = "1 person has" if merges.people == 1 else f"{merges.people:,} people have"
    console.print(f"{people} several accounts in this file: {merges.lines:,} lines.", markup=False)
    if merges.people:
        console.print(
            "Keep the account of step 1 of each person, and merge the others into it in the order of their steps.",
            markup=False,
        )
    left = merges.summary.ids - merges.summary.resolved
    if left:
        console.print(
            f"{left:,} of the {merges.summary.ids:,} distinct IDs do not lead to one user and are in no merge list: "
            "run the command without --merge-list to see why.",
            markup=False,
        )
    console.print(f"Merge list: {output}", markup=False)


def show_imports(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """One row per import of migration CSVs, the latest first."""
    rows = connection.execute(statement("imports/list")).fetchall()
    if not rows:
        console.print("No imports.")
        return
    table(
        console,
        ["import", "imported", "files", "links", "not confirmed by API v3", "reverted"],
        [
            [import_id, _minute(imported_at), *counts, _minute(reverted_at)]
            for import_id, imported_at, *counts, reverted_at in rows
        ],
    )


def show_verification(result: VerificationResult, report_file: Path, console: Console) -> None:
    """One row per role of each district: how many of the IDs in API v2.1 match the crosswalk; then the first unmatched IDs."""
    if result.roles:
        table(
            console,
            [
                "district",
                "role",
                f"listed by {VERSION}",
                "matched",
                "coverage",
                "of these, ended",
                "unmatched",
                "differing",
            ],
            [*(_verified(one) for one in result.roles), _verified(_total(result.roles))],
        )
    for one in result.roles:
        if one.first_unmatched:
            more = one.unmatched - len(one.first_unmatched)
            console.print(
                f"District {one.district_id}, {one.role}, unmatched: {', '.join(one.first_unmatched)}"
                f"{f' and {more:,} more in the report' if more else ''}.",
                markup=False,
            )
    console.print(f"Report per ID: {report_file}", markup=False)


def _total(roles: Sequence[RoleVerified]) -> RoleVerified:
    """The sum over all roles and districts."""
    return RoleVerified(
        "total",
        "",
        is_served=True,
        listed=sum(one.listed for one in roles),
        matched=sum(one.matched for one in roles),
        ended=sum(one.ended for one in roles),
        unmatched=sum(one.unmatched for one in roles),
        differing=sum(one.differing for one in roles),
    )


def _verified(one: RoleVerified) -> list[str | int | None]:
    if not one.is_served:
        return [one.district_id, one.role, "no longer served", None, None, None, None, None]
    coverage = None if one.coverage is None else f"{one.coverage:.2f}%"
    return [one.district_id, one.role, one.listed, one.matched, coverage, one.ended, one.unmatched, one.differing]


def _minute(instant: datetime | None) -> str | None:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if instant else None


def _in_words(reason: str) -> str:
    words = REASONS[reason]
    return f"{words[0].upper()}{words[1:]}."
