"""What does it cost to ask who an ID is? `make bench-identity` runs this.

A district is synced twice, the second time after some people have left and others have changed. Then each way to ask is given the
same list of IDs, in turns, beside the least that any answer takes: a hash join of the list with the crosswalk.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from assets.cli.sync import sync_in_this_process
from pipelines.warehouse.statements import statement
from tests.benchmark.year import served

MAX_TIMES_A_JOIN = 5
"""Target of a question about a whole list: processor seconds, as times those of the join."""

SHARE = 0.1
"""Of the people, who change between the two syncs; one in ten of them leaves."""

UNKNOWN = 0.02
"""Of the list, the share that no crosswalk knows."""

LIST = """
CREATE TEMP TABLE list AS
SELECT id FROM (
    SELECT legacy_id AS id, row_number() OVER (ORDER BY is_current, md5(legacy_id)) AS place FROM legacy_id_crosswalk
)
WHERE place <= $known
UNION ALL
SELECT printf('9%023x', number) FROM range($unknown) AS numbers (number)
"""
"""The IDs that are asked for: all former links, then some of the current ones, then unknown ones."""

JOIN = "SELECT count(links.user_id) FROM list JOIN legacy_id_crosswalk AS links ON links.legacy_id = list.id"

OF_A_LIST = {
    "a hash join with the crosswalk": JOIN,
    "v3_user_id": "SELECT count(v3_user_id(id)) FROM list",
    "resolve_legacy_ids": "SELECT count(user_id), count(DISTINCT reason) FROM resolve_legacy_ids('list', 'id')",
    "current_user_of_legacy_id": "SELECT count(user_id) FROM list LEFT JOIN current_user_of_legacy_id AS ids ON ids.legacy_id = list.id",
}
"""What is asked of the whole list."""

OF_ONE = {
    "v3_user_id of one ID": "SELECT v3_user_id(getvariable('id'))",
    "identity_of_a_person": statement("queries/identity_of_a_person").partition(";")[2],
}
"""What is asked of the ID of someone who left."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


@contextmanager
def _synced(people: int, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A published file after two syncs."""
    silent = Console(file=(folder / "output.txt").open("w", encoding="utf-8"))
    with served([people]) as server:
        os.environ |= {
            "CLEVER_API_URL": server.url,
            "CLEVER_OAUTH_URL": server.url,
            "CLEVER_CLIENT_ID": "sandbox",
            "CLEVER_CLIENT_SECRET": "sandbox",
            "CLEVER_RECORDS": "users",
            "CLEVER_WAREHOUSE_DIR": str(folder),
            "DAGSTER_HOME": str(folder / "dagster"),
        }
        for share in (SHARE, None):
            if sync_in_this_process([], silent) != 0:
                raise SystemExit(f"A sync failed:\n{(folder / 'output.txt').read_text(encoding='utf-8')[-2000:]}")
            if share:
                server.change(share)
    with closing(duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True)) as connection:
        yield connection


def _asked(connection: duckdb.DuckDBPyConnection, questions: dict[str, str], rounds: int) -> dict[str, float]:
    """The median of processor seconds of each question, asked in turns."""
    costs: dict[str, list[float]] = {name: [] for name in questions}
    for _ in range(rounds):
        for name, question in questions.items():
            begin = time.process_time()
            connection.execute(question).fetchall()
            costs[name].append(time.process_time() - begin)
    return {name: statistics.median(seconds) for name, seconds in costs.items()}


def main(arguments: Sequence[str]) -> int:
    """Measure, tell, and give the exit code: 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="make bench-identity", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--ids", type=int, default=1_000_000, help="of the list, at most as many as there are links")
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args(arguments)
    for name in [name for name in os.environ if name.startswith(("CLEVER_", "DAGSTER_"))]:
        del os.environ[name]
    with (
        tempfile.TemporaryDirectory(prefix="clever-identity-") as name,
        _synced(asked.people, Path(name)) as connection,
    ):
        unknown = round(asked.ids * UNKNOWN)
        connection.execute(LIST, {"known": asked.ids - unknown, "unknown": unknown})
        ((ids,),) = connection.execute("SELECT count(*) FROM list").fetchall()
        ((links,),) = connection.execute("SELECT count(*) FROM legacy_id_crosswalk").fetchall()
        ((gone,),) = connection.execute(
            "SELECT min(legacy_id) FROM legacy_id_crosswalk WHERE NOT is_current"
        ).fetchall()
        connection.execute("SET VARIABLE id = ?", [gone])
        of_list = _asked(connection, OF_A_LIST, asked.rounds)
        of_one = _asked(connection, OF_ONE, asked.rounds)
    join, *_ = of_list.values()
    table = Table(
        f"{asked.people:,} people, {links:,} links, {ids:,} IDs asked", "processor s", "times the join", "target"
    )
    for name, seconds in of_list.items():
        table.add_row(
            name, f"{seconds:.2f}", f"{seconds / join:.2f}", "" if seconds == join else f"<= {MAX_TIMES_A_JOIN}"
        )
    for name, seconds in of_one.items():
        table.add_row(name, f"{seconds:.4f}", "", "")
    out.print(table)
    return 1 if any(seconds > MAX_TIMES_A_JOIN * join for seconds in of_list.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
