"""Which records break a data-quality rule, recorded."""

from collections.abc import Collection
from datetime import datetime

from pipelines.warehouse import schema
from pipelines.warehouse.checks import checks
from pipelines.warehouse.session import Session


class Findings:
    """The findings in the work database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, district_ids: Collection[str], observed_at: datetime, changed: Collection[str]) -> None:
        """Check the rows against the data-quality rules and record what breaks one in sync.findings.

        A rule that reads nothing but tables in which no row changed finds what it found, and is not evaluated.

        Args:
            district_ids: the districts that are up to date.
            observed_at: the instant of the sync.
            changed: the tables with history in which rows changed since the rules were last evaluated.

        Raises:
            StatementError: the findings are as they were.
        """
        with self._session.transaction():
            evaluated = dict(self._session.rows("apply/evaluated_checks"))
            digests = {check.name: schema.digest(check.query) for check in checks()}
            stand = [
                check.name
                for check in checks()
                if evaluated.get(check.name) == digests[check.name] and not check.may_find_others(changed)
            ]
            self._session.insert(
                "sync.checks",
                [
                    {
                        "check": check.name,
                        "severity": check.severity,
                        "description": check.description,
                        "digest": digests[check.name],
                    }
                    for check in checks()
                ],
            )
            self._session.run("apply/found", stand=stand)
            for check in checks():
                if check.name in stand:
                    continue
                found = f"SELECT DISTINCT '{check.name}' AS \"check\", '{check.severity}' AS severity, * FROM ({check.query})"
                self._session.execute(f"INSERT INTO found BY NAME {found}", check.name)
            self._session.run("apply/findings", district_ids=list(district_ids), observed_at=observed_at)
