"""The command clever-warehouse: what a person or a scheduler runs from a terminal."""

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
"""Columns that a table may take, so that ids and headings are never cut; a narrower terminal folds the lines."""

out = Console(highlight=False, soft_wrap=True, width=WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)

WRONG_USAGE = 2
"""Exit code: a setting or an option cannot be used; nothing was begun."""
NOT_ALL_WELL = 1
"""Exit code: some district failed or is held, or Clever refused."""

command = typer.Typer(
    name="clever-warehouse",
    help="Sync Clever rosters into a DuckDB warehouse.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command; what can go wrong ends in one sentence and an exit code."""
    make_standard_streams_lossy()
    # Importing Dagster makes many objects that live as long as the process: looking through them for garbage, while they
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
def _sentences() -> Iterator[None]:
    """Errors that a person can act on end in their sentence, not in a traceback."""
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
        _end(str(error), NOT_ALL_WELL)
    except OSError as error:
        _end(f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}.", NOT_ALL_WELL)


@contextmanager
def _publishing() -> Iterator[None]:
    """For commands that may publish: a signal ends them before they publish, or not at all."""
    with interruption.deferred(), _sentences():
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
        help="A district to sync; may be given again. Default: every connected one.",
    ),
]


@command.command()
def sync(
    district: Districts = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what a sync would change.")] = False,  # noqa: FBT002
) -> None:
    """Sync Clever into the warehouse: every connected district, or those that are named."""
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
    """What the warehouse holds, and what came of the last sync of each district."""
    with _sentences():
        from assets.cli import tables
        from assets.resources import warehouse

        with warehouse().reading() as connection:
            tables.show_status(connection, out)


@command.command()
def holds() -> None:
    """List snapshots waiting for approval, and past decisions."""
    with _sentences():
        from assets.cli import tables
        from assets.resources import warehouse

        with warehouse().reading() as connection:
            tables.show_holds(connection, out)


Digest = Annotated[str, typer.Option("--digest", metavar="D", help="Digest of the held snapshot, as `holds` shows it.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the decision.")]
DistrictId = Annotated[str, typer.Argument(metavar="DISTRICT", parser=_district, help="Clever id of the district.")]


@command.command()
def approve(district: DistrictId, digest: Digest, reason: Reason) -> None:
    """Approve a held snapshot: it is applied and published immediately."""
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
                "Approved. The landing is no longer whole: the next sync applies it, if Clever still shows the same."
            )
        else:
            out.print(f"Approved, applied and published; people: {outcome.counts}.")


@command.command()
def reject(district: DistrictId, digest: Digest, reason: Reason) -> None:
    """Reject a held snapshot: it stays unapplied for as long as Clever shows it."""
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
        out.print("Rejected: the snapshot stays unapplied for as long as Clever shows it.")


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
        str | None, typer.Option("--to", metavar="FILE", help="A kept file, as --list names it. Default: the newest.")
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="Only list the kept files and what each would undo.")] = False,  # noqa: FBT002
) -> None:
    """Publish the file that was published before the present one, or an earlier one."""
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
            _end(f"No kept file is called {to}; `clever-warehouse rollback --list` shows them.", WRONG_USAGE)
        if chosen is None:
            _end(
                "No earlier file is kept, so nothing was changed: one is kept whenever a sync changes something "
                "(CLEVER_KEEP_PUBLISHED says how many).",
                NOT_ALL_WELL,
            )
        with display(out) as progress:
            here.roll_back(chosen, progress)
        out.print(
            f"The file of {chosen.stem} is published again, with the history it had: versions, links and findings of later syncs "
            "are gone from the tables, and so are later decisions, imports and verifications. The next sync compares Clever with this "
            "state and continues from it, so stop the schedule first if Clever still shows what you rolled back.",
            markup=False,
        )


PORT = typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)
DISTRICTS = typer.Option(help="How many districts.", min=1)
USERS = typer.Option(help="How many people each district has.", min=1)
SEED = typer.Option(help="Another number makes other people.")


