"""The command clever-warehouse, which users and schedulers run."""

import gc
import getpass
import importlib.metadata
import os
import re
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from assets.cli import completion
from assets.cli.output import err, make_standard_streams_lossy, out, show_json
from pipelines import interruption

WRONG_USAGE = 2
"""Exit code: a setting or an option is invalid; nothing was started."""
NEEDS_ATTENTION = 1
"""Exit code: a district failed, Clever refused a request, or a result needs attention. HELD of sync.py is of its own."""

command = typer.Typer(
    name="clever-warehouse",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:  # noqa: FBT001
    if asked:
        out.print(f"clever-warehouse {importlib.metadata.version('clever-warehouse')}", markup=False)
        raise typer.Exit


@command.callback()
def clever_warehouse(
    _version: Annotated[  # noqa: FBT002
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Sync Clever rosters into a DuckDB warehouse."""


def main() -> None:
    """Run the command; report expected errors in one sentence and set the exit code."""
    make_standard_streams_lossy()
    _leave_no_core_dump()
    # Importing Dagster makes many objects that live until the process ends: looking through them for garbage, while they
    # are made and again at the end, takes a third of the processor time of a small sync.
    gc.disable()
    interruption.raised()
    try:
        _run()
    except interruption.Interrupted as interrupted:
        err.print(str(interrupted))
        sys.exit(interrupted.exit_code)
    finally:
        gc.freeze()


def _leave_no_core_dump() -> None:
    """Let no crash of this process, or of one that it starts, write its memory to a disk: it holds tokens and people."""
    try:
        import resource
    except ImportError:  # Windows has no core dumps
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def _run() -> None:
    try:
        command()
    except Exception:
        interruption.check("Interrupted.")  # an exception of ours that went through DuckDB comes out as one of its own
        raise


def _collect_garbage_again() -> None:
    """All is imported: from here on garbage is collected, but not looked for in what was imported."""
    gc.freeze()
    gc.enable()


@contextmanager
def _reported_errors() -> Iterator[None]:
    """Report errors that a user can fix as one sentence instead of a traceback."""
    from assets import settings
    from pipelines.clever import CleverError
    from pipelines.identity.csv_files import UnusableFileError
    from pipelines.operations.backup import BackupRefusedError
    from pipelines.operations.rekey import RekeyRefusedError
    from pipelines.warehouse import (
        ExportRefusedError,
        ForeignHostError,
        OccupiedError,
        UnusableFolderError,
        WarehouseError,
    )

    refused = (
        BackupRefusedError,
        ExportRefusedError,
        ForeignHostError,
        OccupiedError,
        RekeyRefusedError,
        UnusableFileError,
        UnusableFolderError,
    )

    try:
        settings.complete_environment()
        settings.report_unknown()
        yield
    except (settings.SettingsError, *refused) as error:
        _end(str(error), WRONG_USAGE)
    except (CleverError, WarehouseError) as error:
        _end(str(error), NEEDS_ATTENTION)
    except OSError as error:
        _end(f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}.", NEEDS_ATTENTION)


@contextmanager
def _publishing() -> Iterator[None]:
    """For commands that publish: a signal stops them before they publish, or not at all."""
    with interruption.deferred(), _reported_errors():
        try:
            yield
        finally:
            if interruption.requested() and isinstance(sys.exception(), typer.Exit | None):
                err.print("The signal came too late to stop the command: it is complete.")


def _end(sentence: str, code: int) -> NoReturn:
    interruption.check()
    err.print(sentence, markup=False)
    raise typer.Exit(code)


def _district(text: str) -> str:
    from assets.settings import district_id

    return district_id(text)


def _district_option(what: str) -> Any:
    """The option --district of a command, which can be repeated."""
    return typer.Option("--district", metavar="ID", parser=_district, autocompletion=completion.districts, help=what)


AsJson = Annotated[
    bool, typer.Option("--json", help="Write one JSON document to standard output, and progress to standard error.")
]
Districts = Annotated[
    list[str] | None,
    _district_option("A district to sync; can be repeated. Default: all connected districts."),
]


class Mode(StrEnum):
    """What a sync reads."""

    FULL = "full"
    EVENTS = "events"


@command.command()
def sync(
    district: Districts = None,
    preview: Annotated[  # noqa: FBT002
        bool, typer.Option("--preview", help="Show what a sync would change, without applying it.")
    ] = False,
    mode: Annotated[
        Mode,
        typer.Option(
            "--mode",
            help="full: read everything. events: apply what changed since the last sync; a district without usable events is read in full.",
        ),
    ] = Mode.FULL,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Sync districts into the warehouse."""
    with _publishing():
        from assets.settings import load

        load()  # before Dagster, which takes a second to import
        from assets.cli.sync import preview_in_this_process, sync_in_this_process

        _collect_garbage_again()
        interruption.check()
        run = preview_in_this_process if preview else sync_in_this_process
        raise typer.Exit(run(district or [], out, mode.value, as_json=as_json))


def _limit(text: str) -> timedelta:
    from assets.cli import status as statuses

    try:
        return statuses.limit(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from None


@command.command()
def status(
    older_than: Annotated[
        timedelta | None,
        typer.Option(
            "--fail-if-older-than",
            metavar="AGE",
            parser=_limit,
            help="End with exit code 1 if the rows of a connected district are older, such as 90m, 36h or 2d.",
        ),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show row counts, the last sync result, and the freshness of each district."""
    with _reported_errors():
        from assets.cli import status as statuses
        from assets.names import DistrictNames
        from assets.resources import warehouse
        from pipelines.warehouse import machine_clock

        here = warehouse()
        found, names = statuses.read(here, machine_clock()), DistrictNames(here)
        if as_json:
            show_json(statuses.document(found))
        else:
            statuses.show(found, names, out)
        if older_than is not None and (sentence := statuses.too_old(found, names, older_than)):
            _end(sentence, NEEDS_ATTENTION)


@command.command()
def doctor(
    district: Annotated[
        list[str] | None,
        _district_option("A district to examine; can be repeated. Default: the first three connected districts."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Show the results as JSON.")] = False,  # noqa: FBT002
    bug_report: Annotated[  # noqa: FBT002
        bool,
        typer.Option(
            "--bug-report", help="Show a text for a bug report: no IDs of districts, folders, or values of settings."
        ),
    ] = False,
) -> None:
    """Check this machine, the settings, and what Clever returns, without changing anything. Exit code 1: a check failed."""
    if as_json and bug_report:
        _end("Give --json or --bug-report, not both.", WRONG_USAGE)
    with _reported_errors():
        from assets.settings import load

        load()  # before Dagster, which takes a second to import
        from assets.cli import doctor as doctors

        _collect_garbage_again()
        found = doctors.examine(district or [], err if as_json or bug_report else out)
        if as_json:
            out.print(doctors.as_json(found), markup=False)
        elif bug_report:
            out.print(doctors.as_bug_report(found), markup=False)
        else:
            doctors.show(found, out)
        raise typer.Exit(NEEDS_ATTENTION if found.verdict == "fail" else 0)


@command.command()
def holds(as_json: AsJson = False) -> None:  # noqa: FBT002
    """List snapshots waiting for approval, and past decisions."""
    with _reported_errors():
        from assets.cli import documents, tables
        from assets.resources import warehouse

        with warehouse().reading() as connection:
            if as_json:
                show_json(documents.of_holds(connection))
            else:
                tables.show_holds(connection, out)


@command.command()
def report(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE",
            help="Where to write the page; an earlier report there is replaced. Default: report.html in the warehouse's folder.",
        ),
    ] = None,
) -> None:
    """Write an HTML page about the published file: people, changes, holds, findings, drift, and freshness."""
    with _reported_errors():
        from assets.resources import warehouse
        from pipelines.operations import report as reports

        try:
            written = reports.write(warehouse(), output)
        except reports.NotAReportError as error:
            _end(str(error), WRONG_USAGE)
        out.print(f"Wrote {written}.", markup=False)


NAMED = typer.Argument(
    metavar="DIGEST",
    autocompletion=completion.holds,
    help="First digits of the digest, from `clever-warehouse holds`, or the Clever ID of the district.",
)
Digest = Annotated[
    str,
    typer.Option(
        "--digest",
        metavar="D",
        autocompletion=completion.holds,
        help="First digits of the digest, where DIGEST is the ID of a district.",
    ),
]
Reason = Annotated[
    str | None,
    typer.Option("--reason", metavar="TEXT", help="Why you decided this (recorded). Default: ask in a terminal."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Decide without asking.")]


@command.command()
def approve(
    named: Annotated[str | None, NAMED] = None,
    digest: Digest = "",
    every: Annotated[bool, typer.Option("--all", help="Every snapshot that waits.")] = False,  # noqa: FBT002
    like: Annotated[
        list[str] | None,
        typer.Option(
            "--all-like",
            metavar="DIGEST",
            autocompletion=completion.holds,
            help="Every waiting snapshot that would do the same as this one, as `clever-warehouse holds` groups them; can be repeated.",
        ),
    ] = None,
    district: Annotated[
        list[str] | None,
        _district_option("Of several snapshots, only that of this district; can be repeated."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="ROLE|TYPE",
            help="Of several snapshots, only those that exceed no limit but those of this role or record type; can be repeated.",
        ),
    ] = None,
    max_archived: Annotated[
        float | None,
        typer.Option(
            "--max-archived",
            metavar="PERCENT",
            min=0,
            max=100,
            help="Of several snapshots, only those that archive no larger share of what exceeds its limit.",
        ),
    ] = None,
    max_changed: Annotated[
        float | None,
        typer.Option(
            "--max-changed",
            metavar="PERCENT",
            min=0,
            max=100,
            help="Of several snapshots, only those that update no larger share of what exceeds its limit.",
        ),
    ] = None,
    reason: Reason = None,
    yes: Yes = False,  # noqa: FBT002
) -> None:
    """Approve a held snapshot, or one that was rejected, or several that wait, and apply and publish them immediately."""
    has_filter = bool(every or like or district or only or max_archived is not None or max_changed is not None)
    if named is not None and has_filter:
        _end("Name one snapshot by its digest, or several by options such as --all-like, not both.", WRONG_USAGE)
    if named is not None:
        _decide("approve", named, digest, reason, yes=yes)
    if digest or not has_filter:
        _end(
            "Name the snapshot to approve by its digest, from `clever-warehouse holds`, or several by --all-like, --all, --district, "
            "--only, --max-archived, or --max-changed.",
            WRONG_USAGE,
        )
    with _publishing():
        from assets.settings import load

        load()  # before Dagster, which takes a second to import
        from assets.cli import decisions
        from assets.resources import warehouse
        from pipelines.sync import Filter, left_out, select

        here = warehouse()
        chosen = Filter(like or (), district or (), only or (), max_archived, max_changed)
        held = here.held_snapshots()
        selected = select(held, chosen)
        if sentence := left_out(held):
            err.print(sentence, markup=False)
        if not yes:
            decisions.show_selected(here, selected, out)
            if not decisions.is_confirmed(f"Approve all {len(selected):,}?", certain=False):
                _end("Nothing was changed. To decide without a question, use --yes.", WRONG_USAGE)
        given = _given(decisions.asked_reason() if reason is None else reason)
        raise typer.Exit(decisions.approve_selected(chosen, selected, given, _user(), out))


@command.command()
def reject(named: Annotated[str, NAMED], digest: Digest = "", reason: Reason = None, yes: Yes = False) -> None:  # noqa: FBT002
    """Reject a held snapshot. It won't be applied while Clever keeps returning the same data."""
    _decide("reject", named, digest, reason, yes=yes)


def _decide(decision: str, named: str, digest: str, reason: str | None, *, yes: bool) -> NoReturn:
    with _publishing():
        from assets.settings import load

        load()  # before Dagster, which takes a second to import
        from assets.cli import decisions
        from assets.resources import warehouse
        from pipelines.sync import approvals

        here = warehouse()
        district_id, whole = approvals.find(here, named, digest, decision=decision)
        if not yes:
            decisions.show(here, district_id, whole, out)
            is_certain = bool(digest) or whole.startswith(named.lower())
            if not decisions.is_confirmed(f"{decision.capitalize()} this snapshot?", certain=is_certain):
                _end("Nothing was changed. To decide without a question, use --yes.", WRONG_USAGE)
        given = _given(decisions.asked_reason() if reason is None else reason)
        raise typer.Exit(decisions.decide(decision, district_id, whole, given, _user(), out))


def _user() -> str:
    """The name of the user who decides; in a container that runs under a bare user ID, that ID."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user; the one until Python 3.12, the other since
        return f"uid {os.getuid()}"


def _given(reason: str) -> str:
    if not reason.strip():
        _end("A decision needs a reason: --reason must not be empty.", WRONG_USAGE)
    return reason.strip()


DAY = ["%Y-%m-%d"]


@command.command()
def rollover(
    first: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            metavar="DAY",
            formats=DAY,
            help="The day on whose beginning people are counted as before. Default: the first day of the season in CLEVER_ROLLOVER.",
        ),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option(
            "--to",
            metavar="DAY",
            formats=DAY,
            help="The day on whose end they are counted again. Default: today, or the last day of that season.",
        ),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show who returns, leaves, is new, moved, and was promoted when the school year rolled over."""
    with _reported_errors():
        from assets.cli import rollover as rollovers
        from assets.names import DistrictNames
        from assets.resources import warehouse
        from assets.settings import load

        here = warehouse()
        before, after = rollovers.period(load(), first and first.date(), last and last.date(), here.now())
        with here.reading() as connection:
            found = rollovers.read(connection, before, after)
        if as_json:
            show_json(found)
        else:
            rollovers.show(found, DistrictNames(here), out)


@command.command()
def rollback(
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FILE",
            autocompletion=completion.kept,
            help="Kept file to restore, from --list. Default: the newest.",
        ),
    ] = None,
    show: Annotated[  # noqa: FBT002
        bool, typer.Option("--list", help="List the kept files and what a rollback to each would undo.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --list: show it as JSON.")] = False,  # noqa: FBT002
    yes: Annotated[bool, typer.Option("--yes", help="Restore without asking.")] = False,  # noqa: FBT002
) -> None:
    """Restore a previously published file."""
    with _reported_errors():
        from assets import settings
        from assets.cli import backups, documents, tables
        from assets.cli.display import display
        from assets.resources import warehouse
        from pipelines.warehouse.kept import kept_files

        if as_json and not show:
            _end("--json shows the kept files: give it with --list.", WRONG_USAGE)
        here = warehouse()
        if settings.load().lake:
            _roll_back_lake(here, to, is_listed=show, as_json=as_json, is_confirmed=yes)
            return
        kept = here.kept_files()
        if show:
            found = kept_files(kept, here.published, here.key)
            if as_json:
                show_json(documents.of_kept(found))
            else:
                tables.show_kept(found, out)
            raise typer.Exit(0)
        chosen = next((file for file in kept if to in {None, file.stem}), None)
        if chosen is None and to is not None:
            _end(
                f"No kept file is named {to}. Run `clever-warehouse rollback --list` to see the kept files.",
                WRONG_USAGE,
            )
        if chosen is None:
            _end(
                "No earlier file is kept, so nothing was changed. A sync that changes something keeps the file it replaces "
                "(CLEVER_KEEP_PUBLISHED sets how many).",
                NEEDS_ATTENTION,
            )
        if not yes and not sys.stdin.isatty():
            _end(
                "Nothing was changed, because there is no terminal to ask in. "
                f"To restore the file {chosen.stem} without a question, use --yes.",
                WRONG_USAGE,
            )
        if not yes and not backups.is_rollback_confirmed(here, kept_files([chosen], here.published, here.key)[0], out):
            _end("Nothing was changed. To restore a file without a question, use --yes.", WRONG_USAGE)
    with _publishing():
        with display(out, here) as progress:
            here.roll_back(chosen, progress)
        out.print(
            f"Restored the file from {chosen.stem}. Everything learned by later syncs is no longer in it: versions, links, findings, "
            "decisions, imports and verifications. The next sync compares Clever with this state and continues from it. Stop the "
            "schedule first if Clever still returns the data that you rolled back.",
            markup=False,
        )


def _roll_back_lake(here: Any, to: str | None, *, is_listed: bool, as_json: bool, is_confirmed: bool) -> None:
    """Roll back a lake, or list its states."""
    from assets.cli import lake_states
    from assets.cli.display import display

    states = here.states()
    if is_listed and as_json:
        show_json({"states": lake_states.rows(states)})
    elif is_listed:
        lake_states.show(states, out)
    if is_listed:
        raise typer.Exit(0)
    state = lake_states.chosen(states, to)
    if state is None and to is not None:
        _end(
            f"No earlier state has the number {to}. Run `clever-warehouse rollback --list` to see the states.",
            WRONG_USAGE,
        )
    if state is None:
        _end(
            "No earlier state can be read, so nothing was changed. CLEVER_LAKE_SNAPSHOT_DAYS sets how long they can.",
            NEEDS_ATTENTION,
        )
    if not is_confirmed and not (sys.stdin.isatty() and lake_states.is_confirmed(states, state, out)):
        _end("Nothing was changed. To restore a state without a question, use --yes.", WRONG_USAGE)
    with interruption.deferred():
        with display(out, here) as progress:
            here.roll_back_to(state, progress)
        out.print(
            f"Restored state {state.snapshot}, with one more row in sync.rollbacks. The next sync compares Clever with it and continues "
            "from it. Stop the schedule first if Clever still returns the data that you rolled back.",
            markup=False,
        )


@command.command()
def backup(
    destination: Annotated[
        Path,
        typer.Argument(
            metavar="DESTINATION", help="A new file, or a folder that exists: the file is then named after the instant."
        ),
    ],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Copy the published file, verify the copy, and write a receipt next to it. Readers and syncs do not wait for it."""
    with _reported_errors():
        from assets.cli import backups, documents
        from assets.cli.display import display
        from assets.resources import warehouse
        from pipelines.operations import backup as operation

        here = warehouse()
        with display(err if as_json else out, here) as progress:
            made = operation.back_up(here, destination, progress)
        if as_json:
            show_json(documents.of_backup(made))
        else:
            backups.show_backup(made, here, out)


@command.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `clever-warehouse backup` made.")],
    replace: Annotated[  # noqa: FBT002
        bool, typer.Option("--replace", help="Replace the published file, which is kept for a rollback.")
    ] = False,
    without_receipt: Annotated[  # noqa: FBT002
        bool, typer.Option("--without-receipt", help="Restore a file that has no receipt, if all of it can be read.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Replace without asking.")] = False,  # noqa: FBT002
) -> None:
    """Publish a backup in the warehouse folder, which may be empty. The next sync continues from it."""
    with _reported_errors():
        from assets.cli import backups
        from assets.cli.display import display
        from assets.resources import warehouse
        from pipelines.operations import backup as operation

        here = warehouse()
        here.require_restorable(replace=replace)
        with display(out, here) as progress:
            found = operation.inspect(here, file, progress, needs_receipt=not without_receipt)
        if here.published.exists() and not yes and not backups.is_confirmed(here, found):
            _end(
                f"Nothing was restored, and {here.published} is unchanged. To replace it without a question, use --yes.",
                WRONG_USAGE,
            )
    with _publishing():
        with display(out, here) as progress:
            kept = operation.restore(here, found, progress, replace=replace)
        backups.show_restored(found, here, kept, out)


@command.command()
def maintain() -> None:
    """Keep a lake small and fast: rewrite, merge, and forget what is older than CLEVER_LAKE_SNAPSHOT_DAYS."""
    with _publishing():
        from assets.cli.display import display
        from assets.resources import warehouse

        here = warehouse()
        with display(out, here) as progress:
            done = here.maintain(progress)
        out.print(done, markup=False)


@command.command()
def migrate(
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="DESTINATION", help="duckdb, or ducklake:postgres: and how PostgreSQL is reached."
        ),
    ],
    data: Annotated[
        str, typer.Option("--data", metavar="PLACE", help="The place of the lake's data, as in CLEVER_LAKE_DATA.")
    ] = "",
) -> None:
    """Copy the warehouse from a file into a lake, or back, and compare every row. What it is copied from stays as it is."""
    with _publishing():
        from assets.cli.display import display
        from assets.cli.migrations import moved
        from assets.resources import warehouse

        with display(out, warehouse()) as progress:
            done = moved(to, data, progress)
        out.print(done, markup=False)


@command.command()
def alerts(
    test: Annotated[  # noqa: FBT002
        bool, typer.Option("--test", help="Send a test message to every address, and show which accepted it.")
    ] = False,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show what needs attention, and where alerts are sent (CLEVER_ALERTS). The sensor `alerts` of Dagster sends them."""
    with _reported_errors():
        from assets.cli import alerts as shown

        if test and as_json:
            _end("--json shows what needs attention: give it without --test.", WRONG_USAGE)
        if test:
            raise typer.Exit(0 if shown.test(out) else NEEDS_ATTENTION)
        found = shown.read()
        if as_json:
            show_json(found)
        else:
            shown.show(found, out)


PORT = typer.Option(help="Port to listen on; 0 selects a free port.", min=0, max=65535)
DISTRICTS = typer.Option(help="Number of districts.", min=1)
USERS = typer.Option(help="Number of people per district.", min=1)
SEED = typer.Option(help="Random seed; change it to get different people.")


@command.command()
def sandbox(
    port: Annotated[int, PORT] = 8765,
    districts: Annotated[int, DISTRICTS] = 1,
    users: Annotated[int, USERS] = 500,
    seed: Annotated[int, SEED] = 0,
    nights: Annotated[
        int,
        typer.Option(
            help="Number of nights that can pass in Clever: one for each line on standard input (press Enter).", min=0
        ),
    ] = 0,
    hold: Annotated[
        str | None,
        typer.Option(
            metavar="ROLE",
            help="Role or record type that the first district stops sharing in the first night, so that it is held, such as contact.",
        ),
    ] = None,
    fail: Annotated[
        int, typer.Option(metavar="K", help="Number of districts that fail from the first night to the second.", min=0)
    ] = 0,
    rollover: Annotated[  # noqa: FBT002
        bool, typer.Option("--rollover", help="Let the school year roll over in the last night.")
    ] = False,
    folder: Annotated[Path, typer.Option("--dir", help="Folder of the warehouse in the settings shown.")] = Path(
        "data/sandbox"
    ),
) -> None:
    """Run a mock Clever API locally, to test or to rehearse what happens in real nights. Press Ctrl-C to stop."""
    with _reported_errors():
        from assets.cli import rehearsal
        from pipelines.sandbox import Sandbox

        _collect_garbage_again()
        box = Sandbox(districts=districts, users=users, seed=seed)
        try:
            planned = rehearsal.plan(box, nights, hold, fail, rollover=rollover)
        except rehearsal.RehearsalRefusedError as error:
            _end(str(error), WRONG_USAGE)
        box.prepare()
        guide = rehearsal.Guide(planned, out)
        with box.serve(port) as server:
            out.print(
                f"The mock Clever API (districts: {districts}, people per district: {users}) listens on {server.url}. To use it:",
                markup=False,
            )
            guide.begin(_settings_of(server.url, folder), folder)
            server.wait(guide.lines())


@command.command()
def ui(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 3000,
) -> None:
    """Open the Dagster UI with the settings and the Dagster instance of this command. Press Ctrl-C to stop."""
    with _reported_errors():
        from assets.cli.ui import start

        start(host, port)


@command.command()
def demo(
    districts: Annotated[int, DISTRICTS] = 2,
    users: Annotated[int, USERS] = 2000,
    seed: Annotated[int, SEED] = 0,
    nights: Annotated[int, typer.Option(help="Days of changes to simulate, with one sync per day.", min=0)] = 0,
    folder: Annotated[Path, typer.Option("--dir", help="Folder of the demo warehouse.")] = Path("data/demo"),
) -> None:
    """Sync a mock Clever API into a new warehouse and show a few query results."""
    with _reported_errors():
        from assets.cli import tables
        from assets.cli.rehearsal import summary
        from assets.resources import warehouse
        from pipelines.sandbox import Sandbox

        _collect_garbage_again()
        box = Sandbox(districts=districts, users=users, seed=seed)
        out.print(f"Generating mock districts (districts: {districts}, people per district: {users}) ...", markup=False)
        box.prepare()
        with box.serve() as server:
            # Neither the settings nor the Dagster instance of a real district may mix with the demo's.
            for name in [name for name in os.environ if name.startswith("CLEVER_")]:
                del os.environ[name]
            os.environ |= _settings_of(server.url, folder)
            code = _sync_of_demo()
            for day in range(1, nights + 1):
                out.print(f"\nDay {day}. Changes in Clever: {summary(box.advance())}.", markup=False)
                code = max(code, _sync_of_demo())
        with warehouse().reading() as connection:
            tables.show_answers(connection, out)
            if nights:
                tables.show_changes(connection, out)
        out.print(
            f"\nThe warehouse is {warehouse().published}; analysts open it with: duckdb -readonly {warehouse().published}"
        )
        out.print(f"A page to look at: {warehouse().folder / 'report.html'}", markup=False)
        out.print(f"To see the runs in the Dagster UI: DAGSTER_HOME={folder.absolute() / 'dagster'} make ui")
        raise typer.Exit(code)


def _sync_of_demo() -> int:
    from assets.cli.sync import sync_in_this_process

    with interruption.deferred():
        code = sync_in_this_process([], out)
        interruption.check("Interrupted.")
    return code


ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="CSV report path. Default: a new file in <warehouse dir>/reports/.",
    ),
]


@command.command(name="import-migration")
def import_migration(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="Clever's zip (one CSV per district), or CSV files.")
    ] = None,
    report: ReportFile = None,
    show: Annotated[bool, typer.Option("--list", help="List the imports.")] = False,  # noqa: FBT002
    take_back: Annotated[
        str | None,
        typer.Option(
            "--take-back",
            metavar="IMPORT",
            help="Revert an import, from --list. With FILE..., the files replace it.",
        ),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Import Clever's API v3 migration CSVs (columns role_id and user_id) into the crosswalk, or revert an import."""
    with _publishing():
        from assets.cli import documents, reports
        from assets.cli.display import display
        from assets.resources import warehouse
        from pipelines.identity import migration

        here = warehouse()
        if show:
            with here.reading() as connection:
                if as_json:
                    show_json(documents.of_imports(connection))
                else:
                    reports.show_imports(connection, out)
            raise typer.Exit(0)
        if not files and take_back is None:
            _end("Name the CSV files or the zip to import, or use --list or --take-back.", WRONG_USAGE)
        if not files:
            with display(err if as_json else out, here) as progress:
                left = migration.take_back(here, str(take_back), str(uuid.uuid4()), progress)
            if as_json:
                show_json({"import_id": take_back, "links_removed": left})
            else:
                out.print(
                    f"Reverted import {take_back}: {left:,} links removed from the crosswalk; published.", markup=False
                )
            raise typer.Exit(0)
        report_file = report or here.new_report("import-migration")
        with display(err if as_json else out, here) as progress:
            result = migration.import_migration(
                here, files, str(uuid.uuid4()), replaced=take_back, report_file=report_file, report=progress
            )
        if as_json:
            show_json(documents.of_import(result, report_file))
        else:
            reports.show_import(result, report_file, out)
        _warn_of_plain_file(here.key_file, report_file)


@command.command()
def resolve(
    what: Annotated[
        str, typer.Argument(metavar="ID|FILE.csv", help="A legacy ID or v3 ID, or a CSV file with a column of them.")
    ],
    column: Annotated[
        str | None, typer.Option("--column", metavar="NAME", help="The column of the file that holds the IDs.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE",
            help="CSV report path: the file's own columns, then the answers. Default: a new file in <warehouse dir>/reports/.",
        ),
    ] = None,
    merge_list: Annotated[  # noqa: FBT002
        bool,
        typer.Option(
            "--merge-list", help="Write the lines of the file that are one person, in the order in which to merge them."
        ),
    ] = False,
    migrated: Annotated[  # noqa: FBT002
        bool,
        typer.Option(
            "--migrated",
            help="Check accounts after a migration: each has the v3 ID of a person, and no two are one person.",
        ),
    ] = False,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show the v3 ID that an ID leads to, or each one in a file. Exit code 0: each leads to one user; 1: some do not.

    With --migrated, 0 means that nothing is left to set or to merge. 2 means that nothing was done.
    """
    with _reported_errors():
        from assets.cli import documents, reports
        from assets.resources import warehouse
        from pipelines.identity import resolution

        here = warehouse()
        is_file = _names_a_file(what)
        if not is_file and (column or output or merge_list or migrated):
            _end(f"{what} is not a file: --column, --output, --merge-list and --migrated need a CSV file.", WRONG_USAGE)
        if merge_list and migrated:
            _end("Give --merge-list before the accounts are merged, and --migrated afterwards, not both.", WRONG_USAGE)
        if not is_file:
            answer = resolution.resolve_one(here, what)
            if as_json:
                show_json(documents.of_resolution(what, answer))
            else:
                reports.show_resolution(what, answer, out)
            raise typer.Exit(0 if answer.is_resolved else NEEDS_ATTENTION)
        if merge_list:
            written = output or here.new_report("merge-list")
            merges = resolution.list_merges(here, Path(what), column, written)
            if as_json:
                show_json(documents.of_merge_list(merges, written))
            else:
                reports.show_merge_list(merges, written, out)
            _warn_of_plain_file(here.key_file, written)
            raise typer.Exit(0 if merges.summary.is_whole else NEEDS_ATTENTION)
        written = output or here.new_report("resolve")
        summary = resolution.resolve_file(here, Path(what), column, written)
        if as_json:
            show_json(documents.of_summary(summary, written))
        else:
            reports.show_summary(summary, written, out)
            if migrated:
                reports.show_migrated(summary, out)
        _warn_of_plain_file(here.key_file, written)
        raise typer.Exit(0 if (summary.is_migrated if migrated else summary.is_whole) else NEEDS_ATTENTION)


def _names_a_file(what: str) -> bool:
    """Whether an argument is a file rather than an ID: one that is there, or what only a file can be called."""
    return os.path.exists(what) or os.sep in what or re.search(r"\.[A-Za-z]\w{1,4}$", what) is not None  # noqa: PTH110 (Path raises where a name is too long)


@command.command(name="verify-legacy")
def verify_legacy(
    district: Annotated[
        list[str] | None,
        typer.Option(
            "--district",
            metavar="ID",
            parser=_district,
            autocompletion=completion.districts,
            help="A district to verify; can be repeated. Default: all connected districts.",
        ),
    ] = None,
    report: ReportFile = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Check every ID in Clever API v2.1 against the crosswalk. Exit code 0: all match; 1: some do not."""
    with _publishing():
        from assets.cli import documents, reports
        from assets.cli.display import display
        from assets.resources import opened_app, warehouse
        from pipelines.identity import verification

        here = warehouse()
        report_file = report or here.new_report("verify-legacy")
        with opened_app() as app, display(err if as_json else out, here) as progress:
            result = verification.verify_legacy(
                app, here, str(uuid.uuid4()), district or [], report_file=report_file, report=progress
            )
        if as_json:
            show_json(documents.of_verification(result, report_file))
        else:
            reports.show_verification(result, report_file, out)
        _warn_of_plain_file(here.key_file, report_file)
        for sentence in [*result.failed.values(), *result.failed_tokens]:
            err.print(sentence, markup=False, style="red")
        raise typer.Exit(0 if result.succeeded else NEEDS_ATTENTION)


class Format(StrEnum):
    """The formats of exported files."""

    CSV = "csv"
    PARQUET = "parquet"


@command.command()
def export(
    file_format: Annotated[Format, typer.Argument(metavar="FORMAT", help="Format of the files.", show_default=False)],
    table: Annotated[
        list[str], typer.Argument(metavar="TABLE", help="Tables and views, such as students or sync.runs.")
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="FOLDER", help="Target folder. Default: a new folder in <warehouse dir>/exports/."
        ),
    ] = None,
    spreadsheet: Annotated[  # noqa: FBT002
        bool,
        typer.Option(
            "--spreadsheet",
            help="Write CSV that Excel opens without changing IDs, leading zeros or dates, and without running formulas.",
        ),
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="INSTANT", help="Export the rows as they were then. Without an offset, in UTC."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Export published tables and views to files, TABLE.csv or TABLE.parquet, all from the same sync."""
    with _reported_errors():
        from assets.cli import documents, tables
        from assets.resources import warehouse
        from pipelines.warehouse import export as exports

        if spreadsheet and file_format is not Format.CSV:
            _end("--spreadsheet is for CSV files: leave it out, or export csv.", WRONG_USAGE)
        here = warehouse()
        form = exports.Form.SPREADSHEET if spreadsheet else exports.Form(file_format)
        exported = exports.export(here, table, to or here.new_export(), form, as_of=as_of, overwrite=overwrite)
        if as_json:
            show_json(documents.of_export(exported))
        else:
            tables.show_exported(exported, out)
        for each in exported:
            _warn_of_plain_file(here.key_file, each.file)
        if spreadsheet:
            for each in exported:
                if each.rows > exports.SHEET_ROWS:
                    err.print(f"{each.file.name} has more rows than a sheet in Excel holds.", markup=False)


@command.command()
def deidentify(
    sensitive: Annotated[  # noqa: FBT002
        bool, typer.Option("--sensitive", help="Keep the sensitive columns, such as gender and race.")
    ] = False,
    new_key: Annotated[  # noqa: FBT002
        bool,
        typer.Option(
            "--new-key", help="Replace the key: the new file cannot be joined to earlier ones by its pseudonyms."
        ),
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="FILE", help="Target file. Default: <warehouse dir>/warehouse_deidentified.duckdb."
        ),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Write a copy of the published file without names and other identifiers, with pseudonyms in place of IDs."""
    with _publishing():
        from assets import copies
        from assets.cli import documents, tables
        from assets.cli.display import display
        from assets.resources import warehouse

        here = warehouse()
        with display(err if as_json else out, here) as progress:
            made = copies.deidentify(here, progress, with_sensitive=sensitive, new_key=new_key, place=to)
        if as_json:
            show_json(documents.of_deidentified(made))
        else:
            tables.show_deidentified(made, out)
        if to is not None:
            _warn_of_plain_file(here.key_file, to)


@command.command()
def purge(
    user: Annotated[
        str | None, typer.Option("--user", metavar="ID", help="Clever v3 ID of the person to remove.")
    ] = None,
    district: Annotated[
        str | None, typer.Option("--district", metavar="ID", parser=_district, help="District to remove.")
    ] = None,
    block: Annotated[  # noqa: FBT002
        bool, typer.Option("--block", help="Leave the person out of all later syncs, too, although Clever shares them.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="End a purge that was interrupted.")] = False,  # noqa: FBT002
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Remove a person or a district from everything that the warehouse keeps, and show that nothing is left."""
    with _reported_errors():
        from assets.cli import purges
        from assets.resources import warehouse
        from pipelines.warehouse.erasing import DISTRICT, USER, Subject

        if sum((user is not None, district is not None, resume)) != 1:
            _end("Name whom to remove by --user ID or --district ID, or use --resume.", WRONG_USAGE)
        if block and user is None:
            _end("--block is for a person: use it with --user. A district is disconnected in Clever.", WRONG_USAGE)
        if block and not re.fullmatch("[0-9a-f]{24}", user or ""):
            _end("--block needs the ID as Clever writes it, 24 hexadecimal digits in lower case.", WRONG_USAGE)
        here = warehouse()
        subject = None
        if not resume:
            subject = Subject(USER, user) if user is not None else Subject(DISTRICT, str(district))
            if not yes and not sys.stdin.isatty():
                _end(
                    "Nothing was removed, because there is no terminal to ask in. To remove without a question, use --yes.",
                    WRONG_USAGE,
                )
            purges.show_subject(here, subject, err if as_json else out)
            if not yes and not typer.confirm("Remove all of this for good?"):
                _end("Nothing was removed.", WRONG_USAGE)
    with _publishing():
        purged = purges.run(here, subject, err if as_json else out, is_blocked=block)
        if as_json:
            show_json(purges.document(purged))
        else:
            purges.show(purged, here, out)


@command.command()
def rekey(
    new_key: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--new-key", help="Replace the key by a new one. The former key is kept for backups."),
    ] = False,
    decrypt: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--decrypt", help="Decrypt everything instead. Remove CLEVER_ENCRYPTION_KEY_FILE afterwards."),
    ] = False,
) -> None:
    """Encrypt everything in the warehouse folder with the key in CLEVER_ENCRYPTION_KEY_FILE, or continue an interrupted change."""
    with _publishing():
        from assets.cli import encryption
        from assets.cli.display import display
        from assets.resources import warehouse
        from pipelines.operations import rekey as operation

        if new_key and decrypt:
            _end("Use --new-key or --decrypt, not both.", WRONG_USAGE)
        here = warehouse()
        with display(out, here) as progress:
            done = operation.rekey(here, progress, new_key=new_key, decrypt=decrypt)
        encryption.show(done, here, out)


def _warn_of_plain_file(key_file: Path | None, file: Path) -> None:
    """Say that a file is not encrypted, although the warehouse is."""
    if key_file is not None:
        err.print(f"{file} is not encrypted.", markup=False, soft_wrap=True)


def _settings_of(url: str, folder: Path) -> dict[str, str]:
    """The settings that lead to a mock Clever API, and keep its people and runs out of every other warehouse."""
    return {
        "CLEVER_API_URL": url,
        "CLEVER_OAUTH_URL": url,
        "CLEVER_CLIENT_ID": "sandbox",
        "CLEVER_CLIENT_SECRET": "sandbox",
        # No tokens: those of real districts would be used in place of the client ID, and be sent to the mock Clever API.
        "CLEVER_DISTRICT_TOKENS": ",",
        "CLEVER_WAREHOUSE_DIR": str(folder.absolute()),
        "DAGSTER_HOME": str(folder.absolute() / "dagster"),
    }
