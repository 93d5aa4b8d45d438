"""Finish a sync of several workers: what depends on the districts of more than one of them is found when all have ended."""

from collections.abc import Sequence
from datetime import datetime

from pipelines.progress import Report, Stage
from pipelines.sync.outcome import UP_TO_DATE
from pipelines.warehouse import Findings, Session, Warehouse, heirs


def settle(warehouse: Warehouse, sync_id: str, report: Report) -> bool:
    """Place the links that only migration CSVs and API v2.1 tell, and evaluate the rules across districts; gives whether that was needed.

    It is not needed where no ID is known in several districts and no such link is told: then the workers have done everything.

    Args:
        warehouse: The warehouse of all districts.
        sync_id: The sync that all workers have ended.
        report: Receives what goes on.

    Raises:
        WarehouseError: nothing of it was written; the next sync of all workers does the same.
    """
    if not warehouse.is_unsettled():
        return False

    def run(session: Session) -> None:
        report(Stage("checking"))
        with session.transaction():
            if session.rows("imports/any") == [(True,)]:
                heirs.begin(session)
                heirs.place_told_links(session)
                heirs.find_heirs(session)
        findings = Findings(session)
        for observed_at, district_ids in _up_to_date(session, sync_id):
            findings.find_across_districts(district_ids, observed_at)
        report(Stage("publishing"))
        session.publish()

    warehouse.write(sync_id, run, report)
    return True


def _up_to_date(session: Session, sync_id: str) -> list[tuple[datetime, Sequence[str]]]:
    """The districts that a sync brought up to date, by the instant at which their worker recorded it."""
    return session.rows("apply/up_to_date", sync_id=sync_id, outcomes=sorted(UP_TO_DATE))
