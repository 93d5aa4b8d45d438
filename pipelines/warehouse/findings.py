"""Which records break a data-quality rule, recorded."""

from collections.abc import Collection, Sequence
from datetime import datetime

from pipelines.warehouse import schema
from pipelines.warehouse.checks import Check, checks
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
        # Where IDs are known in several districts, only a work database that has all of them can tell what a rule finds across them.
        asked = [check for check in checks() if self._session.is_complete or not check.is_across_districts]
        self._find(asked, district_ids, observed_at, changed)

    def find_across_districts(self, district_ids: Collection[str], observed_at: datetime) -> None:
        """Do the same for the rules that ``find`` leaves out where rows of other districts are missing.

        Raises:
            StatementError: the findings are as they were.
        """
        self._find([check for check in checks() if check.is_across_districts], district_ids, observed_at)

    def _find(
        self,
        asked: Sequence[Check],
        district_ids: Collection[str],
        observed_at: datetime,
        changed: Collection[str] | None = None,
    ) -> None:
        """Evaluate some rules, and record what they find; the findings of others stay as they are."""
        with self._session.transaction():
            evaluated = dict(self._session.rows("apply/evaluated_checks"))
            digests = {check.name: schema.digest(check.query) for check in checks()}
            stand = [
                check.name
                for check in asked
                if changed is not None
                and evaluated.get(check.name) == digests[check.name]
                and not check.may_find_others(changed)
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
            for check in asked:
                if check.name in stand:
                    continue
                found = f"SELECT DISTINCT '{check.name}' AS \"check\", '{check.severity}' AS severity, * FROM ({check.query})"
                self._session.execute(f"INSERT INTO found BY NAME {found}", check.name)
            self._session.run(
                "apply/findings",
                left_out=[check.name for check in checks() if check not in asked],
                district_ids=list(district_ids),
                observed_at=observed_at,
            )
