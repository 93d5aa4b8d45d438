"""The command clever-warehouse: what a person or a scheduler runs from a terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from pipelines.sandbox import RunningServer, Sandbox

PLAIN_WIDTH = 200
"""Columns of the output where it is no terminal, so that ids and tables are never cut."""

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
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
    command()


@contextmanager
def _sentences() -> Iterator[None]:
    """Errors that a person can act on end in their sentence, not in a traceback."""
    from assets.settings import SettingsError
    from pipelines.clever import CleverError
    from pipelines.warehouse import WarehouseError

    try:
        yield
    except SettingsError as error:
        _end(str(error), WRONG_USAGE)
    except (CleverError, WarehouseError, OSError) as error:
        _end(str(error), NOT_ALL_WELL)


def _end(sentence: str, code: int) -> NoReturn:
    err.print(sentence, markup=False)
    raise typer.Exit(code)


Districts = Annotated[
    list[str] | None,
    typer.Option(
        "--district", metavar="ID", help="A district to sync; may be given again. Default: every connected one."
    ),
]


@command.command()
def sync(district: Districts = None) -> None:
    """Sync Clever into the warehouse: every connected district, or those that are named."""
    with _sentences():
        from assets.syncing import sync_in_this_process

        raise typer.Exit(sync_in_this_process(district or [], out))


@command.command()
def status() -> None:
    """What the warehouse holds, and what came of the last sync of each district."""
    with _sentences():
        from assets import tables_shown
        from assets.resources import warehouse

        with warehouse().reading() as connection:
            tables_shown.show_status(connection, out)


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
    """Serve a made-up Clever on this machine, to try and to test with. Ends with Ctrl-C."""
    with _sentences():
        box = Sandbox(districts=districts, users=users, seed=seed)
        box.prepare()
        with box.serve(port) as server:
            out.print(
                f"A made-up Clever with {districts} districts of {users} people listens on {server.url}. To use it:",
                markup=False,
            )
            for name, value in _settings_of(server).items():
                out.print(f"export {name}={value}", markup=False)
            out.print("Ctrl-C ends it.")
            sys.stdout.flush()
            server.wait()


@command.command()
def demo(
    districts: Annotated[int, DISTRICTS] = 2,
    users: Annotated[int, USERS] = 2000,
    seed: Annotated[int, SEED] = 0,
    folder: Annotated[Path, typer.Option("--dir", help="Where the demo's warehouse is kept.")] = Path("data/demo"),
) -> None:
    """Try it all: a made-up Clever, a sync of it, and a few answers from the warehouse."""
    with _sentences():
        from assets import tables_shown
        from assets.resources import warehouse
        from assets.syncing import sync_in_this_process

        box = Sandbox(districts=districts, users=users, seed=seed)
        out.print(f"Making {districts} districts of {users} people up ...", markup=False)
        box.prepare()
        with box.serve() as server:
            for name in [name for name in os.environ if name.startswith("CLEVER_")]:
                del os.environ[name]
            os.environ |= {**_settings_of(server), "CLEVER_DISTRICT_TOKENS": "", "CLEVER_WAREHOUSE_DIR": str(folder)}
            code = sync_in_this_process([], out)
        with warehouse().reading() as connection:
            tables_shown.show_answers(connection, out)
        raise typer.Exit(code)


def _settings_of(server: RunningServer) -> dict[str, str]:
    return {
        "CLEVER_API_URL": server.url,
        "CLEVER_OAUTH_URL": server.url,
        "CLEVER_CLIENT_ID": "sandbox",
        "CLEVER_CLIENT_SECRET": "sandbox",
    }