@command.command()
def sandbox(
    port: Annotated[int, PORT] = 8765,
    districts: Annotated[int, DISTRICTS] = 1,
    users: Annotated[int, USERS] = 500,
    seed: Annotated[int, SEED] = 0,
) -> None:
    """Serve a fake Clever API on this machine, to try and to test with. Ends with Ctrl-C."""
    with _sentences():
        from pipelines.sandbox import Sandbox

        _collect_garbage_again()
        box = Sandbox(districts=districts, users=users, seed=seed)
        box.prepare()
        with box.serve(port) as server:
            out.print(
                f"A fake Clever API (districts: {districts}, people in each: {users}) listens on {server.url}. To use it:",
                markup=False,
            )
            for name, value in _settings_of(server.url).items():
                out.print(f"export {name}={value}", markup=False)
            out.print("Ctrl-C ends it.")
            sys.stdout.flush()
            server.wait()


@command.command()
def ui(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 3000,
) -> None:
    """Open the Dagster UI with the settings and the Dagster instance of this command. Press Ctrl-C to stop."""
    with _sentences():
        from assets.cli.ui import start

        start(host, port)


@command.command()
def demo(
    districts: Annotated[int, DISTRICTS] = 2,
    users: Annotated[int, USERS] = 2000,
    seed: Annotated[int, SEED] = 0,
    nights: Annotated[int, typer.Option(help="How many nights of changes follow, each with a sync.", min=0)] = 0,
    folder: Annotated[Path, typer.Option("--dir", help="Where the demo's warehouse is kept.")] = Path("data/demo"),
) -> None:
    """Try it all: a fake Clever API, a sync of it, and a few answers from the warehouse."""
    with _sentences():
        from assets.cli import tables
        from assets.resources import warehouse
        from pipelines.sandbox import Sandbox

        _collect_garbage_again()
        box = Sandbox(districts=districts, users=users, seed=seed)
        out.print(f"Making a Clever up (districts: {districts}, people in each: {users}) ...", markup=False)
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
            for night in range(1, nights + 1):
                happened = Counter(happening.what for happening in box.advance())
                told = ", ".join(f"{count} x {what}" for what, count in sorted(happened.items())) or "nothing"
                out.print(f"\nNight {night}. What happened at Clever: {told}.", markup=False)
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
    show: Annotated[bool, typer.Option("--list", help="Only list the imports.")] = False,  # noqa: FBT002
    take_back: Annotated[
        str | None,
        typer.Option(
            "--take-back",
            metavar="IMPORT",
            help="Take back an import, as --list names it; with FILE..., the files take its place.",
        ),
    ] = None,
) -> None:
    """Import Clever's API v3 migration CSVs (columns role_id and user_id) into the crosswalk, or take an import back."""
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
            _end("Name the CSV files or the zip to import, or --list, or --take-back.", WRONG_USAGE)
        if not files:
            with display(out) as progress:
                left = migration.take_back(here, str(take_back), str(uuid.uuid4()), progress)
            out.print(f"Import {take_back} is taken back: {left:,} links left the crosswalk; published.", markup=False)
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
    with _sentences():
        from assets.cli import reports
        from assets.resources import warehouse
        from pipelines.identity import resolution

        here = warehouse()
        is_file = _names_a_file(what)
        if not is_file and (column or output or merge_list or migrated):
            _end(f"{what} is no file: --column, --output, --merge-list and --migrated are for a CSV file.", WRONG_USAGE)
        if merge_list and migrated:
            _end("Give --merge-list before the accounts are merged, and --migrated afterwards, not both.", WRONG_USAGE)
        if not is_file:
            answer = resolution.resolve_one(here, what)
            reports.show_answer(what, answer, out)
            raise typer.Exit(0 if answer.is_resolved else NOT_ALL_WELL)
        if merge_list:
            written = output or here.new_report("merge-list")
            merges = resolution.list_merges(here, Path(what), column, written)
            reports.show_merge_list(merges, written, out)
            raise typer.Exit(0 if merges.proof.is_whole else NOT_ALL_WELL)
        written = output or here.new_report("resolve")
        proof = resolution.resolve_file(here, Path(what), column, written)
        reports.show_proof(proof, written, out)
        if migrated:
            reports.show_migrated(proof, out)
        raise typer.Exit(0 if (proof.is_migrated if migrated else proof.is_whole) else NOT_ALL_WELL)


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
            help="A district to verify; may be given again. Default: every connected one.",
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
        raise typer.Exit(0 if result.good else NOT_ALL_WELL)


def _settings_of(url: str) -> dict[str, str]:
    return {
        "CLEVER_API_URL": url,
        "CLEVER_OAUTH_URL": url,
        "CLEVER_CLIENT_ID": "sandbox",
        "CLEVER_CLIENT_SECRET": "sandbox",
    }
