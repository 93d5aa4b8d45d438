"""Every relation that says who an ID is, compared with the oracle and with each other."""

import shutil
from collections.abc import Collection, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from pipelines.identity.resolution import resolve_one
from pipelines.warehouse import Warehouse
from pipelines.warehouse.statements import statement
from tests.expected.identity import Answer, IdentityOracle

Row = tuple[Any, ...]

NEVER_SEEN = ("f" * 24, "0" * 24, "5f0000000000000000000000", "no ID")
"""What no roster and no import has."""

UNRESOLVED = frozenset({None, "newer", "never_seen", "not_an_id"})
"""Statuses of an ID that leads to no user."""


def disagreements(
    connection: duckdb.DuckDBPyConnection, oracle: IdentityOracle, *, people: Collection[str] = ()
) -> list[str]:
    """Name the IDs for which a relation of the published file answers otherwise than the oracle.

    Args:
        connection: the published file, read-only.
        oracle: what ought to be known.
        people: the IDs to ask for with the query of a person's identity.
    """

    def rows(query: str) -> list[Row]:
        found = connection.execute(query).fetchall()
        return [tuple(tuple(each) if isinstance(each, list) else each for each in row) for row in found]

    answers = {id_: oracle.answer(id_) for id_ in oracle.ids()}
    asked = [*answers, *NEVER_SEEN]
    connection.execute("CREATE OR REPLACE TEMP TABLE asked_ids AS SELECT unnest(?::VARCHAR[]) AS id", [asked])
    expected = {id_: (*_columns(answer), answer.is_living) for id_, answer in answers.items()}
    shown = {row[0]: row[1:] for row in rows("SELECT id, status, user_id, user_ids, is_living FROM living_heirs")}
    found = _different("living_heirs", expected, shown)
    legacy_ids = oracle.legacy_ids | {legacy_id for legacy_id, _ in oracle.entered()}
    found += _different(
        "current_user_of_legacy_id",
        {id_: _columns(answers[id_]) for id_ in legacy_ids & answers.keys()},
        {
            row[0]: row[1:]
            for row in rows("SELECT legacy_id, status, user_id, user_ids FROM current_user_of_legacy_id")
            if row[0] in legacy_ids or row[0] not in answers
        },
    )
    found += _different(
        "v3_user_id",
        {id_: oracle.answer(id_).user_id for id_ in asked},
        dict(rows("SELECT id, v3_user_id(id) FROM asked_ids")),
    )
    resolved = rows("SELECT asked_id, status, user_id, user_ids FROM resolve_legacy_ids('temp.main.asked_ids', 'id')")
    found += _different(
        "resolve_legacy_ids",
        {id_: _columns(oracle.answer(id_)) for id_ in asked},
        {id_: _resolved(status, *users) for id_, status, *users in resolved},
    )
    chains = set(rows("SELECT user_id, former_user_id, legacy_id FROM identity_chains"))
    found += _missing_and_excess("identity_chains", oracle.chains(), chains)
    for id_ in people:
        found += _missing_and_excess(
            f"identity_of_a_person({id_})", _identity(oracle, id_), _identity_shown(connection, id_)
        )
    return found


def resolve_disagreements(warehouse: Warehouse, oracle: IdentityOracle, ids: Iterable[str]) -> list[str]:
    """Name the IDs that `resolve` answers otherwise than the oracle."""
    found = {id_: resolve_one(warehouse, id_) for id_ in ids}
    return _different(
        "resolve_one",
        {id_: _columns(oracle.answer(id_)) for id_ in found},
        {
            id_: _resolved(answer.status, answer.user_id, None if answer.user_ids is None else tuple(answer.user_ids))
            for id_, answer in found.items()
        },
    )


def recomputed_differences(published: Path, folder: Path) -> list[str]:
    """Name the IDs for which sync.heirs, kept up to date by every change, differs from the same table derived anew."""
    copy = folder / "recomputed.duckdb"
    shutil.copy(published, copy)
    copy.chmod(0o600)
    try:
        with closing(duckdb.connect(str(copy))) as connection:

            def heirs() -> dict[str, Row]:
                return {row[0]: row[1:] for row in connection.execute("FROM sync.heirs").fetchall()}

            kept = heirs()
            for name in ("all_ids", "connected_ids", "heirs"):
                connection.execute(statement(f"heirs/{name}"))
            return _different("sync.heirs", heirs(), kept)
    finally:
        copy.unlink()


def _resolved(status: str | None, user_id: str | None, user_ids: tuple[str, ...] | None) -> Row:
    """Return an answer in the oracle's words, which knows no users of held snapshots: those of a newer ID are told, but lead nowhere."""
    return (None, user_id, None) if status == "newer" else (None if status in UNRESOLVED else status, user_id, user_ids)


def _columns(answer: Answer) -> Row:
    return answer.status, answer.user_id, answer.listed


def _identity(oracle: IdentityOracle, id_: str) -> set[Row]:
    """List the links of the users to whom an ID leads.

    Of living users these are the chains; of others all links that lead there, except reported ones that the API contradicts.
    """
    answer = oracle.answer(id_)
    if answer.is_living:
        return {row for row in oracle.chains() if row[0] in answer.user_ids}
    known = oracle.links | oracle.unconfirmed()
    return {
        (heir, user_id, legacy_id)
        for legacy_id, user_id in oracle.links | oracle.entered()
        if not oracle.answer(user_id).is_living
        for heir in answer.user_ids & oracle.answer(user_id).user_ids
        if (legacy_id, user_id) in known or heir in oracle.answer(legacy_id).user_ids
    }


def _identity_shown(connection: duckdb.DuckDBPyConnection, id_: str) -> set[Row]:
    text = statement("queries/identity_of_a_person")
    question = text[text.index("WITH asked") :]
    connection.execute("SET VARIABLE id = ?", [id_])
    return {(row[0], row[1], row[4]) for row in connection.execute(question).fetchall()}


def _different(what: str, expected: dict[str, Any], shown: dict[str, Any]) -> list[str]:
    found = [f"{what}: {id_} is missing, which is {expected[id_]}" for id_ in sorted(expected.keys() - shown.keys())]
    found += [f"{what}: {id_} is too many: {shown[id_]}" for id_ in sorted(shown.keys() - expected.keys())]
    found += [
        f"{what}: {id_} is {shown[id_]} instead of {expected[id_]}"
        for id_ in sorted(expected.keys() & shown.keys())
        if expected[id_] != shown[id_]
    ]
    return found


def _missing_and_excess(what: str, expected: set[Row], shown: set[Row]) -> list[str]:
    return [
        *(f"{what}: {row} is missing" for row in sorted(expected - shown)),
        *(f"{what}: {row} is too many" for row in sorted(shown - expected)),
    ]
