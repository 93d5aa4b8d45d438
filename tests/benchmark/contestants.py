"""Who competes, how is each run, and is its result right?"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import duckdb

from tests.benchmark.measure import Cost, cost_of, said
from tests.benchmark.serving import ALL, PRODUCT, ROOT, USERS, Served

ROLES = ("student", "teacher", "staff", "district_admin", "contact")


class WrongResultError(Exception):
    """A contestant did not load what is served; the text says what differs."""


def dlt(server: Served, folder: Path, how: str) -> Cost:
    """Load /users of the first district with dlt: with its ``defaults``, or tuned by ``settings``, or by ``code`` too."""
    command = ["-m", "tests.benchmark.load_with_dlt", server.url, server.tokens[0], str(folder), how]
    cost = cost_of([sys.executable, *command], _environment({"PYTHONPATH": str(ROOT)}), folder)
    with duckdb.connect(str(folder / "roster.duckdb"), read_only=True) as connection:
        connection.execute("USE clever")
        columns = [name for name, *_ in connection.execute("DESCRIBE users").fetchall()]
        roles = " + ".join(
            f"count(coalesce({', '.join(f'CAST({name} AS VARCHAR)' for name in columns if name.startswith(f'roles__{role}__'))}))"
            for role in ROLES
        )
        _check(server, connection, f"SELECT {roles} FROM users")
    return cost


def bare(server: Served, folder: Path, how: str) -> Cost:
    """Load all districts without any safety: the ``narrow`` tables of earlier versions, or the ``wide`` ones."""
    command = ["-m", "tests.benchmark.load_bare", server.url, ",".join(server.tokens), str(folder), how]
    cost = cost_of([sys.executable, *command], _environment({"PYTHONPATH": str(ROOT)}), folder)
    with duckdb.connect(str(folder / "roster.duckdb"), read_only=True) as connection:
        _check(server, connection, "SELECT count(*) FROM user_roles")
        if how == "wide":
            _check_roles(server, connection)
    return cost


def sync(
    server: Served,
    folder: Path,
    outcome: str,
    records: str = USERS,
    mode: str = "full",
    *,
    is_encrypted: bool = False,
) -> Cost:
    """Run our command, which must have this mode and outcome in every district. It starts from what an earlier one left in the folder.

    Args:
        server: what is synced.
        folder: of the command.
        outcome: applied or unchanged.
        records: CLEVER_RECORDS, ``users`` or ``all``.
        mode: full or events.
        is_encrypted: whether CLEVER_ENCRYPTION_KEY_FILE is set.
    """
    key_file = folder / "key" if is_encrypted else None
    settings = {
        "CLEVER_API_URL": server.url,
        "CLEVER_OAUTH_URL": server.url,
        "CLEVER_CLIENT_ID": "sandbox",
        "CLEVER_CLIENT_SECRET": "sandbox",
        "CLEVER_RECORDS": records,
        "CLEVER_WAREHOUSE_DIR": str(folder / "warehouse"),
        "DAGSTER_HOME": str(_dagster_home(folder)),
        "CLEVER_ENCRYPTION_KEY_FILE": str(key_file or ""),
    }
    command = [str(PRODUCT / "clever-warehouse"), "sync", "--mode", mode]
    cost = cost_of(command, _environment(settings), folder)
    with _opened(published(folder), key_file) as connection:
        _check(server, connection, "SELECT count(*) FROM user_roles")
        _check_roles(server, connection)
        if records == ALL:
            _check_sections(server, connection)
        last = """
            SELECT mode, outcome, count(*) FROM sync.runs
            WHERE sync_id = (SELECT max_by(sync_id, finished_at) FROM sync.runs)
            GROUP BY ALL
        """
        outcomes = connection.execute(last).fetchall()
        if outcomes != [(mode, outcome, server.districts)]:
            raise WrongResultError(f"outcomes {outcomes} instead of {server.districts} times {mode}, {outcome}")
    return cost


def empty_job(folder: Path) -> Cost:
    """Run a Dagster job with nothing in it, in the instance of our earlier syncs of the folder."""
    settings = {"DAGSTER_HOME": str(_dagster_home(folder)), "PYTHONPATH": str(ROOT)}
    return cost_of([str(PRODUCT / "python"), "-m", "tests.benchmark.empty_job"], _environment(settings), folder)


def views(people: int, folder: Path) -> dict[str, tuple[float, float]]:
    """Return for each view the processor seconds of writing it to a table, and those of the same query over Parquet files."""
    command = [str(PRODUCT / "python"), "-m", "tests.benchmark.views", "--people", str(people), "--json"]
    cost_of(command, _environment({"PYTHONPATH": str(ROOT)}), folder)
    measured = json.loads(said(folder))
    return {view: (seconds, floor) for view, (seconds, floor) in measured.items()}


def _dagster_home(folder: Path) -> Path:
    return folder / "dagster"


def published(folder: Path) -> Path:
    """The file that our command publishes."""
    return folder / "warehouse" / "warehouse.duckdb"


def _opened(file: Path, key_file: Path | None) -> duckdb.DuckDBPyConnection:
    if key_file is None:
        return duckdb.connect(str(file), read_only=True)
    connection = duckdb.connect()
    connection.execute(
        f"ATTACH '{file}' AS warehouse (READ_ONLY, ENCRYPTION_KEY ?)", [key_file.read_text(encoding="ascii").strip()]
    )
    connection.execute("USE warehouse")
    return connection


def _check(server: Served, connection: duckdb.DuckDBPyConnection, roles: str) -> None:
    people = "SELECT count(*), count(*) FILTER (ends_with(email, ?)) FROM users"
    users, emails = connection.execute(people, [f"@{server.truth.mark}"]).fetchall()[0]
    found = users, connection.execute(roles).fetchall()[0][0], emails
    right = server.truth.users, server.truth.roles, server.truth.emails
    if found != right:
        raise WrongResultError(f"users, roles and changed e-mail addresses are {found} instead of {right}")


def _check_roles(server: Served, connection: duckdb.DuckDBPyConnection) -> None:
    """Count what has changed in the tables of single roles."""
    changed = """
        SELECT
            (SELECT count(*) FROM students WHERE ends_with(location_address, $mark)),
            (SELECT count(*) FROM contacts WHERE ends_with(phone, $mark))
    """
    found = connection.execute(changed, {"mark": f"@{server.truth.mark}"}).fetchall()[0]
    right = server.truth.addresses, server.truth.phones
    if found != right:
        raise WrongResultError(f"changed addresses and phones are {found} instead of {right}")


def _check_sections(server: Served, connection: duckdb.DuckDBPyConnection) -> None:
    """Count the sections, who is in them, and what has changed."""
    counted = """
        SELECT
            (SELECT count(*) FROM sections),
            (SELECT count(*) FROM section_students) + (SELECT count(*) FROM section_teachers),
            (SELECT count(*) FROM sections WHERE ends_with(name, $mark))
    """
    found = connection.execute(counted, {"mark": f"@{server.truth.mark}"}).fetchall()[0]
    right = server.truth.sections, server.truth.members, server.truth.names
    if found != right:
        raise WrongResultError(f"sections, their members and changed names are {found} instead of {right}")


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment without the settings of a real district or instance."""
    own = ("CLEVER_", "DAGSTER_", "DLT_", "DESTINATION__", "SOURCES__", "NORMALIZE__", "LOAD__", "EXTRACT__")
    return {name: value for name, value in os.environ.items() if not name.startswith(own)} | dict(settings)
