"""Which records break a data-quality rule, recorded."""

from collections.abc import Collection
from datetime import datetime

from pipelines.warehouse.checks import checks
from pipelines.warehouse.session import Session


class Findings:
    """The findings in the work database."""

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
