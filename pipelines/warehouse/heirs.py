"""How the living heir of every ID is kept: for the IDs that a change concerns, in the transaction of that change."""

from pipelines.warehouse.session import Session


def begin(session: Session) -> None:
    """Begin with no IDs that lead elsewhere: for a change that is no sync's."""
    session.run("heirs/no_ids")


def place_told_links(session: Session) -> None:
    """Derive the links that only migration CSVs and API v2.1 tell again, and add their IDs to those that may lead elsewhere."""
    session.run("imports/links")
    session.run("heirs/ids_of_told_links")


def find_heirs(session: Session) -> None:
    """Bring sync.heirs up to date for the IDs that may lead elsewhere, and for those that they are linked with."""
    session.run("heirs/connected_ids")
    session.run("heirs/heirs")
