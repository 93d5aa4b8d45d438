"""Which records break a data-quality rule, and where records differ from Clever's specs, as recorded."""

from collections.abc import Collection
from datetime import datetime

from pipelines.warehouse.checks import checks
from pipelines.warehouse.session import Session


class Findings:
    """The findings and the drift in the work database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, district_ids: Collection[str], observed_at: datetime) -> None:
        """Check the rows against every data-quality rule and record what breaks one in sync.findings.

        Raises:
            StatementError: the findings are as they were.
        """
        with self._session.transaction():
            self._session.insert(
                "sync.checks",
                [
                    {"check": check.name, "severity": check.severity, "description": check.description}
                    for check in checks()
                ],
            )
            self._session.run("apply/found")
            for check in checks():
                found = f"SELECT DISTINCT '{check.name}' AS \"check\", '{check.severity}' AS severity, * FROM ({check.query})"
                self._session.execute(f"INSERT INTO found BY NAME {found}", check.name)
            self._session.run("apply/findings", district_ids=list(district_ids), observed_at=observed_at)

    def open_findings(self) -> dict[str, dict[str, int]]:
        """Return, by rule and district, how many records break the rule now."""
        found: dict[str, dict[str, int]] = {}
        for check, district_id, count in self._session.rows("apply/open_findings"):
            found.setdefault(check, {})[district_id] = count
        return found

    def drift(self) -> dict[str, dict[str, int]]:
        """By what differs from Clever's specs or from before (kind and path), the records of each district that have it."""
        found: dict[str, dict[str, int]] = {}
        for what, district_id, records in self._session.rows("apply/drift"):
            found.setdefault(what, {})[district_id] = records
        return found
