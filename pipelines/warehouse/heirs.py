"""How the living heir of every ID is kept: for the IDs that a change concerns, in the transaction of that change."""

from pipelines.warehouse.session import Session

FIND = ("heirs/connected_ids", "heirs/heirs")
"""The statements that find the heirs of the temporary table changed_ids, and of all that links join with them."""

OF_CHANGED_IDS = (*FIND, "heirs/write")
"""The statements that bring sync.heirs up to date for them."""

OF_ALL_IDS = ("heirs/all_ids", *OF_CHANGED_IDS)
"""The statements that bring it up to date for every ID ever seen."""


def begin(session: Session) -> None:
    """Begin with no IDs that lead elsewhere: for a change that is no sync's."""
    session.run("heirs/no_ids")


def place_told_links(session: Session) -> None:
    """Derive the links that only migration CSVs and API v2.1 tell again, and add their IDs to those that may lead elsewhere."""
    session.run("imports/links")
    session.run("heirs/ids_of_told_links")


def find_heirs(session: Session) -> None:
    """Bring sync.heirs up to date for the IDs that may lead elsewhere, and for those that they are linked with."""
    for name in OF_CHANGED_IDS:
        session.run(name)
