"""The command clever-warehouse, which users and schedulers run."""

import gc
import getpass
import os
import re
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from assets.cli.output import make_standard_streams_lossy
from pipelines import interruption

WIDTH = 200
"""Maximum width of a table in characters. IDs and headings are never cut; a narrower terminal wraps the lines."""

out = Console(highlight=False, soft_wrap=True, width=WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)

WRONG_USAGE = 2
"""Exit code: a setting or an option is invalid; nothing was started."""
NEEDS_ATTENTION = 1
"""Exit code: a district failed or is held, or Clever refused a request."""

command = typer.Typer(
    name="clever-warehouse",
    help="Sync Clever rosters into a DuckDB warehouse.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command; report expected errors in one sentence and set the exit code."""
    make_standard_streams_lossy()
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
    from pipelines.warehouse import UnusableFolderError, WarehouseError

    try:
        settings.complete_environment()
        settings.report_unknown()
        yield
    except (settings.SettingsError, UnusableFileError, UnusableFolderError) as error:
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


Districts = Annotated[
    list[str] | None,
    typer.Option(
        "--district",
        metavar="ID",
        parser=_district,
        help="A district to sync; can be repeated. Default: all connected districts.",
    ),
]


@command.command()
def sync(
    district: Districts = None,
    preview: Annotated[  # noqa: FBT002
        bool, typer.Option("--preview", help="Show what a sync would change, without applying it.")
    ] = False,
) -> None:
    """Sync districts into the warehouse."""
    with _publishing():
        from assets.settings import load

        load()  # before Dagster, which takes a second to import
        from assets.cli.sync import preview_in_this_process, sync_in_this_process

        _collect_garbage_again()
        interruption.check()
        run = preview_in_this_process if preview else sync_in_this_process
        raise typer.Exit(run(district or [], out))


@command.command()
def status() -> None:
    """Show row counts and the last sync result for each district."""
    with _reported_errors():
        from assets.cli import tables
        from assets.resources import warehouse

        with warehouse().reading() as connection:
            tables.show_status(connection, out)


@command.command()
def holds() -> None:
    """List snapshots waiting for approval, and past decisions."""
    with _reported_errors():
        from assets.cli import tables
        from assets.resources import warehouse

        with warehouse().reading() as connection:
            tables.show_holds(connection, out)


Digest = Annotated[
    str, typer.Option("--digest", metavar="D", help="Digest of the held snapshot, from `clever-warehouse holds`.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why you decided this (recorded).")]
DistrictId = Annotated[str, typer.Argument(metavar="DISTRICT", parser=_district, help="Clever ID of the district.")]


@command.command()
def approve(district: DistrictId, digest: Digest, reason: Reason) -> None:
    """Approve a held snapshot, and apply and publish it immediately."""
    with _publishing():
        from assets.cli.display import display
        from assets.resources import warehouse
        from pipelines.sync import approvals

        with display(out) as progress:
            outcome = approvals.approve(
                warehouse(),
                district_id=district,
                digest=digest,
                reason=_given(reason),
                decided_by=_user(),
                decision_id=str(uuid.uuid4()),
                report=progress,
            )
        if outcome is None:
            out.print(
                "Approved. The downloaded files are incomplete: the next sync applies the snapshot if Clever still returns the same data."
            )
        else:
            out.print(f"Approved, applied and published ({outcome.counts}).")


@command.command()
def reject(district: DistrictId, digest: Digest, reason: Reason) -> None:
    """Reject a held snapshot. It won't be applied while Clever keeps returning the same data."""
    with _publishing():
        from assets.cli.display import display
        from assets.resources import warehouse
        from pipelines.sync import approvals

        with display(out) as progress:
            approvals.reject(
                warehouse(),
                district_id=district,
                digest=digest,
                reason=_given(reason),
                decided_by=_user(),
                decision_id=str(uuid.uuid4()),
                report=progress,
            )
        out.print("Rejected. The snapshot won't be applied while Clever keeps returning the same data.")


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


@command.command()
def rollback(
    to: Annotated[
        str | None, typer.Option("--to", metavar="FILE", help="Kept file to restore, from --list. Default: the newest.")
    ] = None,
    show: Annotated[  # noqa: FBT002
        bool, typer.Option("--list", help="List the kept files and what a rollback to each would undo.")
    ] = False,
) -> None:
    """Restore a previously published file."""
    with _publishing():
        from assets.cli import tables
        from assets.cli.display import display
        from assets.resources import warehouse

        here = warehouse()
        kept = here.kept_files()
        if show:
            tables.show_kept(kept, here.published, out)
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
        with display(out) as progress:
            here.roll_back(chosen, progress)
        out.print(
            f"Restored the file from {chosen.stem}. Everything learned by later syncs is no longer in it: versions, links, findings, "
            "decisions, imports and verifications. The next sync compares Clever with this state and continues from it. Stop the "
            "schedule first if Clever still returns the data that you rolled back.",
            markup=False,
        )


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
) -> None:
    """Run a mock Clever API locally for testing. Press Ctrl-C to stop."""
    with _reported_errors():
        from pipelines.sandbox import Sandbox

        _collect_garbage_again()
        box = Sandbox(districts=districts, users=users, seed=seed)
        box.prepare()
        with box.serve(port) as server:
            out.print(
                f"The mock Clever API (districts: {districts}, people per district: {users}) listens on {server.url}. To use it:",
                markup=False,
            )
            for name, value in _settings_of(server.url).items():
                out.print(f"export {name}={value}", markup=False)
            out.print("Press Ctrl-C to stop.")
            sys.stdout.flush()
            server.wait()


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
            os.environ |= _settings_of(server.url) | {
                "CLEVER_DISTRICT_TOKENS": ",",
                "CLEVER_WAREHOUSE_DIR": str(folder),
                "DAGSTER_HOME": str(folder.absolute() / "dagster"),
            }
            code = _sync_of_demo()
            for day in range(1, nights + 1):
                happened = Counter(change.what for change in box.advance())
                summary = ", ".join(f"{count} x {what}" for what, count in sorted(happened.items())) or "nothing"
                out.print(f"\nDay {day}. Changes in Clever: {summary}.", markup=False)
                code = max(code, _sync_of_demo())
        with warehouse().reading() as connection:
            tables.show_answers(connection, out)
            if nights:
                tables.show_changes(connection, out)
        out.print(
            f"\nThe warehouse is {warehouse().published}; analysts open it with: duckdb -readonly {warehouse().published}"
        )
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
) -> None:
    """Import Clever's API v3 migration CSVs (columns role_id and user_id) into the crosswalk, or revert an import."""
    with _publishing():
        from assets.cli import reports
        from assets.cli.display import display
        from assets.resources import warehouse
        from pipelines.identity import migration

        here = warehouse()
        if show:
            with here.reading() as connection:
                reports.show_imports(connection, out)
            raise typer.Exit(0)
        if not files and take_back is None:
            _end("Name the CSV files or the zip to import, or use --list or --take-back.", WRONG_USAGE)
        if not files:
            with display(out) as progress:
                left = migration.take_back(here, str(take_back), str(uuid.uuid4()), progress)
            out.print(
                f"Reverted import {take_back}: {left:,} links removed from the crosswalk; published.", markup=False
            )
            raise typer.Exit(0)
        report_file = report or here.new_report("import-migration")
        with display(out) as progress:
            result = migration.import_migration(
                here, files, str(uuid.uuid4()), replaced=take_back, report_file=report_file, report=progress
            )
        reports.show_import(result, report_file, out)


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
) -> None:
    """Show the v3 ID that an ID leads to, or each one in a file. Exit code 0: each leads to one user; 1: some do not.

    With --migrated, 0 means that nothing is left to set or to merge. 2 means that nothing was done.
    """
    with _reported_errors():
        from assets.cli import reports
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
            reports.show_resolution(what, answer, out)
            raise typer.Exit(0 if answer.is_resolved else NEEDS_ATTENTION)
        if merge_list:
            written = output or here.new_report("merge-list")
            merges = resolution.list_merges(here, Path(what), column, written)
            reports.show_merge_list(merges, written, out)
            raise typer.Exit(0 if merges.summary.is_whole else NEEDS_ATTENTION)
        written = output or here.new_report("resolve")
        summary = resolution.resolve_file(here, Path(what), column, written)
        reports.show_summary(summary, written, out)
        if migrated:
            reports.show_migrated(summary, out)
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
            help="A district to verify; can be repeated. Default: all connected districts.",
        ),
    ] = None,
    report: ReportFile = None,
) -> None:
    """Check every ID in Clever API v2.1 against the crosswalk. Exit code 0: all match; 1: some do not."""
    with _publishing():
        from assets.cli import reports
        from assets.cli.display import display
        from assets.resources import opened_app, warehouse
        from pipelines.identity import verification

        here = warehouse()
        report_file = report or here.new_report("verify-legacy")
        with opened_app() as app, display(out) as progress:
            result = verification.verify_legacy(
                app, here, str(uuid.uuid4()), district or [], report_file=report_file, report=progress
            )
        reports.show_verification(result, report_file, out)
        raise typer.Exit(0 if result.succeeded else NEEDS_ATTENTION)


def _settings_of(url: str) -> dict[str, str]:
    return {
        "CLEVER_API_URL": url,
        "CLEVER_OAUTH_URL": url,
        "CLEVER_CLIENT_ID": "sandbox",
        "CLEVER_CLIENT_SECRET": "sandbox",
    }
