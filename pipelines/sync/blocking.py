"""Whom a sync leaves out although Clever shares them: the people who were purged and blocked."""

from pipelines.clever import Blocked
from pipelines.warehouse import Session, Warehouse, keys


def blocked_in(warehouse: Warehouse, session: Session) -> Blocked | None:
    """The blocked IDs of a warehouse; None if there are none.

    Raises:
        KeyFileError: there are some, and the key of their hashes cannot be read.
    """
    hashes = [id_hash for (id_hash,) in session.rows("purge/blocked")]
    return Blocked(hashes, keys.read(warehouse.purge_key)) if hashes else None
