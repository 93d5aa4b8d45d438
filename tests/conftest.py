"""What the tests of the whole way stand on: a served sandbox, and a warehouse on trial that is synced from it.

Run as a program (``python tests/conftest.py URL FOLDER``), it syncs again and again and tells what it does, so that a test
can kill it; CLEVER_ENCRYPTION_KEY_FILE names the key.
"""

import atexit
import contextlib
import copy
import hashlib
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, settings

from pipelines.clever import STREAMS, USERS, Clever, ClientCredentials, DistrictTokens, RetryPolicy
from pipelines.clever.app import DEFAULT_RECORDS, CleverApp
from pipelines.progress import Event, Report, silent
from pipelines.sandbox import RunningServer
from pipelines.sync import FULL, LimitsByDistrict, Outcome, SyncResult, sync
from pipelines.warehouse import MachineClock, Warehouse, machine_clock, schema, store
from pipelines.warehouse.database import copy_database
from tests.expected import school_tables
from tests.expected.regular import canonical, parse
from tests.expected.sandbox import PER_RESOURCE, SCHOOL_STREAMS, Sandbox
from tests.expected.school_tables import School
from tests.expected.truth import Truth

settings.register_profile(
    "ci", max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("soak", max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

IN_MEMORY = Path("/dev/shm")
"""The file system in memory that Linux has: the databases of the tests are synced to disk thousands of times."""

ROOM_IN_MEMORY = 2 * 2**30
"""The free bytes that the tests of all processes need at a time; a container may have less."""

QUICK = RetryPolicy(first=0.01, cap=0.05, deadline=5, unreachable=0.2, tries=3)
"""The patience of the tests."""

PLENTY = 10**9
"""More requests per minute than any test makes."""

DEFAULT_STREAMS = tuple(stream for stream in STREAMS if stream.record_type in DEFAULT_RECORDS)
"""The lists that are read unless others are asked for."""

Row = tuple[Any, ...]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave all but some variants of a test to the long searches, where the mark ``variants`` says how many are enough.

    Those that stay are spread evenly over the parameters.
    """
    by_test: dict[object, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("variants"):
            by_test.setdefault(getattr(item, "function", None), []).append(item)
    for variants in by_test.values():
        (enough,) = next(variants[0].iter_markers("variants")).args
        stay = {number * len(variants) // enough for number in range(enough)}
        for number, item in enumerate(variants):
            if number not in stay:
                item.add_marker("search")


def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are cores: each waits now and then, for a server or a process that it has started."""
    return (os.cpu_count() or 1) + 1


def pytest_configure() -> None:
    """Keep the files of the tests in memory where there is room; PYTEST_DEBUG_TEMPROOT says otherwise."""
    if os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free >= ROOM_IN_MEMORY:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


def synced(
    clever: Clever,
    warehouse: Warehouse,
    *,
    asked: list[str] | None = None,
    sync_id: str,
    limits: LimitsByDistrict,
    report: Report,
    preview: bool = False,
    records: Collection[str] = DEFAULT_RECORDS,
    mode: str = FULL,
) -> SyncResult:
    """Sync; the only place of the tests that does.

    Args:
        clever: whom to ask.
        warehouse: where to keep it.
        asked: the districts; all connected ones if None.
        sync_id: of this sync.
        limits: above which a change is held.
        report: told what happens.
        preview: whether only to find what would change.
        records: the record types to sync.
        mode: FULL or EVENTS.
    """
    app = CleverApp(clever, records)
    if asked is None:
        asked = [district.id for district in app.districts]
    return sync(app, warehouse, sync_id, asked, limits=limits, report=report, preview=preview, mode=mode)


@dataclass
class Trial:
    """A warehouse in a folder of its own, and the sandbox that it is synced from."""

    sandbox: Sandbox
    url: str
    folder: Path
    events: list[Event] = field(default_factory=list)
    """What all syncs told."""
    limits: LimitsByDistrict = field(default_factory=LimitsByDistrict)
    page_limit: int = 10_000
    version: str = "v3.0"
    """The version of Clever's API."""
    credentials: ClientCredentials | DistrictTokens = field(
        default_factory=lambda: ClientCredentials("sandbox", "sandbox")
    )
    records: Collection[str] = DEFAULT_RECORDS
    """The record types to sync."""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    clock: MachineClock = machine_clock
    accepts_host_change: bool = False
    """Whether syncs may read from another Clever host than the districts come from."""
    key_file: Path | None = None
    """The file of the key that encrypts the warehouse."""
    _opened: duckdb.DuckDBPyConnection | None = None

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse, opened by no one yet."""
        return Warehouse(
            self.folder, key_file=self.key_file, clock=self.clock, accepts_host_change=self.accepts_host_change
        )

    @property
    def districts(self) -> list[str]:
        """The ids of the connected districts, in ascending order."""
        return sorted(self.sandbox.districts)

    def clever(self) -> Clever:
        """Return an impatient client of the sandbox."""
        return Clever(
            self.url,
            self.url,
            self.version,
            self.credentials,
            page_limit=self.page_limit,
            retry_policy=QUICK,
            requests_per_minute=PLENTY,
        )

    def sync(
        self,
        *asked: str,
        sync_id: str | None = None,
        report: Report | None = None,
        preview: bool = False,
        mode: str = FULL,
    ) -> SyncResult:
        """Sync some districts, or all that are connected; or only find what that would change.

        The first sync of a sandbox that shows what another one showed in its first sync, to the byte, is a copy of what that left.
        """
        is_plain = not (asked or report or preview or self.key_file) and mode == FULL and self.clock is machine_clock
        is_new = not self.folder.exists() or not any(self.folder.iterdir())
        shown = self._shown(sync_id) if is_plain and is_new and not _PATCHED else None
        if shown is None:
            return self._sync(*asked, sync_id=sync_id, report=report, preview=preview, mode=mode)
        if shown not in _FIRST:
            already, requests = len(self.events), len(self.sandbox.requests)
            result = self._sync(sync_id=sync_id)
            kept = Path(tempfile.mkdtemp(dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
            atexit.register(shutil.rmtree, kept, ignore_errors=True)
            _FIRST[shown] = _First(
                shutil.copytree(self.folder, kept / "synced"),
                copy.deepcopy(result),
                self.events[already:],
                list(self.sandbox.requests)[requests:],
                dict(self.sandbox.hashes),
            )
            if len(_FIRST) > FIRST_SYNCS:
                oldest = next(iter(_FIRST))
                shutil.rmtree(_FIRST.pop(oldest).folder)
            return result
        first = _FIRST[shown] = _FIRST.pop(shown)
        shutil.copytree(first.folder, self.folder, dirs_exist_ok=True)
        self.events += first.events
        self.sandbox.requests.extend(first.requests)
        self.sandbox.hashes |= first.hashes
        if sync_id is None:
            next(self.numbers)
        return copy.deepcopy(first.result)

    def _shown(self, sync_id: str | None) -> str | None:
        """What the sandbox shows and how it is read, as a digest; None if it would not simply show it."""
        sandbox = self.sandbox
        if any(sandbox.faults):
            return None
        streams = (USERS.name, *SCHOOL_STREAMS, *PER_RESOURCE)
        content = [
            list(sandbox._items(district.id, self.version, stream))
            for district in sandbox.all_districts()
            for stream in streams
        ]
        settings = [_plain(sandbox), *map(_plain, sandbox.all_districts())]
        how = (
            sync_id,
            self.url,
            self.version,
            self.page_limit,
            self.credentials,
            self.limits,
            self.records,
            self.accepts_host_change,
        )
        events = [sandbox.events(self.version, district) for district in self.districts]
        return hashlib.sha256(repr((content, settings, how, events)).encode()).hexdigest()

    def _sync(
        self, *asked: str, sync_id: str | None = None, report: Report | None = None, **options: Any
    ) -> SyncResult:
        with self.clever() as clever:
            return synced(
                clever,
                self.warehouse,
                asked=list(asked) or None,
                sync_id=sync_id or f"sync-{next(self.numbers)}",
                limits=self.limits,
                report=report or self.events.append,
                records=self.records,
                **options,
            )

    def come_from(self, host: str) -> None:
        """Let the districts of the published file and of the work database come from another Clever host."""
        for file in (self.warehouse.published, self.folder / "state" / "work.duckdb"):
            mode, times = file.stat().st_mode, file.stat()
            file.chmod(0o600)
            with contextlib.closing(duckdb.connect(str(file))) as connection:
                connection.execute("UPDATE sync.clever_hosts SET host = ?", [host])
            file.chmod(mode)
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    @property
    def publishes_lines(self) -> bool:
        """Whether what is published says by what each record is recognized in the next sync."""
        return True

    @property
    def program(self) -> list[str]:
        """The command of a process that syncs again and again, and says what it does."""
        return [sys.executable, __file__, self.url, str(self.folder), *self.records]

    def undo(self) -> None:
        """Publish again what was published before the last sync that changed something."""
        self.warehouse.roll_back(self.warehouse.kept_files()[0], silent)

    def outcomes(self, *asked: str, sync_id: str | None = None, mode: str = FULL) -> list[str]:
        """Sync, and tell what came of each district."""
        return [outcome.outcome for outcome in self.sync(*asked, sync_id=sync_id, mode=mode).outcomes]

    def outcome(self, district_id: str | None = None, *, sync_id: str | None = None, mode: str = FULL) -> Outcome:
        """Sync one district, the first unless told otherwise, and give what came of it."""
        (outcome,) = self.sync(district_id or self.districts[0], sync_id=sync_id, mode=mode).outcomes
        return outcome

    def rows(self, query: str, *parameters: object) -> list[Row]:
        """Ask the published file; lists come as tuples."""
        with self._reading() as connection:
            found = connection.execute(query, list(parameters)).fetchall()
        return [tuple(tuple(value) if isinstance(value, list) else value for value in row) for row in found]

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to the published file; the same one for all queries of a comparison."""
        if self._opened is not None:
            yield self._opened
            return
        self._opened = self.warehouse.reading()
        try:
            yield self._opened
        finally:
            self._opened.close()
            self._opened = None

    def value(self, query: str, *parameters: object) -> Any:
        """Ask the published file for one value."""
        ((value,),) = self.rows(query, *parameters)
        return value

    def digest(self, query: str, *parameters: object) -> str:
        """Ask the published file, and give a digest of the answer in place of people's data."""
        return hashlib.sha256(repr(self.rows(query, *parameters)).encode()).hexdigest()

    def wrong(self, district_id: str | None = None, *, truth: Truth | None = None) -> list[str]:
        """Name what differs from the sandbox's truth, or an earlier one: tables, keys and columns, never values."""
        with self._reading():
            return self._wrong(district_id, truth=truth)

    def _wrong(self, district_id: str | None, *, truth: Truth | None) -> list[str]:
        of_schools = self.wrong_schools(*([district_id] if district_id else self.districts)) if truth is None else []
        truth = truth or self.sandbox.truth(district_id, self.version)
        where = "true" if district_id is None else f"district_id = '{district_id}'"
        if district_id is None:
            listed = ", ".join(f"'{each}'" for each in self.districts)
            where = f"district_id IN ({listed})" if listed else "false"
        found: list[str] = []
        for table, key, expected in (
            ("users", 2, truth.users),
            ("user_roles", 3, truth.user_roles),
            ("legacy_id_crosswalk", 4, truth.crosswalk),
        ):
            columns = list((expected or [_EMPTY[table]])[0]._fields)
            current = " AND is_current" if table == "legacy_id_crosswalk" else ""
            shown = self.rows(f"SELECT {', '.join(columns)} FROM {table} WHERE {where}{current}")
            found += _differences(table, key, columns, shown, [tuple(row) for row in expected])
        return found + of_schools

    def wrong_schools(self, *district_ids: str, school: School | None = None) -> list[str]:
        """Name the rows of the tables of schools that differ from what these districts show, or showed: tables and keys."""
        found = []
        for district_id in district_ids:
            streams = {*SCHOOL_STREAMS, *PER_RESOURCE} & {*self.records}
            expected = (school or self.sandbox.school(district_id, self.version, streams)).tables
            for table, rows in expected.items():
                columns = school_tables.COLUMNS[table]
                listed = (*columns.key, *columns.values, *columns.operational)
                shown = {}
                for *values, extra in self.rows(
                    f"SELECT {', '.join(listed)}, extra FROM {table} WHERE district_id = ?", district_id
                ):
                    row = dict(zip(listed, values, strict=True))
                    if "ext" in row:
                        row["ext"] = row["ext"] and parse(row["ext"])
                    shown[columns.key_of(row)] = columns.row_of(row, canonical(extra and parse(extra)))
                keys = shown.keys() | rows.keys()
                found += [f"{table}: {district_id} {key}" for key in keys if shown.get(key) != rows.get(key)]
        return sorted(found)

    def fingerprint(self) -> dict[str, str]:
        """Digest what the published file holds, table by table, times of seeing left out."""
        return {name: self.digest(query) for name, query in FINGERPRINTED.items()}

    def person(self, role: str | None = None, number: int = 0) -> str:
        """Return the id of someone in the first district, who holds exactly this role if one is named."""
        roster = self.sandbox.roster(self.districts[0])
        return [user_id for user_id in roster.ids(role) if role is None or roster.roles(user_id) == (role,)][number]


@dataclass
class _First:
    """What a first sync left."""

    folder: Path
    result: SyncResult
    events: list[Event]
    requests: list[Any]
    hashes: dict[tuple[str, str, str], int]


LOOSE = store.LOOSE
NEVER_LOOSE = 1_000
"""How many times as large as a compact copy no work database of a test becomes."""

FIRST_SYNCS = 6
"""First syncs that a process keeps, of some 30 MB each."""

_FIRST: dict[str, _First] = {}
"""By what the sandbox showed, the last first syncs."""

_PATCHED: set[int] = set()
"""The patches in force, besides those for all tests: a first sync under a patch is one of its own."""


def _plain(thing: object) -> dict[str, object]:
    """The attributes of an object that are settings: neither objects nor what grows with requests."""
    kinds = (bool, int, float, str, type(None), set, frozenset, list, dict, tuple)
    return {
        name: value
        for name, value in vars(thing).items()
        if isinstance(value, kinds)
        and name not in {"hashes", "_districts", "_by_mark", "_by_token"}
        and " object at " not in repr(value)
    }


FINGERPRINTED = {
    "users": "SELECT * EXCLUDE (first_seen_at, valid_from, change) FROM users ORDER BY user_id, district_id",
    "user_roles": "SELECT * EXCLUDE (first_seen_at, valid_from, change) FROM user_roles ORDER BY user_id, role, district_id",
    "legacy_id_crosswalk": (
        "SELECT district_id, role, legacy_id, user_id, is_current, end_reason, source FROM legacy_id_crosswalk ORDER BY ALL"
    ),
    "past.past_users": (
        "SELECT * EXCLUDE (first_seen_at, valid_from, valid_to, last_modified_at) FROM past.past_users "
        "ORDER BY user_id, district_id, valid_from"
    ),
    "past.past_user_roles": (
        "SELECT * EXCLUDE (first_seen_at, valid_from, valid_to) FROM past.past_user_roles "
        "ORDER BY user_id, role, district_id, valid_from"
    ),
}


def shape(file: Path) -> dict[str, Any]:
    """Describe the tables, views and macros of a file, with keys and comments; the order of columns left out.

    DuckDB writes the columns of EXCLUDE in no fixed order, so the words of a macro are compared sorted.
    """
    queries = {
        "columns": "SELECT schema_name, table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal",
        "keys": "SELECT schema_name, table_name, constraint_text FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'",
        "relations": """
            SELECT schema_name, table_name, comment FROM duckdb_tables()
            UNION ALL
            SELECT schema_name, view_name, comment FROM duckdb_views() WHERE NOT internal
        """,
        "macros": r"""
            SELECT function_name, list_sort(regexp_extract_all(macro_definition, '[^\s(),]+'))
            FROM duckdb_functions()
            WHERE NOT internal
        """,
    }
    with contextlib.closing(duckdb.connect(str(file), read_only=True)) as connection:
        return {name: sorted(connection.execute(query).fetchall(), key=repr) for name, query in queries.items()}


class _Columns:
    def __init__(self, *names: str) -> None:
        self._fields = names


_EMPTY: dict[str, Any] = {
    "users": _Columns("user_id", "district_id"),
    "user_roles": _Columns("user_id", "role", "district_id"),
    "legacy_id_crosswalk": _Columns("district_id", "role", "legacy_id", "user_id"),
}


def _differences(table: str, key: int, columns: list[str], shown: list[Row], expected: list[Row]) -> list[str]:
    there, wanted = ({row[:key]: row for row in rows} for rows in (shown, expected))
    found = [f"{table}: {len(shown) - len(there)} keys come twice"] if len(there) < len(shown) else []
    found += [f"{table}: {each} is missing" for each in sorted(wanted.keys() - there.keys())]
    found += [f"{table}: {each} is too many" for each in sorted(there.keys() - wanted.keys())]
    found += [
        f"{table}: {each}: {column} differs"
        for each in sorted(wanted.keys() & there.keys())
        for column, one, other in zip(columns, there[each], wanted[each], strict=True)
        if one != other
    ]
    return found


@pytest.fixture(scope="session", autouse=True)
def _cheap_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the tests' own processes spend no time on what is not their subject.

    DuckDB uses one thread: small rosters fill no second one, and the tests share the cores. A work database is compacted only for
    a test that asks for it (``compacted``): that takes a seventh of a small sync. And a new work database is a copy of one
    with the declared tables and no rows, made once in each process: a third of a first sync goes into its 1,700 statements.
    """
    connect = Warehouse._connect
    empty = tmp_path_factory.mktemp("empty") / "work.duckdb"

    def connected(warehouse: Warehouse) -> duckdb.DuckDBPyConnection:
        if not warehouse._work.exists():
            if not empty.exists():
                with contextlib.closing(Warehouse(empty.parent)._connect_to(empty)) as connection:
                    # Long ago: no instant of a test is earlier.
                    schema.ensure(connection, lambda: datetime(2000, 1, 1, tzinfo=UTC), lambda _: None)
                    connection.execute("CHECKPOINT")
            if warehouse.key is None:
                shutil.copyfile(empty, warehouse._work)
            else:
                copy_database(empty, warehouse._work, None, warehouse.key, store.STORAGE, {})
        connection = connect(warehouse)
        connection.execute("SET threads = 1")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Warehouse, "_connect", connected)
        patch.setattr(store, "LOOSE", NEVER_LOOSE)
        _note_patches(patch)
        yield


@pytest.fixture
def compacted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let work databases be compacted as they are."""
    monkeypatch.setattr(store, "LOOSE", LOOSE)


def _note_patches(for_all: pytest.MonkeyPatch) -> None:
    """Note which patches of attributes are in force, from here on."""
    set_attribute, undo = pytest.MonkeyPatch.setattr, pytest.MonkeyPatch.undo

    def noted(patch: pytest.MonkeyPatch, *arguments: Any, **options: Any) -> None:
        _PATCHED.add(id(patch))
        set_attribute(patch, *arguments, **options)

    def undone(patch: pytest.MonkeyPatch) -> None:
        _PATCHED.discard(id(patch))
        undo(patch)

    for_all.setattr(pytest.MonkeyPatch, "setattr", noted)
    for_all.setattr(pytest.MonkeyPatch, "undo", undone)
    _PATCHED.clear()


_PORTS: list[int] = []
"""The ports that sandboxes have had and that are free again: what a warehouse keeps of a sandbox names its port."""


@contextmanager
def _serving(made: Sandbox) -> Iterator[RunningServer]:
    """Serve a sandbox, on the port of an earlier one where that can be had."""
    try:
        server = made.serve(_PORTS.pop() if _PORTS else 0)
    except OSError:
        server = made.serve()
    with server:
        yield server
    _PORTS.append(int(server.url.rpartition(":")[2]))


Begin = Callable[..., AbstractContextManager[Trial]]


@pytest.fixture(scope="session")
def begin(tmp_path_factory: pytest.TempPathFactory) -> Begin:
    """Return a function that serves a sandbox, made from the arguments, and a new warehouse beside it."""

    @contextmanager
    def beginning(**sandbox: Any) -> Iterator[Trial]:
        made_from = {"districts": 1, "users": 40, "seed": 3, "rate_limit": PLENTY, **sandbox}
        made = Sandbox(**made_from)
        with _serving(made) as server:
            folder = tmp_path_factory.mktemp("trial")
            try:
                yield Trial(made, server.url, folder)
            finally:
                shutil.rmtree(folder)

    return beginning


@pytest.fixture
def trial(begin: Begin) -> Iterator[Trial]:
    """Return a new warehouse, and a sandbox with one district."""
    with begin() as made:
        yield made


@pytest.fixture
def two(begin: Begin) -> Iterator[Trial]:
    """Return a new warehouse, and a sandbox with two districts."""
    with begin(districts=2) as made:
        yield made


def _say(what: str) -> None:
    print(what, flush=True)  # noqa: T201 - this is how the process speaks to the test


def sync_until_killed(trial: Trial) -> None:
    """Sync again and again, and say each event on a line of its own."""
    while True:
        trial.sync(sync_id=uuid.uuid4().hex, report=lambda event: _say(repr(event)))
        _say("synced")


if __name__ == "__main__":
    trial_of_the_process = Trial(Sandbox(districts=0), sys.argv[1], Path(sys.argv[2]))
    trial_of_the_process.records = sys.argv[3:] or DEFAULT_RECORDS
    if named := os.environ.get("CLEVER_ENCRYPTION_KEY_FILE"):
        trial_of_the_process.key_file = Path(named)
    sync_until_killed(trial_of_the_process)
