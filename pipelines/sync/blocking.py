"""Whom a sync leaves out although Clever shares them: the people who were purged and blocked."""

from collections.abc import Collection
from contextlib import closing

from pipelines.clever import Blocked
from pipelines.warehouse import NothingPublishedError, Session, Warehouse, keys
from pipelines.warehouse.errors import KeyFileError, OlderSchemaError
from pipelines.warehouse.statements import statement


def blocked_in(warehouse: Warehouse, session: Session) -> Blocked | None:
    """The blocked IDs of a warehouse; None if there are none.

    Raises:
        KeyFileError: there are some, and the key of their hashes cannot be read.
    """
    return _blocked(warehouse, [id_hash for (id_hash,) in session.rows("purge/blocked")])


def published_blocked_in(warehouse: Warehouse) -> Blocked | None:
    """The blocked IDs, as published, for what is read before the work database is opened; None if there are none.

    Raises:
        KeyFileError: there are some, and the key of their hashes cannot be read.
        WarehouseError: what is published cannot be read.
    """
    try:
        with closing(warehouse.reading()) as connection:
            found = connection.execute(statement("purge/blocked")).fetchall()
    except (NothingPublishedError, OlderSchemaError):
        return None  # an earlier version, which the next write migrates, is no reason to refuse
    return _blocked(warehouse, [str(id_hash) for (id_hash,) in found])


def _blocked(warehouse: Warehouse, hashes: Collection[str]) -> Blocked | None:
    if not hashes:
        return None
    if not warehouse.purge_key.exists():
        message = (
            f"{warehouse.purge_key} is gone. It has the key by which blocked people are recognized, so nothing was read or purged. "
            "Restore it from a backup, or copy it from the machine on which they were blocked."
        )
        raise KeyFileError(message)
    return Blocked(hashes, keys.read(warehouse.purge_key))
