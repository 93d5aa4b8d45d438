"""Whether a warehouse is asked to take in what comes from another Clever host than its districts."""

from pipelines.clever.app import CleverApp
from pipelines.progress import Notice, Report
from pipelines.warehouse import ForeignHostError, Ledger, Session, Warehouse


def require_host(app: CleverApp, warehouse: Warehouse) -> None:
    """Refuse another host by what is published, before Clever is asked for anything.

    Whatever writes is refused again, by what the work database says: another process may publish in between.

    Raises:
        ForeignHostError: the districts come from another host, and the settings do not accept it.
    """
    _require(app, warehouse, warehouse.clever_host())


def require_host_to_write(app: CleverApp, warehouse: Warehouse, session: Session, report: Report) -> None:
    """Refuse another host before anything is written; report it where it is accepted.

    Raises:
        ForeignHostError: the districts come from another host, and the settings do not accept it.
    """
    host = app.clever.host
    recorded = Ledger(session).host()
    _require(app, warehouse, recorded)
    if recorded not in {None, host}:
        report(
            Notice(
                f"The districts of this warehouse come from {recorded}, and {host} is accepted in its place, because CLEVER_HOST_CHANGE "
                "is accept. Set it back to refuse after this sync."
            )
        )


def _require(app: CleverApp, warehouse: Warehouse, recorded: str | None) -> None:
    if recorded not in {None, app.clever.host} and not warehouse.accepts_host_change:
        raise ForeignHostError(str(recorded), app.clever.host)
